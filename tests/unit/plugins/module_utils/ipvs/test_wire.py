# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wire format, against literal bytes. The numbers are those of a little-endian machine."""

from __future__ import annotations

import sys

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import wire
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import TransportError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Service,
    ServiceKey,
)

pytestmark = pytest.mark.skipif(sys.byteorder != "little", reason="the literal bytes are little-endian")

TCP = ServiceKey.at("tcp", "192.0.2.10", 80)
TCP_BYTES = (
    "0600 0100 0200 0000"  # family 2
    "0600 0200 0600 0000"  # protocol 6
    "1400 0300 c000020a 00000000 00000000 00000000"
    "0600 0400 0050 0000"  # port 80, big-endian
)
V6 = ServiceKey.at("udp", "2001:db8::10", 53)
V6_BYTES = (
    "0600 0100 0a00 0000"  # family 10
    "0600 0200 1100 0000"  # protocol 17
    "1400 0300 20010db8 00000000 00000000 00000010"
    "0600 0400 0035 0000"
)
MARK_BYTES = "0600 0100 0200 0000 0800 0500 ffffffff"
FULL = {
    "plain": (
        Service(TCP),
        TCP_BYTES + "0800 0600 776c6300"  # wlc
        "0c00 0700 00000000 3d000000"
        "0800 0800 00000000"
        "0800 0900 ffffffff",
    ),
    "persistent": (
        Service(TCP, "sh", 3, 3600, "255.255.255.0", "sip"),
        TCP_BYTES + "0700 0600 736800 00"
        "0c00 0700 19000000 3d000000"  # persistent, sh-fallback, sh-port
        "0800 0800 100e0000"
        "0800 0900 ffffff00"  # as in memory: big-endian
        "0800 0b00 73697000",
    ),
    "ipv6": (
        Service(V6, "rr", 4, 60, "64", one_packet=True),
        V6_BYTES + "0700 0600 727200 00"
        "0c00 0700 25000000 3d000000"  # persistent, one-packet, flag-3
        "0800 0800 3c000000"
        "0800 0900 40000000",  # prefix length, native
    ),
    "fwmark": (
        Service(ServiceKey.marked(2**32 - 1), "rr"),
        MARK_BYTES + "0700 0600 727200 00 0c00 0700 00000000 3d000000 0800 0800 00000000 0800 0900 ffffffff",
    ),
}
V4_RIP = "1400 0100 c6336401 00000000 00000000 00000000 0600 0200 1f90 0000 0600 0b00 0200 0000"
V6_RIP = "1400 0100 20010db8 00000000 00000000 00000002 0600 0200 0050 0000 0600 0b00 0a00 0000"
DESTINATIONS = {
    "masquerade": (
        Destination(DestinationKey.at("198.51.100.1", 8080), "masquerade", 2**31 - 1, 1000, 800),
        V4_RIP + "0800 0300 00000000 0800 0400 ffffff7f 0800 0500 e8030000 0800 0600 20030000"
        "0500 0d00 00 000000 0600 0e00 0000 0000 0600 0f00 0000 0000",
    ),
    "gue": (
        Destination(DestinationKey.at("2001:db8::2", 80), "tunnel", 0, 0, 0, "gue", 6080, "remcsum"),
        V6_RIP + "0800 0300 02000000 0800 0400 00000000 0800 0500 00000000 0800 0600 00000000"
        "0500 0d00 01 000000 0600 0e00 17c0 0000 0600 0f00 0200 0000",
    ),
    "gre": (
        Destination(DestinationKey.at("2001:db8::2", 80), "tunnel", 1, 0, 0, "gre", 0, "csum"),
        V6_RIP + "0800 0300 02000000 0800 0400 01000000 0800 0500 00000000 0800 0600 00000000"
        "0500 0d00 02 000000 0600 0e00 0000 0000 0600 0f00 0100 0000",
    ),
    "direct": (
        Destination(DestinationKey.at("2001:db8::2", 80)),
        V6_RIP + "0800 0300 03000000 0800 0400 01000000 0800 0500 00000000 0800 0600 00000000"
        "0500 0d00 00 000000 0600 0e00 0000 0000 0600 0f00 0000 0000",
    ),
}


