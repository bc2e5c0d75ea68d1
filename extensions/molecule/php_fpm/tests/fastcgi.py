# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask PHP to run a file, as a web server does: `fastcgi ADDRESS PORT FILE` prints what it answers, which is nothing where it hangs up."""

from __future__ import annotations

import socket
import struct
import sys

BEGIN, PARAMS, STDIN, STDOUT = 1, 4, 5, 6


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("!BBHHBB", 1, kind, 1, len(body), 0, 0) + body


def ask(address: str, port: int, file: str) -> bytes:
    given = {"SCRIPT_FILENAME": file, "REQUEST_METHOD": "GET", "REMOTE_ADDR": "192.0.2.1"}
    pairs = b"".join(bytes([len(name), len(value)]) + name.encode() + value.encode() for name, value in given.items())
    answer = b""
    with socket.create_connection((address, port), timeout=5) as link:
        begin = record(BEGIN, struct.pack("!HB5x", 1, 0))
        try:
            link.sendall(begin + record(PARAMS, pairs) + record(PARAMS, b"") + record(STDIN, b""))
            with link.makefile("rb") as stream:
                while header := stream.read(8):
                    _version, kind, _request, length, padding, _reserved = struct.unpack("!BBHHBB", header)
                    body = stream.read(length + padding)[:length]
                    answer += body if kind == STDOUT else b""
        except ConnectionError:
            pass
    return answer.partition(b"\r\n\r\n")[2]


print(ask(sys.argv[1], int(sys.argv[2]), sys.argv[3]).decode())
