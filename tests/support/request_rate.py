# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests, each with a connection of its own, a client gets answered one after the other.

Usage: request_rate.py ADDRESS PORT NUMBER. Prints the seconds that they took.
"""

import socket
import sys
import time


def main(address: str, port: str, number: str) -> None:
    began = time.monotonic()
    for _time in range(int(number)):
        with socket.create_connection((address, int(port)), 5) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answer = b""
            while True:
                part = connection.recv(65536)
                if not part:
                    break
                answer += part
            if b" 200 " not in answer[:20]:
                sys.exit(answer[:80].decode())
    print(time.monotonic() - began)


if __name__ == "__main__":
    main(*sys.argv[1:])
