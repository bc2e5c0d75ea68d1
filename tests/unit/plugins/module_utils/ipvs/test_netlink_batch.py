# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many operations in one datagram, over a socket that behaves as the kernel does."""

from __future__ import annotations

import errno
import struct
from dataclasses import replace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import wire
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import KernelError, TransportError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.kernel_modules import KernelModules
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink import BATCH
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink_table import NetlinkTransport
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.plan import Action
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.kernel_answers import (
    destination_answer,
    destination_fields,
    service_answer,
    service_fields,
)

FAMILY = 0x1D
ACK, DUMP = 0x4, 0x300
TCP = ServiceKey.at("tcp", "192.0.2.10", 80)


def message(kind, sequence, body=b"", flags=0):
    return struct.pack("=IHHII", 16 + len(body), kind, flags, sequence, 0) + body


def status(sequence, code=0):
    return message(2, sequence, struct.pack("=i", -code) + bytes(16))


class Kernel:
    """Looks at each message of a datagram; reports refusals always, and success where it is asked to. `refuse` maps the
    number of a written message to an error, `dumps` are the datagrams of one dump after the other."""

    def __init__(self, refuse=(), dumps=()):
        self.refuse = dict(refuse)
        self.dumps = list(dumps)
        self.datagrams = []
        self.written = []
        self.incoming = []

    def send(self, data):
        requests = list(wire.unpack_messages(data))
        if requests[0].kind == 0x10:
            body = bytes([1, 1, 0, 0]) + wire.pack_attribute(1, struct.pack("=H", FAMILY))
            self.incoming.append(message(0x10, requests[0].sequence, body) + status(requests[0].sequence))
            return
        if requests[0].flags & DUMP:
            self.incoming += [part(requests[0].sequence) for part in self.dumps.pop(0)]
            return
        self.datagrams.append(data)
        for request in requests:
            code = self.refuse.get(len(self.written), 0)
            self.written.append(request)
            if code or request.flags & ACK:
                self.incoming.append(status(request.sequence, code))

    def recv(self, _size):
        return self.incoming.pop(0)


class Present(KernelModules):
    def ip_vs_present(self):
        return True


def transport(**given):
    kernel = Kernel(**given)
    return NetlinkTransport(True, Present(), lambda: kernel), kernel


def rip(number):
    return DestinationKey.at(f"198.51.{number >> 8}.{number & 255}", 80)


def creations(count):
    return [Action(TCP, rip(number), None, Destination(rip(number))) for number in range(count)]


def deletions(count):
    return [Action(TCP, rip(number), Destination(rip(number)), None) for number in range(count)]


def test_a_batch_is_one_datagram_with_one_acknowledgement():
    netlink, kernel = transport()
    netlink.apply(creations(BATCH))
    assert len(kernel.datagrams) == 1
    assert [request.flags & ACK for request in kernel.written] == [0] * (BATCH - 1) + [ACK]
    assert [request.sequence for request in kernel.written] == list(range(2, BATCH + 2))
    # What the smallest of send buffers takes, for the longest of messages.
    assert len(kernel.datagrams[0]) <= 32 * 1024


def test_more_than_a_batch():
    netlink, kernel = transport()
    netlink.apply(creations(2 * BATCH + 1))
    assert len(kernel.datagrams) == 3
    assert [request.attributes for request in kernel.written] == [
        wire.pack_service_key(TCP) + wire.pack_destination(action.after) for action in creations(2 * BATCH + 1)
    ]


def test_a_phase_begins_only_when_the_one_before_has_been_made():
    service = Action(TCP, None, None, Service(TCP))
    actions = [service, *creations(2), *deletions(1), Action(TCP, None, Service(TCP), None)]
    netlink, kernel = transport()
    netlink.apply(actions)
    assert len(kernel.datagrams) == 4
    netlink, kernel = transport(refuse={2: errno.EINVAL})
    with pytest.raises(KernelError):
        netlink.apply(actions)
    assert [request.body[0] for request in kernel.written] == [wire.NEW_SERVICE, wire.NEW_DEST, wire.NEW_DEST]


@pytest.mark.parametrize("refused", [{0: errno.EEXIST}, {1: errno.EEXIST}, {2: errno.EEXIST}, {0: errno.EEXIST, 2: errno.EPERM}])
def test_the_first_refusal_is_told_and_all_that_was_made(refused):
    actions = creations(3)
    netlink, _kernel = transport(refuse=refused)
    with pytest.raises(KernelError) as error:
        netlink.apply(actions)
    assert str(error.value) == (
        f"create real server {rip(min(refused))} of tcp 192.0.2.10:80: it exists already; something else changes the same table"
        " meanwhile, so run the task again"
    )
    assert error.value.made == [action for index, action in enumerate(actions) if index not in refused]


