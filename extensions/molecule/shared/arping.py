# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`arping CARD SENDER TARGET`: the hardware addresses of all who answer to "who has TARGET?", within a second."""

from __future__ import annotations

import socket
import struct
import sys
import time

ARP = 0x0806
REQUEST, REPLY = 1, 2

card, sender, target = sys.argv[1], socket.inet_aton(sys.argv[2]), socket.inet_aton(sys.argv[3])
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ARP))
wire.bind((card, ARP))
own = wire.getsockname()[4]
question = b"\xff" * 6 + own + struct.pack("!HHHBBH", ARP, 1, 0x0800, 6, 4, REQUEST) + own + sender + b"\0" * 6 + target
found = set()
for _ in range(2):
    wire.send(question)
    deadline = time.monotonic() + 0.4
    while time.monotonic() < deadline:
        wire.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            packet = wire.recv(64)
        except TimeoutError:
            break
        # Ethernet header 14, then: hardware 2, protocol 2, lengths 2, operation 2, sender's hardware address 6, sender's address 4
        if packet[20:22] == struct.pack("!H", REPLY) and packet[28:32] == target:
            found.add(packet[22:28].hex(":"))
print(*sorted(found))
