# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module is given, as an intent; or what is wrong with it, where, and the remedy. Pure."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from .model import LOCAL_HOSTS, MARIADB, MYSQL, Account, Database, DatabaseError, Intent, Wanted
from .plan import ALL, ALL_OF_A_DATABASE

STATES = ("present", "absent")
# What WordPress and its like need of their database, and no more.
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX", "DROP")

SPEC: Dict[str, Any] = {
    "flavour": {"type": "str", "choices": [MARIADB, MYSQL], "default": MARIADB},
    "databases": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "charset": {"type": "str", "default": "utf8mb4"},
            "collation": {"type": "str", "default": ""},
            "state": {"type": "str", "choices": list(STATES), "default": "present"},
        },
    },
    "users": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "password": {"type": "str", "no_log": True},
            "hosts": {"type": "list", "elements": "str", "default": []},
            "databases": {"type": "list", "elements": "str", "default": []},
            "privileges": {"type": "list", "elements": "str", "default": list(RIGHTS)},
            "state": {"type": "str", "choices": list(STATES), "default": "present"},
        },
    },
    "client": {"type": "str", "default": "mariadb"},
    "socket": {"type": "path", "default": "/run/mysqld/mysqld.sock"},
    "record": {"type": "path", "default": "/var/lib/lvs/mysql.json"},
}

# The servers' own.
_SYSTEM_DATABASES = ("mysql", "information_schema", "performance_schema", "sys")
_SYSTEM_USERS = ("root", "mysql", "mariadb.sys", "mysql.sys", "mysql.session", "mysql.infoschema")
_GRANTABLE = sorted(ALL_OF_A_DATABASE)


def intent(given: Mapping[str, Any]) -> Intent:
    """
    :raises DatabaseError: the parameters contradict themselves or name what cannot be
    """
    databases, absent_databases = _databases(given["databases"])
    accounts: Dict[Account, Wanted] = {}
    absent: List[Account] = []
    names: List[str] = []
    firsts: Dict[Account, str] = {}
    for index, user in enumerate(given["users"]):
        where = f"users[{index}]"
        _check(where, "name", user["name"], r"[A-Za-z0-9_.-]{1,32}", "letters, digits, '_', '.' and '-', at most 32")
        if user["name"] in _SYSTEM_USERS:
            raise DatabaseError(f"{where}: {user['name']} is an account of the server itself: name another")
        found = [Account(user["name"], host_of(host, f"{where}.hosts[{number}]")) for number, host in enumerate(user["hosts"])]
        for account in found:
            if account in firsts:
                raise DatabaseError(f"{where}: {account} is declared twice, first at {firsts[account]}: declare it once")
            firsts[account] = where
        if user["state"] == "absent":
            absent += found
            names += [] if found else [user["name"]]
            continue
        wanted = _wanted(where, user)
        accounts.update(dict.fromkeys(found, wanted))
    for account in accounts:
        if account.name in names:
            raise DatabaseError(f"users: {account.name} is to be absent as a whole and present as {account}: give the one hosts")
    return Intent(databases, accounts, tuple(absent_databases), tuple(absent), tuple(names), given["flavour"])


def host_of(host: str, where: str) -> str:
    """As the server writes it: a network has its mask written out."""
    if host in LOCAL_HOSTS:
        return host
    if re.fullmatch(r"[0-9]{1,3}[.]([0-9]{1,3}[.]){0,2}%", host):
        return host
    try:
        if "/" not in host:
            return str(ipaddress.ip_address(host))
        network = ipaddress.IPv4Network(host)
    except ValueError as error:
        raise DatabaseError(
            f"{where}: '{host}' is none of an address, an IPv4 network such as 192.0.2.0/24, a beginning such as 192.0.2.%"
            f" and localhost ({error})"
        ) from error
    if not network.prefixlen:
        raise DatabaseError(f"{where}: '{host}' is the whole world: name the addresses that the clients come from")
    return f"{network.network_address}/{network.netmask}"


def _databases(given: Sequence[Mapping[str, Any]]) -> Tuple[Dict[str, Database], List[str]]:
    present: Dict[str, Database] = {}
    absent: List[str] = []
    firsts: Dict[str, int] = {}
    for index, database in enumerate(given):
        where, name = f"databases[{index}]", database["name"]
        _check(where, "name", name, r"[A-Za-z0-9_-]{1,64}", "letters, digits, '_' and '-', at most 64")
        _check(where, "charset", database["charset"], r"[a-z0-9_]+", "a character set of the server, such as utf8mb4")
        _check(where, "collation", database["collation"], r"[a-z0-9_]*", "a collation of the character set")
        if name in firsts:
            raise DatabaseError(f"{where}: {name} is declared twice, first at databases[{firsts[name]}]: declare it once")
        if name in _SYSTEM_DATABASES:
            raise DatabaseError(f"{where}: {name} is a database of the server itself: name another")
        firsts[name] = index
        if database["state"] == "absent":
            absent.append(name)
        else:
            present[name] = Database(database["charset"], database["collation"])
    return present, absent


def _wanted(where: str, user: Mapping[str, Any]) -> Wanted:
    # Their values are never named: one may have slipped into the wrong place.
    if not user["password"]:
        raise DatabaseError(f"{where}: {user['name']} has no password: give it one, from a vault or made by lookup('password')")
    if not user["hosts"]:
        raise DatabaseError(f"{where}: {user['name']} has no hosts: name the addresses that its clients come from")
    for number, name in enumerate(user["databases"]):
        _check(f"{where}.databases[{number}]", "name", name, r"[A-Za-z0-9_-]{1,64}", "letters, digits, '_' and '-', at most 64")
    rights = frozenset(" ".join(right.upper().split()) for right in user["privileges"])
    rights = ALL if rights == {"ALL PRIVILEGES"} else rights
    unknown = sorted(rights - ALL_OF_A_DATABASE) if rights != ALL else []
    if unknown:
        raise DatabaseError(f"{where}.privileges: {', '.join(unknown)}: name ALL alone, or some of {', '.join(_GRANTABLE)}")
    return Wanted(user["password"], tuple(user["databases"]), rights)


def _check(where: str, what: str, value: str, allowed: str, said: str) -> None:
    if not re.fullmatch(allowed, value):
        raise DatabaseError(f"{where}: {what} '{value}' may have {said}")
