# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says of the network as a whole: addresses that two have, networks that cannot hold them, cards that are not there."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence, Tuple

from .estate import Estate
from .services import VirtualService
from .values import Findings, Groups, UnusableError, address, meant, members, network

try:
    import netaddr
except ImportError:
    # Said when it is used: documentation has to load without it.
    netaddr = None

# Roles in the cluster that a retired host cannot have.
ACTIVE = ("directors", "gateways")


def check_topology(
    services: Sequence[VirtualService], estate: Estate, findings: Findings, back_network: str, told: Sequence[str]
) -> None:
    """:param told: the sentences so far; of an address that two have, one tells"""
    _check_owners(services, estate, findings, told)
    _check_cards(estate, findings)
    _check_ends(estate, findings, back_network)
    _check_gateways(services, estate.groups, findings)
    _check_retired(services, estate.groups, findings)
    _check_overlaps6(estate, findings)


def _check_owners(services: Sequence[VirtualService], estate: Estate, findings: Findings, told: Sequence[str]) -> None:
    """No other host has a VIP on a card, and no two hosts have one address. A single director may have its VIPs as its own."""
    directors = members(estate.groups, "directors")
    owners: Dict[str, Tuple[str, str]] = {}
    for service in services:
        for vip in service.vips:
            owners.setdefault(vip, ("", f"{service.place}.vip"))
    for host in estate.hosts:
        for text, variable in estate.addresses(host).items():
            owner, place = owners.setdefault(text, (host, f"{host}: {variable}"))
            if owner == host or (not owner and directors == [host]):
                continue
            # Several hosts may be reached by ssh under one address, each by a port of its own.
            if owner and "ansible_host" in (variable, place.partition(": ")[2]):
                continue
            if not any(f" {text} is also " in sentence for sentence in told):
                findings.add(
                    f"{host}: {variable}", f"{text} is also {place}: an address belongs to one host only, change one of them"
                )


def _check_cards(estate: Estate, findings: Findings) -> None:
    """A lab says which cards its hosts have; what LVS is to use has to be among them."""
    for host in estate.hosts:
        cards = estate.cards(host)
        if not cards:
            continue
        names = list(dict.fromkeys(name for name, *_rest in cards))
        for variable in ("lvs_vip_interface", "lvs_rip_interface"):
            value = estate.known(host, variable)
            if value and value not in names:
                findings.add(
                    f"{host}: {variable}", f"lab_cards has no card {value!r}{meant(value, names)}: name one of {', '.join(names)}"
                )
        addresses = [text for _name, text, *_rest in cards]
        for variable in ("lvs_rip", "lvs_dip"):
            value = estate.known(host, variable)
            if value and str(value) not in addresses:
                findings.add(
                    f"{host}: {variable}",
                    f"{value} is on no card of lab_cards, which has {', '.join(addresses)}: correct one of them",
                )
        for gateway in dict.fromkeys(gateway for *_rest, gateway in cards if gateway):
            _check_gateway(host, gateway, [written for _name, _text, written, own in cards if own == gateway], findings)


def _check_gateway(host: str, gateway: str, near: Sequence[str], findings: Findings) -> None:
    with findings.at(f"{host}: lab_cards"):
        found = netaddr.IPAddress(address(gateway))
        nets = [netaddr.IPNetwork(text) for text in near]
        if found in [net.ip for net in nets]:
            raise UnusableError(f"gateway {gateway} is the host's own address: name the router's, or leave it out")
        if not any(found in net and not _reserved(net, found) for net in nets if net.version == found.version):
            raise UnusableError(
                f"gateway {gateway} is no address of {', '.join(str(net.cidr) for net in nets)}: name a router there"
            )


def _check_ends(estate: Estate, findings: Findings, back_network: str) -> None:
    """The first and the last address of a network are nobody's (RFC 1122, 3.2.1.3)."""
    try:
        net = network(back_network)
    except UnusableError:
        # That it is none has been told; that there is none may be right.
        return
    if net.prefixlen == 0:
        findings.add("lvs_back_network", f"{net} is everything: write the inner network only, such as 192.168.239.0/24")
        return
    for host in estate.hosts:
        for variable in ("lvs_rip", "lvs_dip"):
            value = estate.known(host, variable)
            try:
                found = netaddr.IPAddress(address(value)) if value else None
            except UnusableError:
                continue
            if found is not None and found in net and _reserved(net, found):
                which = "network" if found == net.network else "broadcast address"
                findings.add(
                    f"{host}: {variable}", f"{value} is the {which} of lvs_back_network {net}: write the host's own address"
                )


def _reserved(net: Any, found: Any) -> bool:
    return net.version == 4 and net.prefixlen < 31 and found in (net.network, net.broadcast)


def _check_gateways(services: Sequence[VirtualService], groups: Groups, findings: Findings) -> None:
    behind = [service.place for service in services if service.mode == "nat"]
    if behind and members(groups, "directors") and not members(groups, "gateways"):
        findings.add(
            "gateways",
            f"the inventory has no gateway, and {behind[0]} is a service of mode nat, whose real servers have no other way out: "
            "put the director into the group gateways",
        )


def _check_retired(services: Sequence[VirtualService], groups: Groups, findings: Findings) -> None:
    for host in members(groups, "retired"):
        parts = [f"in group {group}" for group in ACTIVE if host in members(groups, group)]
        parts += [f"a real server of {service.place}" for service in services if host in service.hosts]
        if parts:
            findings.add(
                host, f"is in group retired, and {' and '.join(parts)}: take it out of group retired, or out of all the others"
            )


def _check_overlaps6(estate: Estate, findings: Findings) -> None:
    first: List[Any] = []
    told = set()
    for host in members(estate.groups, "directors", "gateways", "real_servers"):
        value = estate.known(host, "lvs_back_network6")
        try:
            net = network(value) if value else None
        except UnusableError:
            continue
        if net is None or net in told:
            continue
        first = first or [net]
        if net != first[0] and (net in first[0] or first[0] in net):
            told.add(net)
            text = f"{net} overlaps {first[0]}, which is lvs_back_network6 elsewhere: write the same network for all hosts"
            findings.add(f"{host}: lvs_back_network6", text)
