# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Daemons and timeouts over netlink, on a socket whose answers are written down."""

from __future__ import annotations

import errno

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import wire_control
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control import Daemon, Timeouts
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control_errors import ControlRefusedError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import ModuleMissingError, TransportError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink_control import NetlinkControl
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.test_netlink import (
    FAMILY,
    GETFAMILY,
    FakeModules,
    FakeSocket,
    answer,
    done,
    family,
    refusal,
    status,
)

MASTER = Daemon("master", "eth1", 10, 1472)
BACKUP = Daemon("backup", "eth1", 10, 1472)


def control(*replies, present=True, load_module=True):
    sock = FakeSocket(*replies)
    return NetlinkControl(load_module, FakeModules(present), lambda: sock), sock


def test_daemons():
    def dump(sequence):
        return [answer(sequence, wire_control.pack_daemon(daemon), flags=2) for daemon in (MASTER, BACKUP)] + [done(sequence)]

    over, sock = control(family, dump)
    assert over.daemons() == {"master": MASTER, "backup": BACKUP}
    # The kernel answers to dumps only.
    assert sock.sent[1].flags & 0x300
    assert sock.commands == [GETFAMILY, (FAMILY, wire_control.GET_DAEMON)]


def test_timeouts():
    over, sock = control(family, lambda number: answer(number, wire_control.pack_timeouts(Timeouts(1, 2, 3))) + status(number))
    assert over.timeouts() == Timeouts(1, 2, 3)
    assert sock.commands == [GETFAMILY, (FAMILY, 13)]


def test_reading_without_the_module_asks_nothing():
    over, sock = control(present=False)
    assert over.daemons() == {}
    assert over.timeouts() == Timeouts(900, 120, 300)
    assert sock.sent == []


def test_writing():
    over, sock = control(family, status, status, status)
    over.start_daemon(MASTER)
    over.stop_daemon(MASTER)
    over.set_timeouts(Timeouts(7200, 0, 0))
    assert sock.commands == [GETFAMILY, (FAMILY, 9), (FAMILY, 10), (FAMILY, 12)]
    assert [request.attributes for request in sock.sent[1:]] == [
        wire_control.pack_daemon(MASTER),
        wire_control.pack_role("master"),
        wire_control.pack_timeouts(Timeouts(7200, 0, 0)),
    ]


def test_writing_does_not_load_the_module_against_the_users_will():
    over, sock = control(present=False, load_module=False)
    with pytest.raises(ModuleMissingError):
        over.start_daemon(MASTER)
    assert sock.sent == []


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        (errno.EEXIST, "start master synchronisation daemon on eth1: a daemon of this role runs already"),
        (errno.ENODEV, "no such interface"),
        (errno.EINVAL, "tunnels that cross address families"),
        (errno.EPERM, "CAP_NET_ADMIN"),
    ],
)
def test_refusals(number, problem):
    over, _sock = control(family, refusal(number))
    with pytest.raises(ControlRefusedError, match=problem) as caught:
        over.start_daemon(MASTER)
    assert caught.value.number == number


def test_no_answer():
    over, _sock = control(family, status)
    with pytest.raises(TransportError, match="without an answer"):
        over.timeouts()
