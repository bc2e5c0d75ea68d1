# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The transport over generic netlink: the kernel's own interface, which needs nothing but Python's standard library."""

from __future__ import annotations

import errno
import socket
import struct
from typing import Any, Callable, Iterable

from . import wire
from .errors import KernelError, ModuleMissingError, TransportError, UnknownNameError
from .kernel_modules import KernelModules
from .model import Entry, Service, ServiceKey, Table
from .plan import Action
from .transport import Transport

# linux/netlink.h and linux/genetlink.h; Python's socket module does not have all of them.
NETLINK_GENERIC = 16
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR = 0x1, 0x4, 0x300, 0x10
NLMSG_NOOP, NLMSG_ERROR, NLMSG_DONE, NLMSG_OVERRUN = 1, 2, 3, 4
GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 0x10, 3, 1, 2

DUMP_ATTEMPTS = 10
RECEIVE_BUFFER = 1 << 20
# The kernel answers at once, unless it has to load a scheduler's module first.
TIMEOUT_SECONDS = 60


class RefusedError(Exception):
    """A negative acknowledgement; the transport knows what was asked and makes a sentence of it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Conversation:
    """Requests and answers on one socket, matched by sequence number."""

    def __init__(self, sock: Any) -> None:
        self._socket = sock
        self._sequence = 0

    def request(self, family: int, command: int, attributes: bytes) -> list[bytes]:
        """One operation; returns the attributes of each answer before its acknowledgement."""
        self._send(family, NLM_F_REQUEST | NLM_F_ACK, command, attributes)
        return self._collect()[0]

    def dump(self, family: int, command: int, attributes: bytes) -> list[bytes]:
        for _attempt in range(DUMP_ATTEMPTS):
            self._send(family, NLM_F_REQUEST | NLM_F_DUMP, command, attributes)
            answers, interrupted = self._collect()
            # The table changed while the kernel walked through it: the parts may not fit each other.
            if not interrupted:
                return answers
        raise TransportError(f"the kernel's table changed during each of {DUMP_ATTEMPTS} dumps: run the task again")

    def _send(self, family: int, flags: int, command: int, attributes: bytes) -> None:
        self._sequence += 1
        try:
            self._socket.send(wire.pack_message(family, flags, self._sequence, command, attributes))
        except OSError as error:
            raise TransportError(f"cannot send to the kernel: {error}") from error

    def _collect(self) -> tuple[list[bytes], bool]:
        answers: list[bytes] = []
        interrupted = False
        while True:
            for message in wire.unpack_messages(self._receive()):
                # Left over from a request that failed before its end.
                if message.sequence != self._sequence:
                    continue
                interrupted = interrupted or bool(message.flags & NLM_F_DUMP_INTR)
                if message.kind in (NLMSG_ERROR, NLMSG_DONE):
                    # A dump can fail half-way, which DONE says in the same place as ERROR.
                    code = struct.unpack_from("=i", message.body)[0] if len(message.body) >= 4 else 0
                    if code:
                        raise RefusedError(-code)
                    return answers, interrupted
                if message.kind == NLMSG_OVERRUN:
                    raise TransportError("the kernel's answer overran the receive buffer")
                if message.kind != NLMSG_NOOP:
                    answers.append(message.attributes)

    def _receive(self) -> bytes:
        try:
            data: bytes = self._socket.recv(RECEIVE_BUFFER)
        except OSError as error:
            raise TransportError(f"no answer from the kernel: {error}") from error
        if not data:
            raise TransportError("the kernel closed the conversation")
        return data


def open_socket() -> socket.socket:
    try:
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        sock.settimeout(TIMEOUT_SECONDS)
        sock.bind((0, 0))
    except OSError as error:
        raise TransportError(f"this host does not allow generic netlink sockets: {error}") from error
    return sock


class NetlinkTransport(Transport):
    def __init__(
        self,
        load_module: bool = True,
        modules: KernelModules | None = None,
        open_socket: Callable[[], Any] = open_socket,
    ) -> None:
        self._load_module = load_module
        self._modules = modules or KernelModules()
        self._open_socket = open_socket
        self._conversation: Conversation | None = None
        self._family = 0

    def read(self, keys: Iterable[ServiceKey]) -> Table:
        # Only writing may load the module: an absent one has no services, and asking for the family would load it.
        if not self._modules.ip_vs_present():
            return {}
        entries = ((key, self._read_one(key)) for key in keys)
        return {key: entry for key, entry in entries if entry}

    def execute(self, action: Action) -> None:
        command, attributes = _operation(action)
        self._resolve_family()
        try:
            self._talk().request(self._family, command, attributes)
        except RefusedError as refusal:
            raise self._explain(refusal.number, action) from None

    def _read_one(self, key: ServiceKey) -> Entry | None:
        name = wire.pack_service_key(key)
        operation = f"read service {key}"
        self._resolve_family()
        try:
            answers = self._talk().request(self._family, wire.GET_SERVICE, name)
            dump = self._talk().dump(self._family, wire.GET_DEST, name)
        except RefusedError as refusal:
            if refusal.number == errno.ESRCH:
                return None
            raise KernelError(refusal.number, operation) from None
        if not answers:
            raise TransportError(f"{operation}: the kernel acknowledged it without an answer")
        service = wire.unpack_service(wire.unpack_attributes(answers[0])[wire.ATTR_SERVICE])
        found = [wire.unpack_destination(wire.unpack_attributes(answer)[wire.ATTR_DEST], key.family) for answer in dump]
        return Entry(service, {destination.key: destination for destination in found})

    def _talk(self) -> Conversation:
        if self._conversation is None:
            self._conversation = Conversation(self._open_socket())
        return self._conversation

    def _resolve_family(self) -> None:
        if self._family:
            return
        if not self._load_module and not self._modules.ip_vs_present():
            raise ModuleMissingError("set load_module to true, or load it at boot with a file in /etc/modules-load.d")
        self._family = self._ask_family() or self._load_and_ask_family()

    def _load_and_ask_family(self) -> int:
        if not self._load_module:
            raise ModuleMissingError("it does not answer in this network namespace; set load_module to true")
        self._modules.load_ip_vs()
        family = self._ask_family()
        if not family:
            raise ModuleMissingError("it was loaded, and yet the kernel has no netlink family IPVS in this network namespace")
        return family

    def _ask_family(self) -> int:
        name = wire.pack_attribute(CTRL_ATTR_FAMILY_NAME, b"IPVS\0")
        try:
            answers = self._talk().request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, name)
        except RefusedError as refusal:
            if refusal.number == errno.ENOENT:
                return 0
            raise KernelError(refusal.number, "look up the netlink family IPVS") from None
        number: int = struct.unpack("=H", wire.unpack_attributes(answers[0])[CTRL_ATTR_FAMILY_ID])[0]
        return number

    def _explain(self, number: int, action: Action) -> KernelError:
        after = action.after
        if number == errno.ENOENT and isinstance(after, Service):
            # The same number for both names; the engine is to blame only where the scheduler is known.
            schedulers = self._modules.schedulers()
            if after.persistence_engine and after.scheduler in schedulers:
                return UnknownNameError(str(action), "persistence_engine", after.persistence_engine, self._modules.engines())
            return UnknownNameError(str(action), "scheduler", after.scheduler, schedulers)
        return KernelError(number, str(action))


def _operation(action: Action) -> tuple[int, bytes]:
    """The command and the attributes of an action. SET takes the full specification, like NEW."""
    service = wire.pack_service_key(action.service)
    if action.destination is None:
        if isinstance(action.after, Service):
            command = wire.SET_SERVICE if action.before else wire.NEW_SERVICE
            return command, wire.pack_service(action.after)
        return wire.DEL_SERVICE, service
    if action.after is None or isinstance(action.after, Service):
        return wire.DEL_DEST, service + wire.pack_destination_key(action.destination)
    command = wire.SET_DEST if action.before else wire.NEW_DEST
    return command, service + wire.pack_destination(action.after)
