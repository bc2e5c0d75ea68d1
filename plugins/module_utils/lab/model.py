# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab as values: networks, and hosts with their cards. Built from plain data, checked while being built."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from dataclasses import dataclass
from typing import Any, Dict, Iterable, Mapping, Optional, Tuple, Union

from .commands import LabError

Interface = Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]
Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

# Linux allows 15 bytes in the name of a network interface (IFNAMSIZ less the terminating zero, linux/if.h).
INTERFACE_NAME = re.compile(r"^[a-zA-Z][a-zA-Z0-9_-]{0,14}$")
# A host name is a label as RFC 1123 has it; a lab's name also becomes part of a namespace's and a folder's name.
LABEL = re.compile(r"^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")
# What configures the cards of a host. NetworkManager has to be in the host's image.
MANAGERS = ("ifupdown", "NetworkManager")


@dataclass(frozen=True)
class Network:
    """One switch of the lab.

    :param name: its name, also that of its bridge
    :param subnet: the IPv4 network on it
    :param controller: the address at which the machine that runs Ansible is plugged into it
    """

    name: str
    subnet: ipaddress.IPv4Network
    controller: ipaddress.IPv4Address

    @property
    def controller_interface(self) -> str:
        return f"{self.controller}/{self.subnet.prefixlen}"


@dataclass(frozen=True)
class Card:
    """One network card of a host.

    :param network: the switch it is plugged into
    :param name: what the host calls it
    :param addresses: addresses with prefix lengths; may be none
    :param gateway: the default route's next hop, where this card has one
    """

    network: str
    name: str
    addresses: Tuple[Interface, ...] = ()
    gateway: Optional[Address] = None


@dataclass(frozen=True)
class Host:
    """One host of the lab.

    :param name: its host name
    :param cards: its network cards, in order
    :param memory: memory in MiB; a ceiling, taken from the machine only as far as it is used
    :param disk: size of its disk in GiB; sparse
    :param forwarding: whether it is a router between its networks
    :param manager: what configures its cards, one of `MANAGERS`
    :param turn: which of the machine's processors it runs on, counted round; not part of what the host is
    """

    name: str
    cards: Tuple[Card, ...]
    memory: int = 512
    disk: int = 6
    forwarding: bool = False
    manager: str = MANAGERS[0]
    turn: int = 0

    @property
    def address(self) -> ipaddress.IPv4Address:
        """Where ssh reaches the host: the first IPv4 address of its cards, of which there is always one."""
        addresses = (address for card in self.cards for address in card.addresses)
        return next(address.ip for address in addresses if isinstance(address, ipaddress.IPv4Interface))


def parse_lab_name(name: str) -> str:
    """Check the name of a lab.

    :raises LabError: it is none
    """
    if not LABEL.match(name):
        raise LabError(f"lab_name is {name!r}: write at most 32 small letters, digits or -")
    return name


def parse_network(name: str, data: Mapping[str, Any]) -> Network:
    """Make a network from `lab_networks.NAME`.

    :raises LabError: names the key and the remedy
    """
    place = f"lab_networks.{name}"
    if not INTERFACE_NAME.match(name):
        raise LabError(f"{place}: a network's name has at most 15 letters, digits, - or _, and starts with a letter")
    _known(place, data, ("subnet", "controller"))
    try:
        subnet = ipaddress.IPv4Network(str(data.get("subnet", "")))
    except ValueError as wrong:
        raise LabError(f"{place}.subnet: {wrong}: write an IPv4 network such as 10.0.0.0/24") from wrong
    text = str(data.get("controller") or subnet[-2])
    try:
        controller = ipaddress.IPv4Address(text)
    except ValueError as wrong:
        raise LabError(f"{place}.controller: {wrong}: write an IPv4 address of {subnet}") from wrong
    if controller not in subnet:
        raise LabError(f"{place}.controller: {controller} is outside {subnet}: take an address of this network")
    return Network(name, subnet, controller)


def parse_host(name: str, data: Mapping[str, Any]) -> Host:
    """Make a host from its name and the keys cards, memory, disk, forwarding, manager and turn.

    :raises LabError: names the host, the variable and the remedy
    """
    if not LABEL.match(name):
        raise LabError(f"{name}: a lab host's name has at most 32 small letters, digits or -, as RFC 1123 allows")
    cards = data.get("cards")
    if not isinstance(cards, (list, tuple)) or not cards:
        raise LabError(
            f"{name}: lab_cards is empty: give the host at least one card, such as {{network: front, addresses: [10.0.0.5/24]}}"
        )
    parsed = tuple(_parse_card(f"{name}: lab_cards[{index}]", card) for index, card in enumerate(cards))
    twice = _first_repeated(card.name for card in parsed)
    if twice:
        raise LabError(f"{name}: lab_cards has two cards called {twice}: give one of them another name")
    manager = str(data.get("manager", Host.manager))
    if manager not in MANAGERS:
        raise LabError(f"{name}: lab_manager is {manager!r}: use one of {', '.join(MANAGERS)}")
    host = Host(
        name=name,
        cards=parsed,
        memory=_whole(name, "lab_memory", data.get("memory", Host.memory), 128, "MiB"),
        disk=_whole(name, "lab_disk", data.get("disk", Host.disk), 2, "GiB"),
        forwarding=bool(data.get("forwarding", False)),
        manager=manager,
        turn=int(data.get("turn", Host.turn)),
    )
    if not any(isinstance(address, ipaddress.IPv4Interface) for card in parsed for address in card.addresses):
        raise LabError(f"{name}: lab_cards has no IPv4 address, so nothing can reach the host: give one of its cards an address")
    return host


