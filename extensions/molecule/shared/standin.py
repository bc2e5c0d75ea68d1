# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for a real server's software: `standin PORT...`, over TCP and UDP, IPv4 and IPv6.

GET / says who answers, and whom it sees. GET /N gives N bytes, POST says how many came. UDP is answered with the name.
"""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = socket.gethostname()


class Web(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        # /N?anything
        size = self.path.partition("?")[0].strip("/")
        seen = self.client_address[0].removeprefix("::ffff:")
        self._answer(bytes(int(size)) if size else f"{NAME} {seen}\n".encode())

    def do_POST(self) -> None:
        came = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(f"{len(came)}\n".encode())

    def log_message(self, *_words: object) -> None:
        """Nobody reads it."""

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class WebServer(ThreadingHTTPServer):
    address_family = socket.AF_INET6


class Datagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request[1].sendto(f"{NAME}\n".encode(), self.client_address)


class DatagramServer(socketserver.UDPServer):
    address_family = socket.AF_INET6


for port in map(int, sys.argv[1:]):
    for server in (WebServer(("::", port), Web), DatagramServer(("::", port), Datagram)):
        threading.Thread(target=server.serve_forever).start()