def nested(kind, hexadecimal):
    body = bytes.fromhex(hexadecimal)
    return bytes([len(body) + 4, 0, kind, 0]) + body


def test_message():
    assert wire.pack_message(0x1D, 5, 7, wire.NEW_SERVICE, b"\x08\x00\x05\x00\x01\x00\x00\x00") == bytes.fromhex(
        "1c000000 1d00 0500 07000000 00000000 01 01 0000 0800 0500 01000000"
    )


def test_several_messages_in_one_buffer():
    data = bytes.fromhex("13000000 0200 1000 05000000 00000000 aabbcc 00 10000000 0300 0200 06000000 00000000")
    assert list(wire.unpack_messages(data)) == [
        wire.Message(2, 0x10, 5, b"\xaa\xbb\xcc"),
        wire.Message(3, 2, 6, b""),
    ]


@pytest.mark.parametrize(
    "data", ["10000000 0300", "ff000000 0300 0200 06000000 00000000", "00000000 0300 0200 06000000 00000000"]
)
def test_broken_messages_do_not_loop_or_crash(data):
    with pytest.raises(TransportError):
        list(wire.unpack_messages(bytes.fromhex(data)))


@pytest.mark.parametrize("data", ["0300 0100", "0900 0100 00000000"])
def test_broken_attributes_do_not_loop_or_crash(data):
    with pytest.raises(TransportError):
        wire.unpack_attributes(bytes.fromhex(data))


def test_flags_in_attribute_types_are_masked():
    assert wire.unpack_attributes(bytes.fromhex("0600 0180 aabb 0000 0500 0240 cc 000000")) == {1: b"\xaa\xbb", 2: b"\xcc"}


@pytest.mark.parametrize(("key", "expected"), [(TCP, TCP_BYTES), (V6, V6_BYTES), (ServiceKey.marked(2**32 - 1), MARK_BYTES)])
def test_service_keys(key, expected):
    assert wire.pack_service_key(key) == nested(1, expected)


@pytest.mark.parametrize("name", sorted(FULL))
def test_services(name):
    service, expected = FULL[name]
    assert wire.pack_service(service).hex() == nested(1, expected).hex()
    assert wire.unpack_service(bytes.fromhex(expected)) == service


@pytest.mark.parametrize("name", sorted(DESTINATIONS))
def test_destinations(name):
    destination, expected = DESTINATIONS[name]
    assert wire.pack_destination(destination).hex() == nested(2, expected).hex()
    assert wire.unpack_destination(bytes.fromhex(expected), "ipv4") == destination


def test_the_hashed_flag_is_not_part_of_the_service():
    flags = "0c00 0700 02000000 ffffffff"
    data = FULL["plain"][1].replace("0c00 0700 00000000 3d000000", flags)
    assert wire.unpack_service(bytes.fromhex(data)) == Service(TCP)


def test_destinations_of_old_kernels():
    data = "1400 0100 c6336401 00000000 00000000 00000000 0600 0200 0050 0000 0800 0300 03000000 0800 0400 01000000"
    assert wire.unpack_destination(bytes.fromhex(data), "ipv4") == Destination(DestinationKey.at("198.51.100.1", 80))


@pytest.mark.parametrize("protocol", ["0", "47"])
def test_a_service_of_a_protocol_that_only_the_kernel_accepts_can_be_named(protocol):
    key = ServiceKey("ipv4", protocol, "192.0.2.10", 80)
    assert wire.unpack_service(wire.pack_service(Service(key))[4:]) == Service(key)


def test_nonsense_that_the_kernel_accepted_stays_readable():
    data = DESTINATIONS["gre"][1].replace("0500 0d00 02", "0500 0d00 09")
    assert wire.unpack_destination(bytes.fromhex(data), "ipv6").tunnel_type == "9"
    data = DESTINATIONS["direct"][1].replace("0800 0300 03", "0800 0300 07")
    assert wire.unpack_destination(bytes.fromhex(data), "ipv6").forward == "7"
