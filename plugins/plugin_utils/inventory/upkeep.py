# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which entries of the directors' tables a real server is, which of them serve, and whom a service would be left with. Pure."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Sequence

from .values import meant

Services = Sequence[Mapping[str, Any]]
# What each director's kernel holds: the services as `ipvs_info` returns them.
Tables = Mapping[str, Services]


def named_servers(services: Services, value: Any, option: str) -> Dict[str, List[str]]:
    """The real servers that somebody names, as a list or as text with commas; all of them where nothing is named."""
    known = list(dict.fromkeys(server["host"] for service in services for server in service["real_servers"]))
    words = value.split(",") if isinstance(value, str) else list(value)
    hosts = list(dict.fromkeys(str(word).strip() for word in words if str(word).strip()))
    problems = [
        f"{option}: {host!r} is no real server of any service{meant(host, known)}: name one of {', '.join(known)}"
        for host in hosts
        if host not in known
    ]
    return {"hosts": hosts or known, "problems": problems}


def table_entries(services: Services, hosts: Iterable[str]) -> List[Dict[str, Any]]:
    """Each place of these hosts in a director's table, with what identifies it there and what the inventory declares of it."""
    wanted = list(hosts)
    return [
        {
            "host": server["host"],
            "service": service["name"],
            "at": spoken(service),
            "entry": f"{spoken(service)} > {_at(server['address'], server['port'])}",
            "key": _options(service),
            "real_server": {name: value for name, value in server.items() if name != "host"},
            "ports": [server["port"]] if server["port"] else list(service.get("ports", ())),
            "protocol": service["protocol"],
        }
        for service in services
        for server in service["real_servers"]
        if server["host"] in wanted
    ]


def left_without(services: Services, hosts: Iterable[str], tables: Tables) -> List[str]:
    """A sentence for each service that would have nobody to send clients to, once these hosts are out of it."""
    leaving = list(hosts)
    found = []
    for director, table in tables.items():
        for service in services:
            there = _serving(service, table)
            going = [host for host in there if host in leaving]
            if going and len(going) == len(there):
                found.append(
                    f"{director}: {', '.join(going)} {'is' if len(going) == 1 else 'are'} all that serves {service['name']} "
                    f"({spoken(service)}): put another real server back first"
                )
    return found


def serving(services: Services, tables: Tables) -> List[str]:
    """The real servers that any director sends new clients to."""
    return list(dict.fromkeys(host for table in tables.values() for service in services for host in _serving(service, table)))


def turns(services: Services, hosts: Iterable[str], tables: Tables) -> List[str]:
    """The order in which to take hosts: those first that serve nowhere, since the others are then not the last ones."""
    wanted, busy = list(hosts), serving(services, tables)
    return [host for host in wanted if host not in busy] + [host for host in wanted if host in busy]


def spoken(service: Mapping[str, Any]) -> str:
    """A service as people, modules and declarations on hosts name it."""
    if service.get("fwmark"):
        return f"fwmark {service['fwmark']} {service['family']}"
    return f"{service['protocol']} {_at(service['address'], service['port'])}"


def _at(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _options(service: Mapping[str, Any]) -> Dict[str, Any]:
    """The service as the options of `ipvs_realserver` name it."""
    if service.get("fwmark"):
        return {"fwmark": service["fwmark"], "family": service["family"]}
    return {"protocol": service["protocol"], "service_address": service["address"], "service_port": service["port"]}


def _serving(service: Mapping[str, Any], table: Services) -> List[str]:
    """The hosts that a director sends new clients of a service to."""
    mark = service.get("fwmark")
    keys = ("fwmark", "family") if mark else ("protocol", "address", "port")
    weights = {
        (server["address"], server["port"]): server["weight"]
        for entry in table
        if all(entry[key] == service[key] for key in keys)
        for server in entry["real_servers"]
    }
    return [server["host"] for server in service["real_servers"] if weights.get((server["address"], server["port"]), 0)]
