# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the packet filter of each host has to let through, so that the cluster's services work and nothing else does. Pure."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Sequence

Pass = Dict[str, Any]
Services = Sequence[Mapping[str, Any]]
# assigned-internet-protocol-numbers: what a plain tunnel says is inside, and GRE.
TUNNEL_PROTOCOLS = {"ipip": "4", "gre": "47"}
TUNNEL_PROTOCOLS6 = {"ipip": "41", "gre": "47"}


def accepts(
    services: Services,
    groups: Mapping[str, Iterable[str]],
    hostvars: Mapping[str, Mapping[str, Any]],
    host: str,
    more: Sequence[Mapping[str, Any]] = (),
) -> List[Pass]:
    """What is meant for the host itself."""
    directors = list(groups.get("directors", ()))
    found: List[Pass] = []
    for service in services:
        if host in directors:
            found += [
                {**_to(vip, service["protocol"], port), **_tracking(service)}
                for vip in service["vips"]
                for port in _ports(service)
            ]
        for server in service["real_servers"]:
            if server["host"] == host:
                sources = [address for name in directors for address in _addresses(hostvars[name], server["address"])]
                found += _real_server(service, server, sources)
                found += _tunnel(service, server, sources)
    found += [one for extra in more for one in _each_source(extra)]
    return _once(found)


def forwards(
    services: Services, groups: Mapping[str, Iterable[str]], host: str, network: str = "", network6: str = ""
) -> List[Pass]:
    """What passes through the host on its way to another."""
    found: List[Pass] = []
    if host in groups.get("directors", ()):
        # Replies: IPVS keeps them from connection tracking, so there is no state to tell them by.
        found += [
            {
                "source": server["address"],
                "protocol": service["protocol"],
                **({"source_port": port} if port else {}),
                **_tracking(service),
            }
            for service in services
            for server in service["real_servers"]
            if server["forward"] == "masquerade"
            for port in ([server["port"]] if server["port"] else _ports(service))
        ]
    if host in groups.get("gateways", ()):
        found += [{"source": inner} for inner in (network, network6) if inner]
    return _once(found)


def _each_source(extra: Mapping[str, Any]) -> List[Pass]:
    """What an inventory lists in one piece for several sources."""
    source = extra.get("source")
    return [{**extra, "source": one} for one in source] if isinstance(source, (list, tuple)) else [dict(extra)]


def _real_server(service: Mapping[str, Any], server: Mapping[str, Any], sources: Sequence[str]) -> List[Pass]:
    rip, protocol = server["address"], service["protocol"]
    ports = [server["port"]] if server["port"] else _ports(service)
    # A director that asks for the real server's health does so from an address of its own.
    checked = [{"source": source, **_to(rip, protocol, port)} for source in sources for port in ports]
    if service["mode"] == "nat":
        return [_to(rip, protocol, port) for port in ports]
    if service["mode"] == "fullnat":
        return checked
    return [*checked, *(_to(vip, protocol, port) for vip in service["vips"] for port in ports)]


def _tunnel(service: Mapping[str, Any], server: Mapping[str, Any], sources: Sequence[str]) -> List[Pass]:
    if service["mode"] != "tun":
        return []
    kind = server.get("tunnel_type", "ipip")
    if kind == "gue":
        return [{"source": source, "protocol": "udp", "port": server["tunnel_port"]} for source in sources]
    protocols = TUNNEL_PROTOCOLS6 if ":" in service["vips"][0] else TUNNEL_PROTOCOLS
    return [{"source": source, "protocol": protocols[kind]} for source in sources]


def _addresses(variables: Mapping[str, Any], rip: str) -> List[str]:
    """A director's addresses of the real server's family: its DIP, and others of its own.

    A packet for another network leaves by another card, under that card's address.
    """
    six = ":" in rip
    dip = str(variables.get("lvs_dip6" if six else "lvs_dip") or "")
    others = [str(address) for address in variables.get("lvs_addresses") or ()]
    return _distinct([dip, *(address for address in others if (":" in address) == six)])


def _tracking(service: Mapping[str, Any]) -> Pass:
    # Full NAT lives by connection tracking. From what IPVS sends on otherwise, tracking sees one half, and takes the other for invalid.
    return {} if service["mode"] == "fullnat" else {"untracked": True}


def _distinct(addresses: Iterable[str]) -> List[str]:
    return list(dict.fromkeys(filter(None, addresses)))


def _ports(service: Mapping[str, Any]) -> List[int]:
    return list(service["ports"]) if service.get("fwmark") else [service["port"]]


def _to(address: str, protocol: str, port: int) -> Pass:
    return {"destination": address, "protocol": protocol, **({"port": port} if port else {})}


def _once(passes: Iterable[Pass]) -> List[Pass]:
    found: List[Pass] = []
    for one in passes:
        if one not in found:
            found.append(one)
    return found
