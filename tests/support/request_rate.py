# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests, each with a connection of its own, a client gets answered: one after the other, or some at the same time.

Usage: request_rate.py ADDRESS PORT NUMBER [NAME [AT_ONCE]]. NAME is what the server is called. Prints the seconds that they took.
"""

import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

PATIENCE = 30


def ask(address: str, port: int, name: str) -> None:
    with socket.create_connection((address, port), PATIENCE) as connection:
        connection.sendall(f"GET / HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
        answer = b""
        while True:
            part = connection.recv(65536)
            if not part:
                break
            answer += part
        if b" 200 " not in answer[:20]:
            raise SystemExit(answer[:80].decode())


def main(address: str, port: str, number: str, name: str = "", at_once: str = "1") -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(int(at_once)) as clients:
        for asked in [clients.submit(ask, address, int(port), name or address) for _time in range(int(number))]:
            asked.result()
    print(time.monotonic() - began)


if __name__ == "__main__":
    main(*sys.argv[1:])
