# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real servers of a dump, in the order in which kernels send their attributes."""

from __future__ import annotations

import struct

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import wire, wire_dump
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import TransportError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    FAMILIES,
    FORWARDS,
    TUNNEL_CHECKSUMS,
    TUNNEL_TYPES,
    Destination,
    DestinationKey,
    pack_address,
)

V4 = DestinationKey.at("198.51.100.1", 8080)
V6 = DestinationKey.at("2001:db8::2", 80)
SAMPLES = [
    Destination(V4, "masquerade", 2**31 - 1, 1000, 800),
    Destination(V6, "tunnel", 0, 0, 0, "gue", 6080, "remcsum"),
    Destination(V6, "tunnel", 1, 0, 0, "gre", 0, "csum"),
    Destination(V4),
]


def attributes(destination, connections=(3, 2, 1), swap=False, **raw):
    """As ip_vs_genl_fill_dest() of the kernel."""
    key = destination.key
    fields = [
        (1, pack_address(key.family, key.address).ljust(16, b"\0")),
        (2, struct.pack("!H", key.port)),
        (3, struct.pack("=I", raw.get("forward", FORWARDS.get(destination.forward)))),
        (4, struct.pack("=I", destination.weight)),
        (13, struct.pack("=B", raw.get("tunnel_type", TUNNEL_TYPES.get(destination.tunnel_type)))),
        (14, struct.pack("!H", destination.tunnel_port)),
        (15, struct.pack("=H", TUNNEL_CHECKSUMS[destination.tunnel_checksum])),
        (5, struct.pack("=I", destination.upper_threshold)),
        (6, struct.pack("=I", destination.lower_threshold)),
        *((kind, struct.pack("=I", count)) for kind, count in zip((7, 8, 9), connections)),
        (11, struct.pack("=H", raw.get("family", FAMILIES[key.family]))),
        (10, bytes(100)),
        (12, bytes(120)),
    ]
    if swap:
        fields[0], fields[1] = fields[1], fields[0]
    return wire.pack_attribute(2, b"".join(wire.pack_attribute(kind, value) for kind, value in fields))


@pytest.mark.parametrize("swap", [False, True], ids=["known order", "another order"])
@pytest.mark.parametrize("destination", SAMPLES)
def test_destinations(destination, swap):
    answers = [attributes(destination, swap=swap)]
    assert wire_dump.unpack_destinations(answers, "ipv4", {}) == {destination.key: destination}


def test_the_known_order_is_read_fast():
    assert wire_dump._unpack(attributes(SAMPLES[0]), {}) == SAMPLES[0]
    assert wire_dump._unpack(attributes(SAMPLES[0], swap=True), {}) is None


def test_what_our_own_encoder_sends_is_read_as_well():
    for destination in SAMPLES:
        answers = [wire.pack_destination(destination)]
        assert wire_dump.unpack_destinations(answers, "ipv4", {}) == {destination.key: destination}


def test_equal_real_servers_are_one_value_whatever_they_are_doing():
    memory = {}
    first = wire_dump.unpack_destinations([attributes(SAMPLES[0])], "ipv4", memory)[V4]
    second = wire_dump.unpack_destinations([attributes(SAMPLES[0], connections=(9, 9, 9))], "ipv4", memory)[V4]
    assert first is second
    assert len(memory) == 1


def test_nonsense_that_the_kernel_accepted_stays_readable():
    found = wire_dump.unpack_destinations([attributes(SAMPLES[0], forward=7)], "ipv4", {})
    assert found[V4].forward == "7"
    found = wire_dump.unpack_destinations([attributes(SAMPLES[2], tunnel_type=9)], "ipv4", {})
    assert found[V6].tunnel_type == "9"


def test_an_unknown_family():
    with pytest.raises(TransportError, match="unknown address family 99"):
        wire_dump.unpack_destinations([attributes(SAMPLES[0], family=99)], "ipv4", {})


def test_a_broken_answer():
    with pytest.raises(TransportError):
        wire_dump.unpack_destinations([b"\xff\xff\x02\x00" + bytes(200)], "ipv4", {})
