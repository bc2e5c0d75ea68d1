# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statistics from bytes, laid out as the kernel's ip_vs_genl_fill_stats and ip_vs_genl_fill_stats64 do."""

from __future__ import annotations

import struct

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import wire
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import TransportError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import Destination, DestinationKey, Service, ServiceKey
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.statistics import Connections, Counters, DestinationStatistics
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.wire_statistics import (
    unpack_destination_statistics,
    unpack_service_statistics,
)

TCP = ServiceKey.at("tcp", "192.0.2.10", 80)
RIP = DestinationKey.at("2001:db8::1", 80)
# Ten numbers that tell the fields apart, the last five of them rates.
SMALL = (101, 102, 103, 2**40 + 4, 2**40 + 5, 106, 107, 108, 109, 110)
LARGE = tuple(2**40 + number for number in range(10))


def attribute(kind, layout, *values):
    value = struct.pack(layout, *values)
    return struct.pack("=HH", len(value) + 4, kind) + value + bytes(-len(value) % 4)


def nested(kind, body):
    return struct.pack("=HH", len(body) + 4, kind) + body


def narrow(numbers):
    """u32, except for the two sums of bytes."""
    return b"".join(attribute(kind, "=Q" if kind in (4, 5) else "=I", number) for kind, number in enumerate(numbers, 1))


def wide(numbers):
    """u64, each behind an empty attribute 11 where the kernel aligns it so."""
    return b"".join(attribute(11, "=") + attribute(kind, "=Q", number) for kind, number in enumerate(numbers, 1))


def service(*statistics):
    return wire.pack_service(Service(TCP))[4:] + b"".join(statistics)


def destination(*statistics):
    connections = b"".join(attribute(kind, "=I", number) for kind, number in ((7, 3), (8, 2**32 - 1), (9, 5)))
    return wire.pack_destination(Destination(RIP))[4:] + connections + b"".join(statistics)


@pytest.mark.parametrize(
    ("statistics", "expected"),
    [
        ([nested(10, narrow(SMALL))], SMALL),
        ([nested(10, narrow(SMALL)), nested(12, wide(LARGE))], LARGE),
        ([nested(10 | 0x8000, narrow(SMALL)), nested(12 | 0x8000, wide(LARGE))], LARGE),
        ([nested(12, wide(LARGE))], LARGE),
        ([], (0,) * 10),
    ],
    ids=["before 4.1", "both", "both, flagged as nested", "wide alone", "none"],
)
def test_counters(statistics, expected):
    assert unpack_service_statistics(service(*statistics)) == (TCP, Counters(*expected))
    assert unpack_destination_statistics(destination(*statistics), "ipv4") == (
        RIP,
        DestinationStatistics(Connections(active=3, inactive=2**32 - 1, persistent=5), Counters(*expected)),
    )


def test_the_fields_have_the_order_of_the_kernels_numbers():
    assert Counters(*SMALL) == Counters(
        connections=101,
        incoming_packets=102,
        outgoing_packets=103,
        incoming_bytes=2**40 + 4,
        outgoing_bytes=2**40 + 5,
        connection_rate=106,
        incoming_packet_rate=107,
        outgoing_packet_rate=108,
        incoming_byte_rate=109,
        outgoing_byte_rate=110,
    )


def test_statistics_that_are_cut_off():
    with pytest.raises(TransportError):
        unpack_service_statistics(service(nested(12, wide(LARGE)[:-4])))
