# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers with the host's name: `says_name.py udp|sctp|tcp:PORT...`. Over UDP it answers from the address that it was asked at."""

from __future__ import annotations

import socket
import struct
import sys
import threading

NAME = f"{socket.gethostname()}\n".encode()
# linux/in.h and linux/in6.h: struct in_pktinfo, struct in6_pktinfo. Where a packet came to; with interface 0 the answer takes any way.
IPV4, IPV6 = struct.Struct("=I4s4s"), struct.Struct("=16sI")
IPV6_RECVPKTINFO, IPV6_PKTINFO, IP_PKTINFO = 49, 50, 8


def answer_datagrams(family: int, port: int) -> None:
    server = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        server.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
    else:
        server.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
    server.bind(("", port))
    while True:
        _data, came, _flags, asker = server.recvmsg(100, 100)
        level, kind, place = came[0]
        at_ipv6 = family == socket.AF_INET6
        place = IPV6.pack(IPV6.unpack(place)[0], 0) if at_ipv6 else IPV4.pack(0, IPV4.unpack(place)[1], bytes(4))
        server.sendmsg([NAME], [(level, kind, place)], 0, asker)


def answer_connections(family: int, protocol: int, port: int) -> None:
    server = socket.socket(family, socket.SOCK_STREAM, protocol)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.bind(("", port))
    server.listen(100)
    while True:
        threading.Thread(target=answer_one, args=(server.accept()[0],)).start()


def answer_one(connection: socket.socket) -> None:
    """Its name at once, and then whatever the client does until it leaves."""
    with connection:
        try:
            connection.sendall(NAME)
            while connection.recv(100):
                pass
        except OSError:
            pass


for word in sys.argv[1:]:
    kind, at = word.split(":")
    for each in (socket.AF_INET, socket.AF_INET6):
        if kind == "udp":
            target, arguments = answer_datagrams, (each, int(at))
        else:
            target, arguments = answer_connections, (each, {"tcp": 6, "sctp": 132}[kind], int(at))
        threading.Thread(target=target, args=arguments).start()
