# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The conversation with the kernel, over a socket whose answers are written down."""

from __future__ import annotations

import errno
import socket
import struct

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import wire
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import (
    KernelError,
    ModuleMissingError,
    TransportError,
    UnknownNameError,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.kernel_modules import KernelModules
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink import DUMP_ATTEMPTS
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink_table import NetlinkTransport
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.plan import Action

FAMILY = 0x1D
GETFAMILY = (0x10, 3)
TCP = ServiceKey.at("tcp", "192.0.2.10", 80)
RIP = DestinationKey.at("198.51.100.1", 80)
SERVICE = Service(TCP, "wlc", 0, 300)
CREATE = Action(TCP, None, None, SERVICE)


def message(kind, sequence, body=b"", flags=0):
    return struct.pack("=IHHII", 16 + len(body), kind, flags, sequence, 0) + body


def status(sequence, code=0):
    """NLMSG_ERROR, which with code 0 is the acknowledgement."""
    return message(2, sequence, struct.pack("=i", -code) + bytes(16))


def done(sequence, code=0, flags=0):
    return message(3, sequence, struct.pack("=i", -code), flags)


def answer(sequence, attributes, flags=0):
    return message(FAMILY, sequence, bytes([1, 1, 0, 0]) + attributes, flags)


def family(sequence):
    return answer(sequence, wire.pack_attribute(1, struct.pack("=H", FAMILY))) + status(sequence)


class FakeSocket:
    """Each reply is a function of the request's sequence number, which returns the datagrams to receive."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.sent = []
        self.incoming = []

    def send(self, data):
        request = next(wire.unpack_messages(data))
        self.sent.append(request)
        reply = self.replies.pop(0)(request.sequence)
        self.incoming += reply if isinstance(reply, list) else [reply]

    def recv(self, _size):
        return self.incoming.pop(0)

    @property
    def commands(self):
        return [(request.kind, request.body[0]) for request in self.sent]


class FakeModules(KernelModules):
    def __init__(self, present=True):
        super().__init__(root="/nonexistent")
        self.present = present
        self.loads = 0

    def ip_vs_present(self):
        return self.present

    def load_ip_vs(self):
        self.loads += 1
        self.present = True

    def schedulers(self):
        return ["rr", "wlc"]

    def engines(self):
        return ["sip"]


def a_service(sequence):
    return answer(sequence, wire.pack_service(SERVICE)) + status(sequence)


def a_dump(flags=0):
    return lambda sequence: [answer(sequence, wire.pack_destination(Destination(RIP)), flags=2), done(sequence, flags=flags)]


def refusal(number):
    return lambda sequence: status(sequence, number)


def transport(*replies, modules=None, load_module=True):
    sock = FakeSocket(*replies)
    return NetlinkTransport(load_module, modules or FakeModules(), lambda: sock), sock


def test_reading_a_service_with_its_real_servers():
    kernel, sock = transport(family, a_service, a_dump())
    assert kernel.read([TCP]) == {TCP: Entry(SERVICE, {RIP: Destination(RIP)})}
    assert sock.commands == [GETFAMILY, (FAMILY, wire.GET_SERVICE), (FAMILY, wire.GET_DEST)]
    # REQUEST and ACK for one object, REQUEST and DUMP for many.
    assert [request.flags for request in sock.sent] == [0x5, 0x5, 0x301]
    assert [request.sequence for request in sock.sent] == [1, 2, 3]


def test_a_service_that_does_not_exist():
    kernel, _sock = transport(family, refusal(errno.ESRCH))
    assert kernel.read([TCP]) == {}


def test_an_interrupted_dump_is_repeated():
    kernel, sock = transport(family, a_service, a_dump(flags=0x10), a_dump())
    assert kernel.read([TCP]) == {TCP: Entry(SERVICE, {RIP: Destination(RIP)})}
    assert len(sock.sent) == 4


def test_a_dump_that_is_always_interrupted():
    kernel, _sock = transport(family, a_service, *[a_dump(flags=0x10)] * DUMP_ATTEMPTS)
    with pytest.raises(TransportError, match="changed during each of 10 dumps: run the task again"):
        kernel.read([TCP])


def test_a_dump_that_fails_at_its_end():
    kernel, _sock = transport(family, a_service, lambda sequence: done(sequence, errno.ENOMEM))
    with pytest.raises(KernelError, match=r"^read service tcp 192.0.2.10:80: the kernel is out of memory$"):
        kernel.read([TCP])


def test_answers_to_older_requests_are_skipped():
    kernel, _sock = transport(lambda sequence: status(sequence - 1, errno.EPERM) + family(sequence), status)
    kernel.apply([CREATE])


def test_no_answer():
    class Silent(FakeSocket):
        def recv(self, _size):
            raise socket.timeout("timed out")

    kernel = NetlinkTransport(True, FakeModules(), lambda: Silent(lambda sequence: b""))
    with pytest.raises(TransportError, match=r"^no answer from the kernel: timed out$"):
        kernel.apply([CREATE])


@pytest.mark.parametrize(
    ("action", "command", "attributes"),
    [
        (CREATE, wire.NEW_SERVICE, wire.pack_service(SERVICE)),
        (Action(TCP, None, Service(TCP), SERVICE), wire.SET_SERVICE, wire.pack_service(SERVICE)),
        (Action(TCP, None, SERVICE, None), wire.DEL_SERVICE, wire.pack_service_key(TCP)),
        (
            Action(TCP, RIP, None, Destination(RIP)),
            wire.NEW_DEST,
            wire.pack_service_key(TCP) + wire.pack_destination(Destination(RIP)),
        ),
        (
            Action(TCP, RIP, Destination(RIP), Destination(RIP, weight=0)),
            wire.SET_DEST,
            wire.pack_service_key(TCP) + wire.pack_destination(Destination(RIP, weight=0)),
        ),
        (
            Action(TCP, RIP, Destination(RIP), None),
            wire.DEL_DEST,
            wire.pack_service_key(TCP) + wire.pack_destination_key(RIP),
        ),
    ],
)
def test_an_action_is_one_acknowledged_request(action, command, attributes):
    kernel, sock = transport(family, status)
    kernel.apply([action])
    request = sock.sent[-1]
    assert (request.kind, request.flags, request.body[0], request.attributes) == (FAMILY, 0x5, command, attributes)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (
            errno.EPERM,
            "permission denied: this needs CAP_NET_ADMIN in the host's first user namespace, so run it with become: true",
        ),
        (errno.EEXIST, "it exists already; something else changes the same table meanwhile, so run the task again"),
        (errno.EBUSY, "Device or resource busy (EBUSY)"),
    ],
)
def test_a_refusal_is_a_sentence(number, reason):
    kernel, _sock = transport(family, refusal(number))
    with pytest.raises(KernelError) as refused:
        kernel.apply([CREATE])
    assert str(refused.value) == "create service tcp 192.0.2.10:80: " + reason


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        (Service(TCP, "fastest"), "this kernel has no scheduler 'fastest'; it has rr, wlc"),
        (Service(TCP, "fastest", persistence_engine="sip"), "this kernel has no scheduler 'fastest'; it has rr, wlc"),
        (Service(TCP, "rr", persistence_engine="h323"), "this kernel has no persistence_engine 'h323'; it has sip"),
    ],
)
def test_unknown_names(service, reason):
    kernel, _sock = transport(family, refusal(errno.ENOENT))
    with pytest.raises(UnknownNameError) as refused:
        kernel.apply([Action(TCP, None, None, service)])
    assert str(refused.value) == "create service tcp 192.0.2.10:80: " + reason


def test_a_missing_real_server_is_no_unknown_scheduler():
    kernel, _sock = transport(family, refusal(errno.ENOENT))
    with pytest.raises(KernelError, match="the real server does not exist"):
        kernel.apply([Action(TCP, RIP, Destination(RIP), None)])


def test_writing_loads_the_module():
    modules = FakeModules(present=False)
    kernel, sock = transport(refusal(errno.ENOENT), family, status, modules=modules)
    kernel.apply([CREATE])
    assert modules.loads == 1
    assert sock.commands == [GETFAMILY, GETFAMILY, (FAMILY, wire.NEW_SERVICE)]


def test_writing_asks_once_where_the_kernel_loads_the_module_itself():
    modules = FakeModules(present=False)
    kernel, sock = transport(family, status, modules=modules)
    kernel.apply([CREATE])
    assert modules.loads == 0
    assert sock.commands == [GETFAMILY, (FAMILY, wire.NEW_SERVICE)]


def test_a_module_that_brings_no_family():
    kernel, _sock = transport(refusal(errno.ENOENT), refusal(errno.ENOENT), modules=FakeModules(present=False))
    with pytest.raises(ModuleMissingError, match="no netlink family IPVS in this network namespace"):
        kernel.apply([CREATE])


@pytest.mark.parametrize("load_module", [True, False])
def test_reading_never_loads_the_module_and_does_not_even_ask(load_module):
    modules = FakeModules(present=False)
    kernel, sock = transport(modules=modules, load_module=load_module)
    assert kernel.read([TCP]) == {}
    assert (modules.loads, sock.sent) == (0, [])


def test_writing_without_leave_to_load_does_not_even_ask():
    modules = FakeModules(present=False)
    kernel, sock = transport(modules=modules, load_module=False)
    with pytest.raises(ModuleMissingError) as missing:
        kernel.apply([CREATE])
    assert str(missing.value) == (
        "the kernel module ip_vs is not loaded: set load_module to true, or load it at boot with a file in /etc/modules-load.d"
    )
    assert (modules.loads, sock.sent) == (0, [])
