# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real servers of a dump to values, fast: all kernels so far send the same attributes in the same order."""

from __future__ import annotations

import socket
import struct
from typing import Any, Dict, Iterable, Tuple

from . import wire
from .model import FAMILY_NAMES, Destination, DestinationKey

_ACTIVE_CONNECTIONS, _INACTIVE_CONNECTIONS, _PERSISTENT_CONNECTIONS = 7, 8, 9
# Type and format of each attribute, as the kernel fills them in (net/netfilter/ipvs/ip_vs_ctl.c: ip_vs_genl_fill_dest).
# After the last one come the statistics, which are not looked at.
_LAYOUT = (
    (wire.DEST_ADDRESS, "16s"),
    (wire.DEST_PORT, "H2x"),
    (wire.DEST_FORWARD, "I"),
    (wire.DEST_WEIGHT, "I"),
    (wire.DEST_TUNNEL_TYPE, "B3x"),
    (wire.DEST_TUNNEL_PORT, "H2x"),
    (wire.DEST_TUNNEL_FLAGS, "H2x"),
    (wire.DEST_UPPER, "I"),
    (wire.DEST_LOWER, "I"),
    (_ACTIVE_CONNECTIONS, "I"),
    (_INACTIVE_CONNECTIONS, "I"),
    (_PERSISTENT_CONNECTIONS, "I"),
    (wire.DEST_FAMILY, "H2x"),
)
_SIZES = {"16s": 16, "H2x": 2, "I": 4, "B3x": 1}
# The type of the nest that they are in; then for each the header as one number, and the value.
_FIELDS = struct.Struct("=2xH" + "".join("I" + layout for _kind, layout in _LAYOUT))
_HEADERS = tuple(struct.unpack("=I", struct.pack("=HH", 4 + _SIZES[layout], kind))[0] for kind, layout in _LAYOUT)
# All before the connections.
_VALUES = slice(2, 2 + 2 * 9, 2)

Memory = Dict[Tuple[Any, ...], Destination]


def unpack_destinations(answers: Iterable[bytes], service_family: str, memory: Memory) -> dict[DestinationKey, Destination]:
    """The real servers of a GET_DEST dump's answers. Equal ones of several services become one value in `memory`."""
    destinations = {}
    for answer in answers:
        destination = _unpack(answer, memory) if len(answer) >= _FIELDS.size else None
        if destination is None:
            destination = wire.unpack_destination(wire.unpack_attributes(answer)[wire.ATTR_DEST], service_family)
        destinations[destination.key] = destination
    return destinations


def _unpack(answer: bytes, memory: Memory) -> Destination | None:
    """None when the kernel has another order."""
    fields = _FIELDS.unpack_from(answer)
    family = FAMILY_NAMES.get(fields[-1])
    if fields[1::2] != _HEADERS or family is None:
        return None
    values = (family, *fields[_VALUES])
    known = memory.get(values)
    if known is None:
        _family, address, port, forward, weight, tunnel_type, tunnel_port, checksum, upper, lower = values
        known = memory[values] = Destination(
            DestinationKey(family, wire.unpack_address(family, address), socket.ntohs(port)),
            wire.name(wire.FORWARD_NAMES, forward),
            weight,
            upper,
            lower,
            wire.name(wire.TUNNEL_TYPE_NAMES, tunnel_type),
            socket.ntohs(tunnel_port),
            wire.name(wire.TUNNEL_CHECKSUM_NAMES, checksum),
        )
    return known
