# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bytes of the generic netlink family IPVS, version 1 (linux/ip_vs.h): values to bytes and back. Pure."""

from __future__ import annotations

import socket
import struct
from typing import Iterator, Mapping, NamedTuple

from .errors import TransportError
from .model import (
    FAMILIES,
    FAMILY_NAMES,
    FORWARDS,
    PROTOCOLS,
    TUNNEL_CHECKSUMS,
    TUNNEL_TYPES,
    Destination,
    DestinationKey,
    Service,
    ServiceKey,
    pack_address,
)

# linux/ip_vs.h: IPVS_CMD_*
NEW_SERVICE, SET_SERVICE, DEL_SERVICE, GET_SERVICE = 1, 2, 3, 4
NEW_DEST, SET_DEST, DEL_DEST, GET_DEST = 5, 6, 7, 8
# IPVS_CMD_ATTR_*
ATTR_SERVICE, ATTR_DEST = 1, 2
# IPVS_SVC_ATTR_*
SVC_FAMILY, SVC_PROTOCOL, SVC_ADDRESS, SVC_PORT, SVC_FWMARK, SVC_SCHEDULER = 1, 2, 3, 4, 5, 6
SVC_FLAGS, SVC_TIMEOUT, SVC_NETMASK, SVC_ENGINE = 7, 8, 9, 11
# IPVS_DEST_ATTR_*
DEST_ADDRESS, DEST_PORT, DEST_FORWARD, DEST_WEIGHT, DEST_UPPER, DEST_LOWER = 1, 2, 3, 4, 5, 6
DEST_FAMILY, DEST_TUNNEL_TYPE, DEST_TUNNEL_PORT, DEST_TUNNEL_FLAGS = 11, 13, 14, 15
# IP_VS_SVC_F_*
FLAG_PERSISTENT, FLAG_ONE_PACKET, SCHEDULER_FLAGS_SHIFT = 1, 4, 3
# Flags outside of the mask keep their value: a newer kernel may have more than we know.
FLAGS_MASK = FLAG_PERSISTENT | FLAG_ONE_PACKET | 7 << SCHEDULER_FLAGS_SHIFT

PROTOCOL_NAMES, FORWARD_NAMES, TUNNEL_TYPE_NAMES, TUNNEL_CHECKSUM_NAMES = (
    {int(number): name for name, number in names.items()} for names in (PROTOCOLS, FORWARDS, TUNNEL_TYPES, TUNNEL_CHECKSUMS)
)

_MESSAGE = struct.Struct("=IHHII")
GENERIC = struct.Struct("=BBH")
_ATTRIBUTE = struct.Struct("=HH")
# A service's nest, family, protocol, address and port.
_KEY = struct.Struct("=HHHHH2xHHH2xHH16sHHH2x")
# The upper two bits of an attribute's type are flags (nested, network byte order).
TYPE_MASK = 0x3FFF
_ADDRESS_SIZES = {"ipv4": 4, "ipv6": 16}


class Message(NamedTuple):
    """One netlink message; `body` is what follows nlmsghdr."""

    kind: int
    flags: int
    sequence: int
    body: bytes

    @property
    def attributes(self) -> bytes:
        return self.body[GENERIC.size :]


def pack_message(kind: int, flags: int, sequence: int, command: int, attributes: bytes) -> bytes:
    body = GENERIC.pack(command, 1, 0) + attributes
    return _MESSAGE.pack(_MESSAGE.size + len(body), kind, flags, sequence, 0) + body


def unpack_messages(data: bytes) -> Iterator[Message]:
    for kind, flags, sequence, start, end in walk_messages(data):
        yield Message(kind, flags, sequence, data[start:end])


def walk_messages(data: bytes) -> Iterator[tuple[int, int, int, int, int]]:
    """As messages, with the place of the body instead of a copy."""
    start, end = 0, len(data)
    while start < end:
        if end - start < _MESSAGE.size:
            raise TransportError(f"a netlink message is cut off after {end - start} bytes")
        length, kind, flags, sequence, _port = _MESSAGE.unpack_from(data, start)
        if not _MESSAGE.size <= length <= end - start:
            raise TransportError(f"a netlink message says that it has {length} bytes, of {end - start}")
        yield kind, flags, sequence, start + _MESSAGE.size, start + length
        start += length + 3 & ~3


