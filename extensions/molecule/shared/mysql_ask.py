# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`mysql_ask HOST USER PASSWORD DATABASE STATEMENT`: a MySQL client of the standard library, as PHP's: rows, or ERROR with its number."""

from __future__ import annotations

import hashlib
import socket
import struct
import sys

# LONG_PASSWORD, CONNECT_WITH_DB, PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH
CAPABILITIES = 0x1 | 0x8 | 0x200 | 0x8000 | 0x80000
UTF8MB4 = 45
OK, SWITCH, ERROR, END = 0x00, 0xFE, 0xFF, 0xFE


class Wire:
    def __init__(self, host: str) -> None:
        self._file = socket.create_connection((host, 3306), timeout=10).makefile("rwb")
        self._number = 0

    def take(self) -> bytes:
        """The next packet; the server's refusal ends the program."""
        head = self._file.read(4)
        self._number = head[3] + 1
        body = self._file.read(int.from_bytes(head[:3], "little"))
        if body[0] == ERROR:
            print("ERROR", struct.unpack_from("<H", body, 1)[0])
            sys.exit(1)
        return body

    def give(self, body: bytes, first: bool = False) -> None:
        self._number = 0 if first else self._number
        self._file.write(len(body).to_bytes(3, "little") + bytes([self._number]) + body)
        self._file.flush()


def proof(password: str, salt: bytes) -> bytes:
    """mysql_native_password."""
    once = hashlib.sha1(password.encode()).digest()
    mixed = hashlib.sha1(salt + hashlib.sha1(once).digest()).digest()
    return bytes(a ^ b for a, b in zip(once, mixed))


def counted(packet: bytes, at: int):
    """A number, and where it ends."""
    size = {0xFC: 2, 0xFD: 3, 0xFE: 8}.get(packet[at], 0)
    return (int.from_bytes(packet[at + 1 : at + 1 + size], "little") if size else packet[at]), at + 1 + size


def cells(packet: bytes):
    at = 0
    while at < len(packet):
        if packet[at] == 0xFB:
            yield "NULL"
            at += 1
            continue
        length, at = counted(packet, at)
        yield packet[at : at + length].decode()
        at += length


host, user, password, database, statement = sys.argv[1:]
wire = Wire(host)
hello = wire.take()
at = hello.index(b"\0", 1) + 5
salt = hello[at : at + 8] + hello[at + 27 : at + 39]
answer = proof(password, salt)
names = user.encode() + b"\0" + bytes([len(answer)]) + answer + database.encode() + b"\0mysql_native_password\0"
wire.give(struct.pack("<IIB23x", CAPABILITIES, 1 << 24, UTF8MB4) + names)
reply = wire.take()
if reply[0] == SWITCH:
    plugin, salt = reply[1:].split(b"\0", 1)
    wire.give(proof(password, salt[:20]))
    wire.take()
wire.give(b"\x03" + statement.encode(), first=True)
reply = wire.take()
if reply[0] != OK:
    for _ in range(counted(reply, 0)[0] + 1):
        wire.take()
    while True:
        row = wire.take()
        if row[0] == END and len(row) < 9:
            break
        print(*cells(row), sep="\t")
wire.give(b"\x01", first=True)
