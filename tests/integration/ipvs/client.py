# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that is held open: prints what comes, and ends when it is told how. Usage: client.py ADDRESS PORT"""

from __future__ import annotations

import socket
import struct
import sys
import threading


def main() -> None:
    connection = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=20)
    reader = threading.Thread(target=copy, args=(connection,), daemon=True)
    reader.start()
    if sys.stdin.readline().strip() == "end":
        connection.sendall(b"enough\n")
        connection.shutdown(socket.SHUT_WR)
        reader.join(20)
    else:
        # Closed without waiting, it is reset.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RD)
        reader.join(20)
        connection.close()


def copy(connection: socket.socket) -> None:
    try:
        while data := connection.recv(4096):
            sys.stdout.write(data.decode())
            sys.stdout.flush()
    except OSError as error:
        print(f"lost: {error}", flush=True)


if __name__ == "__main__":
    main()