def test_batches_before_a_refusal_were_made():
    netlink, kernel = transport(refuse={BATCH: errno.EEXIST})
    actions = creations(3 * BATCH)
    with pytest.raises(KernelError) as error:
        netlink.apply(actions)
    assert len(kernel.datagrams) == 2
    assert error.value.made == actions[:BATCH] + actions[BATCH + 1 : 2 * BATCH]


def test_messages_of_others_are_skipped():
    netlink, kernel = transport()
    netlink.apply(creations(1))
    kernel.incoming += [status(99, errno.EPERM), status(2, errno.EPERM)]
    netlink.apply(creations(2))
    assert len(kernel.written) == 3


def test_silence_is_an_error():
    class Silent(Kernel):
        def recv(self, size):
            if not self.incoming:
                raise BlockingIOError(errno.EAGAIN, "again")
            return super().recv(size)

    kernel = Silent()
    netlink = NetlinkTransport(True, Present(), lambda: kernel)
    kernel.send = lambda data, send=kernel.send: send(data) if data[4] == 0x10 else None
    with pytest.raises(TransportError, match=r"^no answer from the kernel within 60 seconds$"):
        netlink.apply(creations(1))


def services_dump(services):
    parts = [lambda sequence, one=one: answer(sequence, wire.pack_service(one)) for one in services]
    return [*parts, lambda sequence: message(3, sequence, bytes(4))]


def answer(sequence, attributes, flags=2):
    return message(FAMILY, sequence, bytes([1, 1, 0, 0]) + attributes, flags)


def destinations_dump(*batches, interrupted=False):
    """One datagram for each of the batches."""
    flags = 0x12 if interrupted else 2
    parts = [
        lambda sequence, batch=batch: b"".join(
            answer(sequence, wire.pack_destination(Destination(name)), flags) for name in batch
        )
        for batch in batches
    ]
    return [*parts, lambda sequence: message(3, sequence, bytes(4))]


def test_reading_all_over_several_datagrams():
    mark = Service(ServiceKey.marked(7))
    netlink, kernel = transport(
        dumps=[services_dump([Service(TCP), mark]), destinations_dump([rip(1), rip(2)], [rip(3)]), destinations_dump()]
    )
    assert netlink.read_all() == {
        TCP: Entry(Service(TCP), {rip(number): Destination(rip(number)) for number in (1, 2, 3)}),
        mark.key: Entry(mark, {}),
    }
    assert kernel.written == []


def test_a_dump_interrupted_in_its_second_datagram_is_repeated():
    netlink, _kernel = transport(
        dumps=[
            services_dump([Service(TCP)]),
            destinations_dump([rip(1)], [rip(2)], interrupted=True),
            destinations_dump([rip(3)]),
        ]
    )
    assert netlink.read_all() == {TCP: Entry(Service(TCP), {rip(3): Destination(rip(3))})}


def test_many_services_are_read_by_one_dump():
    keys = [ServiceKey.marked(mark) for mark in range(1, 21)]
    netlink, kernel = transport(dumps=[services_dump(map(Service, keys)), *[destinations_dump()] * 10])
    assert netlink.read(keys[:10]) == {key: Entry(Service(key), {}) for key in keys[:10]}
    assert (kernel.dumps, kernel.written) == ([], [])


def test_what_is_read_does_not_depend_on_what_is_expected():
    mark = Service(ServiceKey.marked(7))
    there = {
        TCP: Entry(Service(TCP), {rip(number): Destination(rip(number)) for number in (1, 2)}),
        mark.key: Entry(mark, {}),
    }
    expected = {
        TCP: Entry(Service(TCP), {rip(number): Destination(rip(number), weight=number) for number in (1, 2)}),
        mark.key: Entry(replace(mark, scheduler="rr"), {rip(3): Destination(rip(3))}),
    }
    for table in ({}, there, expected):
        dumps = [
            [
                *(
                    lambda sequence, one=one: answer(sequence, service_answer(service_fields(one.service)))
                    for one in there.values()
                ),
                lambda sequence: message(3, sequence, bytes(4)),
            ],
            *(
                [
                    *(
                        lambda sequence, one=one: answer(sequence, destination_answer(destination_fields(one)))
                        for one in entry.destinations.values()
                    ),
                    lambda sequence: message(3, sequence, bytes(4)),
                ]
                for entry in there.values()
            ),
        ]
        netlink, _kernel = transport(dumps=dumps)
        netlink.expect(table)
        found = netlink.read_all()
        assert found == there
        # Nothing of the very same is made a second time.
        assert (found[TCP].destinations is there[TCP].destinations) == (table is there)
