# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bytes of what the kernel counts (linux/ip_vs.h, IPVS_STATS_ATTR_*), to values. Pure."""

from __future__ import annotations

import sys
from typing import Mapping

from . import wire
from .model import DestinationKey, ServiceKey
from .statistics import Connections, Counters, DestinationStatistics

# IPVS_SVC_ATTR_*
SVC_STATS, SVC_STATS64 = 10, 12
# IPVS_DEST_ATTR_*
DEST_ACTIVE, DEST_INACTIVE, DEST_PERSISTENT, DEST_STATS, DEST_STATS64 = 7, 8, 9, 10, 12
# IPVS_STATS_ATTR_*: the same numbers in both sizes of statistics; 11 is padding.
CONNECTIONS, IN_PACKETS, OUT_PACKETS, IN_BYTES, OUT_BYTES = 1, 2, 3, 4, 5
CONNECTION_RATE, IN_PACKET_RATE, OUT_PACKET_RATE, IN_BYTE_RATE, OUT_BYTE_RATE = 6, 7, 8, 9, 10


def unpack_service_statistics(data: bytes) -> tuple[ServiceKey, Counters]:
    return wire.unpack_service(data).key, _counters(wire.unpack_attributes(data), SVC_STATS64, SVC_STATS)


def unpack_destination_statistics(data: bytes, service_family: str) -> tuple[DestinationKey, DestinationStatistics]:
    fields = wire.unpack_attributes(data)
    connections = Connections(
        active=_number(fields, DEST_ACTIVE),
        inactive=_number(fields, DEST_INACTIVE),
        persistent=_number(fields, DEST_PERSISTENT),
    )
    key = wire.unpack_destination(data, service_family).key
    return key, DestinationStatistics(connections, _counters(fields, DEST_STATS64, DEST_STATS))


def _counters(fields: Mapping[int, bytes], wide: int, narrow: int) -> Counters:
    # Kernels since 4.1 send both, and the narrow one overflows: 4294967296 packets are 0 there.
    counted = wire.unpack_attributes(fields.get(wide) or fields.get(narrow) or b"")
    return Counters(
        connections=_number(counted, CONNECTIONS),
        incoming_packets=_number(counted, IN_PACKETS),
        outgoing_packets=_number(counted, OUT_PACKETS),
        incoming_bytes=_number(counted, IN_BYTES),
        outgoing_bytes=_number(counted, OUT_BYTES),
        connection_rate=_number(counted, CONNECTION_RATE),
        incoming_packet_rate=_number(counted, IN_PACKET_RATE),
        outgoing_packet_rate=_number(counted, OUT_PACKET_RATE),
        incoming_byte_rate=_number(counted, IN_BYTE_RATE),
        outgoing_byte_rate=_number(counted, OUT_BYTE_RATE),
    )


def _number(fields: Mapping[int, bytes], kind: int) -> int:
    """A native unsigned number: 4 or 8 bytes, which differs between the fields even of the narrow statistics."""
    return int.from_bytes(fields.get(kind, b""), sys.byteorder)