def _parse_card(place: str, data: Any) -> Card:
    if not isinstance(data, Mapping):
        raise LabError(f"{place}: a card is a dictionary such as {{network: front, addresses: [10.0.0.5/24]}}, not {data!r}")
    _known(place, data, ("network", "name", "addresses", "gateway"))
    network = str(data.get("network") or "")
    if not network:
        raise LabError(f"{place}.network is missing: name one of lab_networks")
    name = str(data.get("name") or network)
    if not INTERFACE_NAME.match(name):
        raise LabError(
            f"{place}.name: {name!r} is no name for a card: at most 15 letters, digits, - or _, starting with a letter"
        )
    gateway = data.get("gateway") or None
    try:
        addresses = tuple(ipaddress.ip_interface(str(address)) for address in data.get("addresses") or ())
    except ValueError as wrong:
        raise LabError(f"{place}.addresses: {wrong}: write addresses with their prefix, such as 10.0.0.5/24") from wrong
    try:
        next_hop = ipaddress.ip_address(str(gateway)) if gateway else None
    except ValueError as wrong:
        raise LabError(f"{place}.gateway: {wrong}: write the address of a router in this network") from wrong
    return Card(network, name, addresses, next_hop)


def check_lab(networks: Iterable[Network], hosts: Iterable[Host]) -> Tuple[str, ...]:
    """What is wrong with networks and hosts taken together: one sentence each, in the order of the inventory."""
    found = []
    known: Dict[str, Network] = {}
    for network in networks:
        for other in known.values():
            if network.subnet.overlaps(other.subnet):
                found.append(
                    f"lab_networks.{network.name}.subnet: {network.subnet} overlaps {other.subnet} of {other.name}: separate them"
                )
        known[network.name] = network
    owners = {str(network.controller): f"lab_networks.{network.name}.controller" for network in known.values()}
    for host in hosts:
        for index, card in enumerate(host.cards):
            place = f"{host.name}: lab_cards[{index}]"
            if card.network not in known:
                found.append(
                    f"{place}.network: there is no network {card.network}: lab_networks has {', '.join(known) or 'none'}"
                )
                continue
            network = known[card.network]
            for address in card.addresses:
                if address.version == 4 and (address.ip not in network.subnet or address.network != network.subnet):
                    found.append(
                        f"{place}.addresses: {address} is not an address of network {network.name} ({network.subnet}): "
                        "correct the address or its prefix, or plug the card into another network"
                    )
                owner = owners.setdefault(str(address.ip), f"{place}.addresses")
                if owner != f"{place}.addresses":
                    found.append(f"{place}.addresses: {address.ip} is also {owner}: an address belongs to one host only")
            if card.gateway is not None and card.gateway.version == 4 and card.gateway not in network.subnet:
                found.append(
                    f"{place}.gateway: {card.gateway} is outside network {network.name} ({network.subnet}): name a router in it"
                )
    return tuple(found)


def mac(lab: str, host: str, index: int) -> str:
    """A card's hardware address: the same at every boot, different between hosts and labs, locally administered (IEEE 802)."""
    digest = hashlib.sha256(f"{lab}/{host}/{index}".encode()).hexdigest()
    return "52:54:" + ":".join(digest[at : at + 2] for at in range(0, 8, 2))


def tap(host: str, index: int) -> str:
    """The name of a card's end on the switch: readable where the host's name fits into an interface's name."""
    plain = f"{host}-{index}"
    if len(plain) <= 15:
        return plain
    return f"{host[:6]}{hashlib.sha256(host.encode()).hexdigest()[:6]}-{index}"


def _known(place: str, data: Mapping[str, Any], keys: Tuple[str, ...]) -> None:
    for key in data:
        if key not in keys:
            raise LabError(f"{place}.{key}: there is no such key: use {', '.join(keys)}")


def _whole(name: str, variable: str, value: Any, least: int, unit: str) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    if number < least:
        raise LabError(f"{name}: {variable} is {value!r}: write a whole number of {unit}, at least {least}")
    return number


def _first_repeated(names: Iterable[str]) -> Optional[str]:
    seen = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
