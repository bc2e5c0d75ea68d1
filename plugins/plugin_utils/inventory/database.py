# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What WordPress wants of a database has to be what the database's host of the inventory gives it. Passwords are not looked at."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Iterable, List, Mapping, Tuple

from .estate import Estate, within
from .openings import admits
from .services import VirtualService
from .values import UnusableError, meant

# Defaults of the roles wordpress and mysql.
NAME = USER = "wordpress"
HOST, PORT, BIND = "localhost", 3306, "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::", "*")  # noqa: S104 - it is looked for


def check_database(services: Iterable[VirtualService], estate: Estate) -> None:
    web = list(dict.fromkeys(host for service in services for host in service.hosts))
    for host in estate.hosts:
        with suppress(UnusableError):
            if estate.has(host, "wordpress_url"):
                name, port = _place(str(estate.value(host, "wordpress_db_host", HOST)))
                for server in estate.called(name):
                    if estate.has(server, "mysql_databases"):
                        _check(estate, host, server, port, [each for each in web if estate.has(each, "php_fpm_listen")])


def _place(text: str) -> Tuple[str, int]:
    """ADDRESS or ADDRESS:PORT; an IPv6 address has more than one colon."""
    name, colon, port = text.rpartition(":")
    return (name, int(port)) if colon and ":" not in name and port.isdigit() else (text, PORT)


def _check(estate: Estate, host: str, server: str, port: int, web: List[str]) -> None:
    def add(variable: str, text: str) -> None:
        estate.shared.add(host, variable, text)

    database = str(estate.value(host, "wordpress_db_name", NAME))
    user = str(estate.value(host, "wordpress_db_user", USER))
    databases = _present(estate.entries(server, "mysql_databases", ("name", "state")))
    if database not in databases:
        text = f"{server} has no database {database!r}{meant(database, databases)}"
        add("wordpress_db_name", f"{text}: list it in mysql_databases of {server}, or correct the name")
    accounts = estate.entries(server, "mysql_users", ("name", "state", "hosts", "databases"))
    mine = [each for each in accounts if each.get("name") == user and each.get("state") != "absent"]
    if not mine:
        text = f"{server} has no user {user!r}{meant(user, _present(accounts))}"
        add("wordpress_db_user", f"{text}: list one in mysql_users of {server}, or correct the name")
        return
    if not any(database in (each.get("databases") or ()) for each in mine):
        add("wordpress_db_user", f"{user} has no rights on {database}: list it as databases of {user} in mysql_users of {server}")
    if port != estate.value(server, "mysql_port", PORT):
        add(
            "wordpress_db_host",
            f"{server} listens on port {estate.value(server, 'mysql_port', PORT)}, not on {port}: correct one",
        )
    _check_ways(estate, host, server, port, web, [pattern for each in mine for pattern in each.get("hosts") or ()])


def _check_ways(estate: Estate, host: str, server: str, port: int, web: List[str], patterns: List[Any]) -> None:
    """Whether whoever needs the database comes as far as its door, and in."""
    for client in dict.fromkeys([host, *web]):
        addresses = list(estate.addresses(client))
        if client == server or not addresses:
            continue
        bound = str(estate.value(server, "mysql_bind_address", BIND))
        if bound not in EVERYWHERE and bound not in estate.addresses(server):
            text = f"{bound} is no address of {server} that others reach, and {host} needs its database"
            estate.shared.add(server, "mysql_bind_address", f"{text}: write one of {', '.join(estate.addresses(server))}")
        if not any(_matches(text, pattern) for text in addresses for pattern in patterns):
            text = f"lets {client} in under no user of WordPress: list one of {', '.join(addresses)} as hosts of that user"
            estate.shared.add(server, "mysql_users", text)
        if not admits(estate, server, addresses, "tcp", port):
            estate.shared.add(
                server, "lvs_accepts", f"does not let {client} in at tcp {port}: list that, for WordPress needs the database"
            )


def _present(entries: Iterable[Mapping[str, Any]]) -> List[str]:
    return [str(each.get("name")) for each in entries if each.get("state") != "absent"]


def _matches(text: str, pattern: Any) -> bool:
    """As the role mysql takes a host: an address, a network, or the beginning of an address and %."""
    written = str(pattern)
    return text.startswith(written[:-1]) if written.endswith("%") else within([text], [written])
