# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generic netlink (linux/netlink.h, linux/genetlink.h): requests, acknowledgements and dumps, on the standard library alone."""

from __future__ import annotations

import socket
import struct
from typing import Any, Sequence

from . import wire
from .errors import TransportError

# linux/netlink.h and linux/genetlink.h; Python's socket module does not have all of them.
NETLINK_GENERIC = 16
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR = 0x1, 0x4, 0x300, 0x10
NLMSG_ERROR, NLMSG_DONE, NLMSG_OVERRUN, NLMSG_MIN_TYPE = 2, 3, 4, 16
GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 0x10, 3, 1, 2

SO_RCVBUFFORCE, SOL_NETLINK, NETLINK_CAP_ACK = 33, 270, 10

DUMP_ATTEMPTS = 10
# The kernel puts at most 32 KiB into one datagram.
DATAGRAM_SIZE = 1 << 16
RECEIVE_BUFFER = 1 << 21
# Requests in one datagram: of some 200 bytes each, and so few that a refusal of each fits in the smallest receive buffer.
BATCH = 128
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
        self._ask(family, NLM_F_REQUEST | NLM_F_ACK, command, attributes)
        return self._collect()[0]

    def batch(self, family: int, requests: Sequence[tuple[int, bytes]]) -> dict[int, int]:
        """Up to BATCH operations without answers, in their order; returns the error numbers of those refused, by index."""
        first, last = self._sequence + 1, self._sequence + len(requests)
        # The kernel reports a refusal in any case; the last one's acknowledgement says that all were looked at.
        self._send(
            b"".join(
                wire.pack_message(family, NLM_F_REQUEST | (NLM_F_ACK if number == last else 0), number, command, attributes)
                for number, (command, attributes) in enumerate(requests, first)
            )
        )
        self._sequence = last
        refused = {}
        while True:
            for message in wire.unpack_messages(self._receive()):
                if message.kind != NLMSG_ERROR or not first <= message.sequence <= last:
                    continue
                code = _status(message.body)
                if code:
                    refused[message.sequence - first] = code
                if message.sequence == last:
                    return refused

    def dump(self, family: int, command: int, attributes: bytes) -> list[bytes]:
        for _attempt in range(DUMP_ATTEMPTS):
            self._ask(family, NLM_F_REQUEST | NLM_F_DUMP, command, attributes)
            answers, interrupted = self._collect()
            # The table changed while the kernel walked through it: the parts may not fit each other.
            if not interrupted:
                return answers
        raise TransportError(f"the kernel's table changed during each of {DUMP_ATTEMPTS} dumps: run the task again")

    def _ask(self, family: int, flags: int, command: int, attributes: bytes) -> None:
        self._sequence += 1
        self._send(wire.pack_message(family, flags, self._sequence, command, attributes))

    def _send(self, data: bytes) -> None:
        try:
            self._socket.send(data)
        except OSError as error:
            raise TransportError(f"cannot send to the kernel: {error}") from error

    def _collect(self) -> tuple[list[bytes], bool]:
        answers: list[bytes] = []
        interrupted = False
        asked, skip = self._sequence, wire.GENERIC.size
        while True:
            data = self._receive()
            for kind, flags, sequence, start, end in wire.walk_messages(data):
                # Left over from a request that failed before its end.
                if sequence != asked:
                    continue
                if flags & NLM_F_DUMP_INTR:
                    interrupted = True
                if kind >= NLMSG_MIN_TYPE:
                    answers.append(data[start + skip : end])
                elif kind in (NLMSG_ERROR, NLMSG_DONE):
                    # A dump can fail half-way, which DONE says in the same place as ERROR.
                    code = _status(data[start:end])
                    if code:
                        raise RefusedError(code)
                    return answers, interrupted
                elif kind == NLMSG_OVERRUN:
                    raise TransportError("the kernel's answer overran the receive buffer")

    def _receive(self) -> bytes:
        try:
            data: bytes = self._socket.recv(DATAGRAM_SIZE)
        except BlockingIOError as error:
            raise TransportError(f"no answer from the kernel within {TIMEOUT_SECONDS} seconds") from error
        except OSError as error:
            raise TransportError(f"no answer from the kernel: {error}") from error
        if not data:
            raise TransportError("the kernel closed the conversation")
        return data


def _status(body: bytes) -> int:
    """The error number of an ERROR or DONE; 0 is success."""
    return -int(struct.unpack_from("=i", body)[0]) if len(body) >= 4 else 0


def open_socket() -> socket.socket:
    try:
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        # Python's own timeout would add a poll() to every call.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", TIMEOUT_SECONDS, 0))
        sock.bind((0, 0))
    except OSError as error:
        raise TransportError(f"this host does not allow generic netlink sockets: {error}") from error
    # Beyond net.core.rmem_max, and refusals without a copy of the request: both save room, and neither has to succeed.
    for level, option, value in ((socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER), (SOL_NETLINK, NETLINK_CAP_ACK, 1)):
        try:
            sock.setsockopt(level, option, value)
        except OSError:
            pass
    return sock
