# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading statistics: which questions are asked, over a family whose answers are written down."""

from __future__ import annotations

import errno
import struct

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import wire
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import KernelError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import Destination, DestinationKey, Service, ServiceKey
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink import RefusedError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink_statistics import read_statistics
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.statistics import (
    Connections,
    Counters,
    DestinationStatistics,
    ServiceStatistics,
)

KEYS = [ServiceKey.at("tcp", "192.0.2.10", port) for port in range(1, 21)]
RIP = DestinationKey.at("198.51.100.1", 80)
COUNTED = ServiceStatistics(Counters(connections=7), {RIP: DestinationStatistics(Connections(active=2), Counters(connections=7))})


class FakeFamily:
    """Services with one real server each; `failing` are the commands that the kernel refuses, with their errors."""

    def __init__(self, keys=KEYS, present=True, failing=()):
        self.keys = keys
        self.is_present = present
        self.failing = dict(failing)
        self.asked = []

    def present(self):
        return self.is_present

    def request(self, command, attributes):
        self._note("request", command)
        found = [key for key in self.keys if wire.pack_service_key(key) == attributes]
        if not found:
            raise RefusedError(errno.ESRCH)
        return [service(found[0])]

    def dump(self, command, _attributes):
        self._note("dump", command)
        return [service(key) for key in self.keys] if command == wire.GET_SERVICE else [destination()]

    def _note(self, way, command):
        self.asked.append((way, command))
        if command in self.failing:
            raise RefusedError(self.failing[command])


def statistics(kind):
    return wire.pack_attribute(kind, wire.pack_attribute(1, struct.pack("=Q", 7)))


def service(key):
    return wire.pack_attribute(1, wire.pack_service(Service(key))[4:] + statistics(12))


def destination():
    active = wire.pack_attribute(7, struct.pack("=I", 2))
    return wire.pack_attribute(2, wire.pack_destination(Destination(RIP))[4:] + active + statistics(12))


def test_a_single_service_is_asked_for_alone():
    kernel = FakeFamily()
    assert read_statistics(kernel, [KEYS[3]]) == {KEYS[3]: COUNTED}
    assert kernel.asked == [("request", wire.GET_SERVICE), ("dump", wire.GET_DEST)]


def test_many_services_are_one_dump():
    kernel = FakeFamily()
    assert read_statistics(kernel, KEYS[:10]) == dict.fromkeys(KEYS[:10], COUNTED)
    assert kernel.asked == [("dump", wire.GET_SERVICE)] + [("dump", wire.GET_DEST)] * 10


@pytest.mark.parametrize("wanted", [KEYS[:2], KEYS], ids=["few", "many"])
def test_services_that_do_not_exist_are_left_out(wanted):
    assert read_statistics(FakeFamily(keys=KEYS[:1]), wanted) == {KEYS[0]: COUNTED}


def test_nothing_is_asked_without_the_module():
    kernel = FakeFamily(present=False)
    assert (read_statistics(kernel, KEYS), kernel.asked) == ({}, [])


def test_nothing_is_asked_for_nothing():
    kernel = FakeFamily()
    assert (read_statistics(kernel, []), kernel.asked) == ({}, [])


@pytest.mark.parametrize(
    ("wanted", "command", "operation"),
    [
        (KEYS[:1], wire.GET_SERVICE, "read the statistics of tcp 192.0.2.10:1"),
        (KEYS[:1], wire.GET_DEST, "read the real servers' statistics of tcp 192.0.2.10:1"),
        (KEYS, wire.GET_SERVICE, "read the statistics of all services"),
    ],
)
def test_a_refusal_says_what_was_read(wanted, command, operation):
    with pytest.raises(KernelError) as refused:
        read_statistics(FakeFamily(failing={command: errno.EPERM}), wanted)
    assert str(refused.value).startswith(operation + ": permission denied")
