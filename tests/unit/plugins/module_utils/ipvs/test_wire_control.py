# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Daemons and timeouts on the wire, against literal bytes. The numbers are those of a little-endian machine."""

from __future__ import annotations

import sys

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import wire_control
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control import Daemon, Timeouts
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import TransportError

pytestmark = pytest.mark.skipif(sys.byteorder != "little", reason="the literal bytes are little-endian")

DAEMONS = {
    "master": (
        Daemon("master", "eth1", 10, 1472),
        "0800 0100 01000000 0900 0200 6574683100 000000 0800 0300 0a000000"
        "0800 0500 e0000051"  # the group, big-endian
        "0600 0700 9022 0000"  # port 8848, in the host's order
        "0500 0800 01 000000"
        "0600 0400 c005 0000",
    ),
    "ipv6": (
        Daemon("backup", "eth1", 255, 0, "ff02::51", 9000, 255),
        "0800 0100 02000000 0900 0200 6574683100 000000 0800 0300 ff000000"
        "1400 0600 ff020000 00000000 00000000 00000051"
        "0600 0700 2823 0000"
        "0500 0800 ff 000000",
    ),
}
OLD = "0800 0100 02000000 0900 0200 6574683100 000000 0800 0300 07000000"


def nested(hexadecimal):
    body = bytes.fromhex(hexadecimal)
    return bytes([len(body) + 4, 0, 3, 0]) + body


@pytest.mark.parametrize("name", sorted(DAEMONS))
def test_daemons(name):
    daemon, expected = DAEMONS[name]
    assert wire_control.pack_daemon(daemon).hex() == nested(expected).hex()
    assert wire_control.unpack_daemon(bytes.fromhex(expected)) == daemon


def test_what_is_to_stop():
    assert wire_control.pack_role("backup") == nested("0800 0100 02000000")


def test_daemons_of_old_kernels():
    assert wire_control.unpack_daemon(bytes.fromhex(OLD)) == Daemon("backup", "eth1", 7)


def test_an_unknown_state():
    with pytest.raises(TransportError, match="unknown state 4"):
        wire_control.unpack_daemon(bytes.fromhex(OLD.replace("02000000", "04000000")))


def test_timeouts():
    data = bytes.fromhex("0800 0400 201c0000 0800 0500 78000000 0800 0600 00000000")
    assert wire_control.pack_timeouts(Timeouts(7200, 120, 0)) == data
    assert wire_control.unpack_timeouts(data) == Timeouts(7200, 120, 0)


def test_timeouts_of_a_kernel_without_udp():
    assert wire_control.unpack_timeouts(bytes.fromhex("0800 0400 01000000 0800 0500 02000000")) == Timeouts(1, 2, 300)
