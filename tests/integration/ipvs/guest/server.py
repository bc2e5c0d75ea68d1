# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real server that says its name, and then numbered lines until the client says that it has enough.

Usage: server.py NAME PORT
"""

from __future__ import annotations

import itertools
import select
import socket
import sys
import threading


def serve(connection, name):
    with connection:
        connection.sendall(f"{name}\n".encode())
        for number in itertools.count():
            # What waits for the client's word is also what paces the lines.
            if select.select([connection], [], [], 0.02)[0]:
                break
            try:
                connection.sendall(f"{number}\n".encode())
            except OSError:
                return
        if connection.recv(100):
            connection.sendall(b"bye\n")


def main():
    name, port = sys.argv[1], int(sys.argv[2])
    with socket.create_server(("", port)) as listener:
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0], name), daemon=True).start()


if __name__ == "__main__":
    main()