def pack_attribute(kind: int, value: bytes) -> bytes:
    length = _ATTRIBUTE.size + len(value)
    return _ATTRIBUTE.pack(length, kind) + value + b"\0" * (_aligned(length) - length)


def unpack_attributes(data: bytes) -> dict[int, bytes]:
    found = {}
    start, end = 0, len(data)
    while end - start >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(data, start)
        if not _ATTRIBUTE.size <= length <= end - start:
            raise TransportError(f"a netlink attribute says that it has {length} bytes, of {end - start}")
        found[kind & TYPE_MASK] = data[start + _ATTRIBUTE.size : start + length]
        start += _aligned(length)
    return found


def pack_service_key(key: ServiceKey) -> bytes:
    if key.fwmark:
        return pack_attribute(ATTR_SERVICE, _u16(SVC_FAMILY, FAMILIES[key.family]) + _u32(SVC_FWMARK, key.fwmark))
    return _KEY.pack(
        *(_KEY.size, ATTR_SERVICE),
        *(6, SVC_FAMILY, FAMILIES[key.family]),
        *(6, SVC_PROTOCOL, _number(PROTOCOLS, key.protocol)),
        *(20, SVC_ADDRESS, pack_address(key.family, key.address)),
        *(6, SVC_PORT, socket.htons(key.port)),
    )


def pack_service(service: Service) -> bytes:
    fields = (
        pack_service_key(service.key)[_ATTRIBUTE.size :]
        + _text(SVC_SCHEDULER, service.scheduler)
        + pack_attribute(SVC_FLAGS, struct.pack("=II", service_flags(service), FLAGS_MASK))
        + _u32(SVC_TIMEOUT, service.persistence_timeout)
        + pack_attribute(SVC_NETMASK, pack_netmask(service.key.family, service.persistence_netmask))
    )
    # SET drops the engine when the attribute is missing, which is also the only way to drop it.
    if service.persistence_engine:
        fields += _text(SVC_ENGINE, service.persistence_engine)
    return pack_attribute(ATTR_SERVICE, fields)


def service_flags(service: Service) -> int:
    flags = service.scheduler_flags << SCHEDULER_FLAGS_SHIFT
    flags |= FLAG_PERSISTENT if service.persistence_timeout else 0
    return flags | (FLAG_ONE_PACKET if service.one_packet else 0)


def unpack_service(data: bytes) -> Service:
    fields = unpack_attributes(data)
    family = _family(_uint(fields, SVC_FAMILY))
    fwmark = _uint(fields, SVC_FWMARK)
    if fwmark:
        key = ServiceKey.marked(fwmark, family)
    else:
        number = _uint(fields, SVC_PROTOCOL)
        key = ServiceKey(
            family, name(PROTOCOL_NAMES, number), unpack_address(family, fields[SVC_ADDRESS]), _port(fields, SVC_PORT)
        )
    flags = struct.unpack_from("=I", fields[SVC_FLAGS])[0]
    return Service(
        key,
        scheduler=_string(fields, SVC_SCHEDULER),
        scheduler_flags=flags >> SCHEDULER_FLAGS_SHIFT & 7,
        persistence_timeout=_uint(fields, SVC_TIMEOUT) if flags & FLAG_PERSISTENT else 0,
        persistence_netmask=_netmask_from_bytes(family, fields[SVC_NETMASK]),
        persistence_engine=_string(fields, SVC_ENGINE),
        one_packet=bool(flags & FLAG_ONE_PACKET),
    )


def pack_destination_key(key: DestinationKey) -> bytes:
    return pack_attribute(
        ATTR_DEST,
        pack_attribute(DEST_ADDRESS, _padded_address(key.family, key.address))
        + _be16(DEST_PORT, key.port)
        + _u16(DEST_FAMILY, FAMILIES[key.family]),
    )


