# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dumps to values, fast: all kernels so far send the same attributes in the same order, and most of a table is as expected.

An answer that begins with the very bytes of an expected value is that value; every other one is taken apart. So the values are the same
whatever is expected.
"""

from __future__ import annotations

import socket
import struct
from operator import attrgetter
from socket import inet_pton
from typing import Any, Dict, Iterable, Mapping, Sequence, Tuple

from . import wire
from .model import (
    FAMILIES,
    FORWARDS,
    TUNNEL_CHECKSUMS,
    TUNNEL_TYPES,
    Destination,
    DestinationKey,
    Service,
    ServiceKey,
    Table,
)

_ACTIVE_CONNECTIONS, _INACTIVE_CONNECTIONS, _PERSISTENT_CONNECTIONS = 7, 8, 9
_STATISTICS, _STATISTICS_64 = 10, 12
_FLAG_HASHED, _ALL_FLAGS = 2, 2**32 - 1
_HEADER = struct.Struct("=HH")
_HEADER_AS_NUMBER = struct.Struct("=I")


def _header(kind: int, size: int) -> bytes:
    return _HEADER.pack(_HEADER.size + size, kind)


# A real server, as the kernel fills it in (net/netfilter/ipvs/ip_vs_ctl.c: ip_vs_genl_fill_dest). The type and format of each attribute
# between its address and its connections:
_LAYOUT = (
    (wire.DEST_PORT, "H2x"),
    (wire.DEST_FORWARD, "I"),
    (wire.DEST_WEIGHT, "I"),
    (wire.DEST_TUNNEL_TYPE, "B3x"),
    (wire.DEST_TUNNEL_PORT, "H2x"),
    (wire.DEST_TUNNEL_FLAGS, "H2x"),
    (wire.DEST_UPPER, "I"),
    (wire.DEST_LOWER, "I"),
)
_SIZES = {"H2x": 2, "I": 4, "B3x": 1}
# For each the header as one number, and the value.
_FIELDS = struct.Struct("=" + "".join("I" + layout for _kind, layout in _LAYOUT))
_HEADERS = tuple(_HEADER_AS_NUMBER.unpack(_header(kind, _SIZES[layout]))[0] for kind, layout in _LAYOUT)
_ADDRESS = _header(wire.DEST_ADDRESS, 16)
_CONNECTIONS = tuple(
    _HEADER_AS_NUMBER.unpack(_header(kind, 4))[0]
    for kind in (_ACTIVE_CONNECTIONS, _INACTIVE_CONNECTIONS, _PERSISTENT_CONNECTIONS)
)
_FAMILIES = {name: _header(wire.DEST_FAMILY, 2) + struct.pack("=H2x", number) for name, number in FAMILIES.items()}
_FAMILY_NAMES = {packed: name for name, packed in _FAMILIES.items()}
# All but the numbers of connections, and the statistics that come last: the header of the nest, the address, the fields above, the
# headers of the connections, and the family.
_SIGHT = struct.Struct(f"=4s20s{_FIELDS.size}sI4xI4xI4x8s")
_SERVICE_VALUES = attrgetter(
    "scheduler", "scheduler_flags", "persistence_timeout", "persistence_netmask", "persistence_engine", "one_packet"
)

Sight = Tuple[Any, ...]


class Decoder:
    """Values from the answers of dumps. Equal real servers of several services become one value."""

    def __init__(self, expected: Table | None = None) -> None:
        self._expected = expected or {}
        self._destinations: Dict[Sight, Destination] = {}
        # Real servers differ in their addresses far more than in anything else.
        self._examples: Dict[Sight, Destination] = {}
        self._packed_fields: Dict[Tuple[Any, ...], bytes] = {}

    def services(self, answers: Iterable[bytes]) -> list[Service]:
        expected = self._expected_services()
        sizes = sorted({len(packed) for packed in expected})
        return [_find_service(answer, expected, sizes) or unpack_service(answer) for answer in answers]

    def destinations(self, service: ServiceKey, answers: Sequence[bytes]) -> Mapping[DestinationKey, Destination]:
        """The real servers of a service, from the answers to GET_DEST; what is expected itself, where they are just that."""
        entry = self._expected.get(service)
        if entry is None or not answers or min(map(len, answers)) < _SIGHT.size:
            return self._take_apart(service, answers, [None] * len(answers))
        expected = self._expected_destinations(entry.destinations.values(), len(answers[0]))
        take, sight = expected.pop, _SIGHT.unpack_from
        found = [take(sight(answer), None) for answer in answers]
        if not expected and len(found) == len(entry.destinations):
            return entry.destinations
        return self._take_apart(service, answers, found)

    def _take_apart(
        self, service: ServiceKey, answers: Iterable[bytes], found: Iterable[Destination | None]
    ) -> Dict[DestinationKey, Destination]:
        destinations = {}
        for answer, known in zip(answers, found):
            destination = known or self._destination(answer)
            if destination is None:
                destination = wire.unpack_destination(wire.unpack_attributes(answer)[wire.ATTR_DEST], service.family)
            destinations[destination.key] = destination
        return destinations

    def _destination(self, answer: bytes) -> Destination | None:
        """None when the kernel has another order."""
        if len(answer) < _SIGHT.size:
            return None
        sight = _SIGHT.unpack_from(answer)
        known = self._destinations.get(sight)
        if known is not None:
            return known
        nest, address, *rest = sight
        key = (nest, address[:4], *rest)
        example = self._examples.get(key) or _example(key, len(answer))
        if example is None:
            return None
        self._examples[key] = example
        found = self._destinations[sight] = example.at(wire.unpack_address(example.key.family, address[4:]))
        return found

    def _expected_destinations(self, destinations: Iterable[Destination], size: int) -> Dict[Sight, Destination]:
        expected = {}
        nest = _HEADER.pack(size, wire.ATTR_DEST)
        active, inactive, persistent = _CONNECTIONS
        for one in destinations:
            family, address, port = one.key
            tunnel = one.tunnel_type, one.tunnel_port, one.tunnel_checksum
            values = port, one.forward, one.weight, tunnel, one.upper_threshold, one.lower_threshold
            fields = self._packed_fields.get(values)
            if fields is None:
                fields = self._packed_fields[values] = _pack_fields(values)
            packed = (_ADDRESS + inet_pton(FAMILIES[family], address)).ljust(20, b"\0")
            expected[nest, packed, fields, active, inactive, persistent, _FAMILIES[family]] = one
        return expected

    def _expected_services(self) -> Dict[bytes, Service]:
        fields: Dict[Tuple[Any, ...], bytes] = {}
        expected = {}
        for key, entry in self._expected.items():
            values = (key.family, *_SERVICE_VALUES(entry.service))
            packed = fields.get(values)
            if packed is None:
                packed = fields[values] = _service_fields(entry.service)
            expected[wire.pack_service_key(key)[_HEADER.size :] + packed] = entry.service
        return expected


def _pack_fields(values: Tuple[Any, ...]) -> bytes:
    port, forward, weight, (tunnel_type, tunnel_port, checksum), upper, lower = values
    tunnel = TUNNEL_TYPES[tunnel_type], socket.htons(tunnel_port), TUNNEL_CHECKSUMS[checksum]
    numbers = socket.htons(port), FORWARDS[forward], weight, *tunnel, upper, lower
    return _FIELDS.pack(*(part for pair in zip(_HEADERS, numbers) for part in pair))


def unpack_service(answer: bytes) -> Service:
    return wire.unpack_service(wire.unpack_attributes(answer)[wire.ATTR_SERVICE])


def _example(key: Sight, size: int) -> Destination | None:
    """A real server without an address; None when the kernel has another order."""
    nest, address, fields, active, inactive, persistent, family = key
    numbers = _FIELDS.unpack(fields)
    name = _FAMILY_NAMES.get(family)
    layout = (nest, address, numbers[::2], (active, inactive, persistent))
    if name is None or layout != (_HEADER.pack(size, wire.ATTR_DEST), _ADDRESS, _HEADERS, _CONNECTIONS):
        return None
    port, forward, weight, tunnel_type, tunnel_port, checksum, upper, lower = numbers[1::2]
    return Destination(
        DestinationKey(name, "", socket.ntohs(port)),
        wire.name(wire.FORWARD_NAMES, forward),
        weight,
        upper,
        lower,
        wire.name(wire.TUNNEL_TYPE_NAMES, tunnel_type),
        socket.ntohs(tunnel_port),
        wire.name(wire.TUNNEL_CHECKSUM_NAMES, checksum),
    )


def _service_fields(service: Service) -> bytes:
    """As ip_vs_genl_fill_service: what stands between the key and the statistics."""
    engine = service.persistence_engine
    return b"".join(
        (
            wire.pack_attribute(wire.SVC_SCHEDULER, service.scheduler.encode("ascii") + b"\0"),
            wire.pack_attribute(wire.SVC_ENGINE, engine.encode("ascii") + b"\0") if engine else b"",
            wire.pack_attribute(wire.SVC_FLAGS, struct.pack("=II", wire.service_flags(service) | _FLAG_HASHED, _ALL_FLAGS)),
            wire.pack_attribute(wire.SVC_TIMEOUT, struct.pack("=I", service.persistence_timeout)),
            wire.pack_attribute(wire.SVC_NETMASK, wire.pack_netmask(service.key.family, service.persistence_netmask)),
        )
    )


def _find_service(answer: bytes, expected: Mapping[bytes, Service], sizes: Iterable[int]) -> Service | None:
    for size in sizes:
        service = expected.get(answer[_HEADER.size : _HEADER.size + size])
        # Another kernel could send more that matters, such as the engine, after what is expected.
        if service is not None and _are_statistics(answer, _HEADER.size + size):
            return service
    return None


def _are_statistics(answer: bytes, start: int) -> bool:
    """Whether nothing else follows."""
    end = len(answer)
    if _HEADER.unpack_from(answer) != (end, wire.ATTR_SERVICE):
        return False
    while start < end:
        length, kind = _HEADER.unpack_from(answer, start)
        if kind & wire.TYPE_MASK not in (_STATISTICS, _STATISTICS_64):
            return False
        start += length
    return start == end
