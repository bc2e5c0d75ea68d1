# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks who is there, so many times, and prints the answers: `asks_name.py udp|sctp|tcp ADDRESS PORT NUMBER [SOURCE PORT]`."""

from __future__ import annotations

import socket
import sys

kind, address, port, number, *source = sys.argv[1:]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
for _time in range(int(number)):
    with socket.socket(
        family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM, {"tcp": 6, "udp": 17, "sctp": 132}[kind]
    ) as asker:
        asker.settimeout(5)
        if source:
            asker.bind(("", int(source[0])))
        asker.connect((address, int(port)))
        if kind == "udp":
            asker.send(b"?")
        print(asker.recv(100).decode().strip(), flush=True)
