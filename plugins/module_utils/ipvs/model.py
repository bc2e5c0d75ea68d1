# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The IPVS table as frozen values. Equal values mean the same behaviour of the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from socket import AF_INET, AF_INET6, IPPROTO_TCP, IPPROTO_UDP, inet_ntop, inet_pton
from typing import Dict, Mapping, NamedTuple

FAMILIES = {"ipv4": AF_INET, "ipv6": AF_INET6}
FAMILY_NAMES = {int(number): name for name, number in FAMILIES.items()}
PROTOCOLS = {"tcp": IPPROTO_TCP, "udp": IPPROTO_UDP, "sctp": 132}
FORWARDS = {"masquerade": 0, "direct": 3, "tunnel": 2, "local": 1}
TUNNEL_TYPES = {"ipip": 0, "gue": 1, "gre": 2}
TUNNEL_CHECKSUMS = {"none": 0, "csum": 1, "remcsum": 2}
# Without persistence the kernel stores a netmask all the same; this is the one that ipvsadm sends then.
HOST_NETMASKS = {"ipv4": "255.255.255.255", "ipv6": "128"}


def parse_address(text: str) -> tuple[str, str]:
    """The family and the canonical text of an IP address; ValueError for anything else, also for a name or a zone."""
    try:
        if ":" in text:
            return "ipv6", inet_ntop(AF_INET6, inet_pton(AF_INET6, text))
        # This takes nothing but the canonical text.
        inet_pton(AF_INET, text)
    except OSError:
        raise ValueError(f"not an IP address: {text!r}") from None
    return "ipv4", text


def pack_address(family: str, address: str) -> bytes:
    return inet_pton(FAMILIES[family], address)


def _endpoint(family: str, address: str, port: int) -> str:
    return ("[%s]:%d" if family == "ipv6" else "%s:%d") % (address, port)


class ServiceKey(NamedTuple):
    """What the kernel tells virtual services apart by: protocol, VIP and port, or a firewall mark and a family.

    A tuple, like that of real servers: tables have many, and each is hashed often."""

    family: str
    protocol: str = ""
    address: str = ""
    port: int = 0
    fwmark: int = 0

    @classmethod
    def at(cls, protocol: str, address: str, port: int) -> ServiceKey:
        family, address = parse_address(address)
        return cls(family=family, protocol=protocol, address=address, port=port)

    @classmethod
    def marked(cls, fwmark: int, family: str = "ipv4") -> ServiceKey:
        return cls(family=family, fwmark=fwmark)

    @property
    def sort_key(self) -> tuple[str, int, str, bytes, int]:
        packed = pack_address(self.family, self.address) if self.address else b""
        return self.family, self.fwmark, self.protocol, packed, self.port

    def __str__(self) -> str:
        if self.fwmark:
            return f"fwmark {self.fwmark} {self.family}"
        return f"{self.protocol} {_endpoint(self.family, self.address, self.port)}"


@dataclass(frozen=True)
class Service:
    key: ServiceKey
    scheduler: str = "wlc"
    # The kernel's three bits, whose meaning is the scheduler's own: bit 0 is flag-1.
    scheduler_flags: int = 0
    # Seconds; 0 means no persistence.
    persistence_timeout: int = 0
    # Dotted for IPv4, where the kernel knows masks with holes, too; a prefix length for IPv6.
    persistence_netmask: str = ""
    persistence_engine: str = ""
    one_packet: bool = False

    def at(self, address: str) -> Service:
        """The same on another address of the same family. As `replace`, in a fraction of the time."""
        family, protocol, _address, port, fwmark = self.key
        found = object.__new__(Service)
        found.__dict__.update(self.__dict__, key=ServiceKey(family, protocol, address, port, fwmark))
        return found

    def __post_init__(self) -> None:
        if not self.persistence_timeout or not self.persistence_netmask:
            object.__setattr__(self, "persistence_netmask", HOST_NETMASKS[self.key.family])


class DestinationKey(NamedTuple):
    """What the kernel tells the real servers of one service apart by."""

    family: str
    address: str
    port: int

    @classmethod
    def at(cls, address: str, port: int) -> DestinationKey:
        family, address = parse_address(address)
        return cls(family=family, address=address, port=port)

    @property
    def sort_key(self) -> tuple[str, bytes, int]:
        return self.family, pack_address(self.family, self.address), self.port

    def __str__(self) -> str:
        return _endpoint(self.family, self.address, self.port)


@dataclass(frozen=True)
class Destination:
    """A real server of one service."""

    key: DestinationKey
    forward: str = "direct"
    weight: int = 1
    # Connections; 0 means no limit.
    upper_threshold: int = 0
    lower_threshold: int = 0
    tunnel_type: str = "ipip"
    tunnel_port: int = 0
    tunnel_checksum: str = "none"

    def __post_init__(self) -> None:
        # The kernel stores tunnel fields for every real server, and looks only at those that its tunnel uses.
        # Only what differs is set: it costs more than the rest of making a real server.
        if self.forward != "tunnel" and self.tunnel_type != "ipip":
            object.__setattr__(self, "tunnel_type", "ipip")
        if self.tunnel_type != "gue" and self.tunnel_port:
            object.__setattr__(self, "tunnel_port", 0)
        if self.tunnel_type == "ipip" and self.tunnel_checksum != "none":
            object.__setattr__(self, "tunnel_checksum", "none")

    def at(self, address: str) -> Destination:
        """The same on another address of the same family. As `replace`, in a fraction of the time."""
        family, _address, port = self.key
        found = object.__new__(Destination)
        values = found.__dict__
        values.update(self.__dict__)
        values["key"] = DestinationKey(family, address, port)
        return found


@dataclass(frozen=True)
class Entry:
    """A service with its real servers."""

    service: Service
    destinations: Mapping[DestinationKey, Destination]


Table = Dict[ServiceKey, Entry]