def pack_destination(destination: Destination) -> bytes:
    return pack_attribute(
        ATTR_DEST,
        pack_destination_key(destination.key)[_ATTRIBUTE.size :]
        + _u32(DEST_FORWARD, FORWARDS[destination.forward])
        + _u32(DEST_WEIGHT, destination.weight)
        + _u32(DEST_UPPER, destination.upper_threshold)
        + _u32(DEST_LOWER, destination.lower_threshold)
        + pack_attribute(DEST_TUNNEL_TYPE, struct.pack("=B", TUNNEL_TYPES[destination.tunnel_type]))
        + _be16(DEST_TUNNEL_PORT, destination.tunnel_port)
        + _u16(DEST_TUNNEL_FLAGS, TUNNEL_CHECKSUMS[destination.tunnel_checksum]),
    )


def unpack_destination(data: bytes, service_family: str) -> Destination:
    fields = unpack_attributes(data)
    # Kernels before 3.18 do not send the family: there it is always the service's.
    family = _family(_uint(fields, DEST_FAMILY)) if DEST_FAMILY in fields else service_family
    return Destination(
        DestinationKey(family, unpack_address(family, fields[DEST_ADDRESS]), _port(fields, DEST_PORT)),
        forward=name(FORWARD_NAMES, _uint(fields, DEST_FORWARD)),
        weight=_uint(fields, DEST_WEIGHT),
        upper_threshold=_uint(fields, DEST_UPPER),
        lower_threshold=_uint(fields, DEST_LOWER),
        tunnel_type=name(TUNNEL_TYPE_NAMES, _uint(fields, DEST_TUNNEL_TYPE)),
        tunnel_port=_port(fields, DEST_TUNNEL_PORT),
        tunnel_checksum=name(TUNNEL_CHECKSUM_NAMES, _uint(fields, DEST_TUNNEL_FLAGS)),
    )


def unpack_address(family: str, packed: bytes) -> str:
    return socket.inet_ntop(FAMILIES[family], packed[: _ADDRESS_SIZES[family]])


def name(names: Mapping[int, str], number: int) -> str:
    # What the kernel holds must stay readable, even where it makes no sense (it accepts tunnel type 9).
    return names.get(number) or str(number)


def _number(numbers: Mapping[str, int], name: str) -> int:
    known = numbers.get(name)
    return int(name) if known is None else int(known)


def _aligned(length: int) -> int:
    return length + 3 & ~3


def _u16(kind: int, value: int) -> bytes:
    return pack_attribute(kind, struct.pack("=H", value))


def _u32(kind: int, value: int) -> bytes:
    return pack_attribute(kind, struct.pack("=I", value))


def _be16(kind: int, value: int) -> bytes:
    return pack_attribute(kind, struct.pack("!H", value))


def _text(kind: int, value: str) -> bytes:
    return pack_attribute(kind, value.encode("ascii") + b"\0")


def _uint(fields: Mapping[int, bytes], kind: int) -> int:
    """A native unsigned number of whatever size the kernel chose; 0 where an older kernel does not send it."""
    value = fields.get(kind, b"")
    formats: dict[int, str | None] = {0: None, 1: "=B", 2: "=H", 4: "=I"}
    layout = formats[len(value)]
    return int(struct.unpack(layout, value)[0]) if layout else 0


def _port(fields: Mapping[int, bytes], kind: int) -> int:
    return int.from_bytes(fields.get(kind, b""), "big")


def _string(fields: Mapping[int, bytes], kind: int) -> str:
    return fields.get(kind, b"").split(b"\0")[0].decode("ascii")


def _family(number: int) -> str:
    if number not in FAMILY_NAMES:
        raise TransportError(f"the kernel sent the unknown address family {number}")
    return FAMILY_NAMES[number]


def _padded_address(family: str, address: str) -> bytes:
    return pack_address(family, address).ljust(16, b"\0")


def pack_netmask(family: str, netmask: str) -> bytes:
    return pack_address(family, netmask) if family == "ipv4" else struct.pack("=I", int(netmask))


def _netmask_from_bytes(family: str, packed: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET, packed) if family == "ipv4" else str(struct.unpack("=I", packed)[0])
