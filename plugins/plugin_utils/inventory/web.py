# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who listens where, and who is asked: web servers, PHP and proxies of the inventory have to meet each other."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, Dict, Iterable, List, Mapping, Sequence, Tuple

from .estate import Estate
from .services import VirtualService
from .values import UnusableError, meant, members

LOCAL = ("127.0.0.1", "localhost", "::1")
# The groups on whose hosts playbooks/application.yml looks at these lists.
_APPLICATION = ("nfs_servers", "database_servers", "web_servers", "reverse_proxies")
# The lists of virtual hosts, each with the program behind it and the groups that have it done.
SITES: Dict[str, Tuple[str, Sequence[str]]] = {
    "lvs_sites": ("nginx", ("real_servers",)),
    "nginx_sites": ("nginx", _APPLICATION),
    "reverse_proxy_sites": ("nginx", _APPLICATION),
    "apache_sites": ("Apache", _APPLICATION),
}
# What the roles have as the default of `listen`.
USUAL = "80"
# What a program listens on: variable, program, address (empty is any) and port.
Listener = Tuple[str, str, str, int]


def check_web(services: Sequence[VirtualService], estate: Estate) -> None:
    for host in estate.hosts:
        with suppress(UnusableError):
            listeners = _listeners(services, estate, host)
            _check_shared_ports(estate, host, listeners)
            _check_services_reach(services, estate, host, listeners)
        with suppress(UnusableError):
            _check_upstreams(services, estate, host)
        with suppress(UnusableError):
            _check_php(estate, host)


def _listeners(services: Sequence[VirtualService], estate: Estate, host: str) -> List[Listener]:
    found: List[Listener] = []
    for variable, (program, groups) in SITES.items():
        if host not in members(estate.groups, *groups):
            continue
        for site in estate.entries(host, variable, ("listen", "tls_listen")):
            values = [site.get("listen", USUAL), *(site.get("tls_listen") or ())]
            for value in [each for one in values for each in (one if isinstance(one, (list, tuple)) else [one])]:
                place = _listened(str(value))
                if place:
                    found.append((variable, program, *place))
    if not estate.has(host, "lvs_sites"):
        # site.yml has nginx serve a page of its own then, at the first of the services' ports.
        ports = _real_ports(services, host)
        found += [("lvs_sites", "nginx", "", port) for port in ports[:1]]
    return found


def _listened(value: str) -> Tuple[str, int] | None:
    """Address (empty is any) and port of nginx's `listen`; None for a Unix socket."""
    text = value.split()[0] if value.split() else ""
    match = re.fullmatch(r"(?:(\[[0-9a-fA-F:]*\]|[^:\s]*):)?(\d+)", text)
    if not match:
        return None
    address = (match[1] or "").strip("[]")
    return ("" if address in ("", "*", "0.0.0.0", "::") else address), int(match[2])  # noqa: S104 - it is looked for


def _real_ports(services: Iterable[VirtualService], host: str) -> List[int]:
    """The TCP ports at which services send clients to a host."""
    found: Dict[int, None] = {}
    for service in services:
        if service.protocol == "tcp" and host in service.hosts:
            found.update(dict.fromkeys(port for port in ([service.real_port] if service.real_port else service.ports) if port))
    return list(found)


def _check_shared_ports(estate: Estate, host: str, listeners: Sequence[Listener]) -> None:
    for variable, program, address, port in listeners:
        for other, rival, elsewhere, same in listeners:
            if port != same or rival == program or program != "Apache" or (address and elsewhere and address != elsewhere):
                continue
            remedy = "set lvs_sites to []" if other == "lvs_sites" else f"take another port in one of {variable} and {other}"
            estate.shared.add(host, variable, f"{program} is to listen on port {port}, and so is {rival} ({other}): {remedy}")


def _check_services_reach(services: Sequence[VirtualService], estate: Estate, host: str, listeners: Sequence[Listener]) -> None:
    ports = _real_ports(services, host)
    mine = [listener for listener in listeners if listener[0] == "lvs_sites"]
    if not estate.has(host, "lvs_sites") or not mine or not ports:
        return
    # Another program may answer for some of them; for all of them, the sites would be for nobody.
    if not {port for *_rest, port in listeners} & set(ports):
        at = ", ".join(str(port) for port in ports)
        text = f"no site listens on port {at}, where services send clients: correct listen, or the services' real_port"
        estate.shared.add(host, "lvs_sites", text)


def _check_upstreams(services: Sequence[VirtualService], estate: Estate, host: str) -> None:
    if host not in members(estate.groups, *_APPLICATION):
        return
    upstreams = estate.entries(host, "reverse_proxy_upstreams", ("name", "servers"))
    names = [str(each.get("name")) for each in upstreams]
    for index, site in enumerate(estate.entries(host, "reverse_proxy_sites", ("upstream",))):
        wanted = str(site.get("upstream"))
        if wanted not in names:
            text = f"nothing in reverse_proxy_upstreams is called {wanted!r}{meant(wanted, names)}: add it, or correct upstream"
            estate.shared.add(host, f"reverse_proxy_sites[{index}]", text)
    for index, upstream in enumerate(upstreams):
        servers = upstream.get("servers")
        for server in servers if isinstance(servers, list) else ():
            _check_upstream(services, estate, host, f"reverse_proxy_upstreams[{index}]", server)


def _check_upstream(services: Sequence[VirtualService], estate: Estate, host: str, place: str, server: Any) -> None:
    asked = _listened(str(server.get("address"))) if isinstance(server, Mapping) else None
    if asked is None:
        return
    address, port = asked
    for target in [host] if address in LOCAL else estate.called(address):
        listeners = _listeners(services, estate, target)
        ports = sorted({each for *_rest, each in listeners})
        # Of a host without sites it is not known what answers there.
        if ports and port not in ports:
            text = f"{server['address']} is {target}, where only port {', '.join(map(str, ports))} is listened on: correct one of them"
            estate.shared.add(host, place, text)


def _check_php(estate: Estate, host: str) -> None:
    for variable in ("lvs_sites", "nginx_sites"):
        if host not in members(estate.groups, *SITES[variable][1]):
            continue
        for index, site in enumerate(estate.entries(host, variable, ("fastcgi", "kind"))):
            if site.get("fastcgi"):
                _check_fastcgi(estate, host, f"{variable}[{index}]", str(site["fastcgi"]))


def _check_fastcgi(estate: Estate, host: str, place: str, asked: str) -> None:
    address, port = _listened(asked) or ("", 0)
    local = asked.startswith("unix:") or address in LOCAL
    for target in [host] if local else estate.called(address):
        # Without it PHP is somebody else's, and site.yml sets it up on real servers only.
        if not estate.has(target, "php_fpm_listen") or target not in members(estate.groups, "real_servers"):
            continue
        listen = str(estate.value(target, "php_fpm_listen"))
        at, listened = _listened(listen) or ("", 0)
        meets = listen == asked or (port and port == listened and (at == address or not at or {at, address} <= {*LOCAL}))
        if not meets:
            text = f"fastcgi {asked} is where PHP of {target} does not answer, which listens on {listen}: write the same in both"
            estate.shared.add(host, place, text)
