# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Large answers and large requests: packets of full size have to come through, in both directions, and it is said when they do not.

No page has to be large for it: many requests in one connection, sent in small packets, and nothing read until all are sent, make the
server wait with its answers until whole packets are full. And requests are made large by a header that nobody looks at.
"""

from __future__ import annotations

import os
import socket
import struct
from functools import partial
from typing import Any, Callable, Dict, List

from .web import PATIENCE, any_certificate

# linux/tcp.h, struct tcp_info: the size of the segments that came.
_RECEIVED_SEGMENT = 20
# Together no more bytes than ten small packets have: so many leave before the first answer, none of them full.
_REQUESTS = 120
_SMALL = 480
_LARGE = 65536
# So many failures tell enough: each takes its time.
_ENOUGH = 2
# Bytes of the socket's buffer, which keeps the server from sending all at once.
_BUFFER = 4096
# Web servers refuse a header of more than 8 KB.
_PADDING = 6000
_PADDED = 4
# linux/in.h
_MTU_DISCOVER, _ALWAYS, _MTU = 10, 2, 14
_ICMP_HEADERS = 28
_ECHO, _ECHO_REPLY = 8, 0
# Of what is answered, so much tells who answered.
_KEPT, _SHOWN = 4000, 60


def large_answers(address: str, port: int, path: str, times: int, tls: bool = False) -> List[Dict[str, Any]]:
    return _tried(times, partial(_one, address, port, [_request(address, path)] * (_REQUESTS - 1), _SMALL, tls))


def large_requests(address: str, port: int, path: str, times: int, tls: bool = False) -> List[Dict[str, Any]]:
    return _tried(times, partial(_one, address, port, [_request(address, path, _PADDING)] * (_PADDED - 1), _LARGE, tls))


def _tried(times: int, attempt: Callable[[], Dict[str, Any]]) -> List[Dict[str, Any]]:
    found: List[Dict[str, Any]] = []
    while len(found) < times and sum(1 for each in found if each["error"]) < _ENOUGH:
        found.append(attempt())
    return found


def _request(address: str, path: str, padding: int = 0, last: bool = False) -> bytes:
    host = f"[{address}]" if ":" in address else address
    more = f"X-Padding: {'x' * padding}\r\n" if padding else ""
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}{'Connection: close' + chr(13) + chr(10) if last else ''}\r\n".encode()


def _one(address: str, port: int, requests: List[bytes], piece: int, tls: bool) -> Dict[str, Any]:
    """One connection, to its end: how much came, in segments of which size, and who answered."""
    path = requests[0].split()[1].decode()
    data = b"".join([*requests, _request(address, path, last=True)])
    found: Dict[str, Any] = {"received": 0, "segment": 0, "error": "", "said": ""}
    received = b""
    try:
        with _connected(address, port, tls) as link:
            sent = 0
            while True:
                if sent < len(data):
                    sent += link.send(data[sent : sent + piece])
                    continue
                part = link.recv(65536)
                if not part:
                    break
                received = (received + part)[:_KEPT]
                found["received"] += len(part)
                found["segment"] = _segment(link)
    except socket.timeout:
        found["error"] = f"stalled after {found['received']} bytes"
    except OSError as error:
        # A server may have its own idea of how many requests a connection may have.
        found["error"] = "" if found["received"] else (error.strerror or str(error)).lower()
    found["said"] = _first_line(received)
    return found


def _connected(address: str, port: int, tls: bool) -> socket.socket:
    link = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.settimeout(PATIENCE)
        link.connect((address, port))
        return any_certificate().wrap_socket(link) if tls else link
    except OSError:
        link.close()
        raise


def _first_line(received: bytes) -> str:
    """What the first of several answers begins with."""
    body = received.partition(b"\r\n\r\n")[2].split(b"HTTP/1.", 1)[0].decode("utf-8", "replace")
    return (body.splitlines() or [""])[0][:_SHOWN]


def _segment(link: socket.socket) -> int:
    info = link.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return int(struct.unpack_from("=I", info, _RECEIVED_SEGMENT)[0])


def path_mtu(address: str, mtu: int) -> Dict[str, Any]:
    """Whether packets of the card's size, which nobody may split, come to an IPv4 address and back."""
    small, full = _echo(address, 64), _echo(address, mtu)
    return {"size": mtu, "small": small[0], "full": full[0], "told": full[1]}


def _echo(address: str, size: int) -> Any:
    """Whether an echo of this size came back, and the path's MTU if some router told a smaller one."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as link:
        link.setsockopt(socket.IPPROTO_IP, _MTU_DISCOVER, _ALWAYS)
        link.settimeout(2.0)
        link.connect((address, 0))
        mark = os.getpid() & 0xFFFF
        for sequence in (1, 2):
            packet = _icmp(mark, sequence, bytes(size - _ICMP_HEADERS))
            try:
                link.send(packet)
                while True:
                    answer = link.recv(65536)
                    # IP's head 20: type, code, checksum, identifier, sequence.
                    kind, _code, _sum, who, _sequence = struct.unpack_from("!BBHHH", answer, 20)
                    if (kind, who) == (_ECHO_REPLY, mark):
                        return len(answer) >= size, 0
            except socket.timeout:
                continue
            except OSError:
                return False, link.getsockopt(socket.IPPROTO_IP, _MTU)
        return False, 0


def _icmp(mark: int, sequence: int, data: bytes) -> bytes:
    head = struct.pack("!BBHHH", _ECHO, 0, 0, mark, sequence)
    words = struct.unpack(f"!{len(head + data + bytes(len(data) % 2)) // 2}H", head + data + bytes(len(data) % 2))
    total = sum(words)
    total = (total >> 16) + (total & 0xFFFF)
    total += total >> 16
    return struct.pack("!BBHHH", _ECHO, 0, ~total & 0xFFFF, mark, sequence) + data
