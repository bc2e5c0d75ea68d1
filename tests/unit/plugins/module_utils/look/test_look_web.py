# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking web servers, against one that answers, one that stalls, and none."""

from __future__ import annotations

import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import Done
from ansible_collections.lvs.cluster.plugins.module_utils.look import sizes, web
from ansible_collections.lvs.cluster.plugins.module_utils.look.arp import reply
from ansible_collections.lvs.cluster.plugins.module_utils.look.frames import Frames
from ansible_collections.lvs.cluster.plugins.module_utils.look.storage import mounts_look

HERE = "127.0.0.1"


class Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        status, body = {"/": (200, b"web1\nmore\n"), "/broken": (500, b"<p>Error establishing a database connection")}.get(
            self.path, (404, b"")
        )
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


@pytest.fixture(scope="module")
def port():
    server = ThreadingHTTPServer((HERE, 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def silent():
    """A server that takes connections and never says anything."""
    with socket.create_server((HERE, 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def nobody():
    with socket.create_server((HERE, 0)) as server:
        return server.getsockname()[1]


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(web, "PATIENCE", 0.3)
    monkeypatch.setattr(sizes, "PATIENCE", 0.3)


def test_a_page(port):
    assert web.page(HERE, port, "/") == {"status": 200, "text": "web1\nmore", "marks": [], "where": "", "error": ""}


def test_a_page_that_tells_of_a_lost_database(port):
    found = web.page(HERE, port, "/broken")
    assert (found["status"], found["marks"]) == (500, ["database"])


def test_what_is_no_tls_does_not_answer_in_it(port):
    assert web.page(HERE, port, "/", tls=True)["error"]
    assert sizes.large_answers(HERE, port, "/", 1, tls=True)[0]["error"]


def test_nobody_answers(nobody, silent):
    assert web.page(HERE, nobody, "/")["error"] == "connection refused"
    assert web.page(HERE, silent, "/", patience=0.2)["error"] == "gave no answer in time"


def test_answers_are_first_lines_and_errors_are_failures(port, nobody):
    assert web.answers(HERE, port, "/", 3) == {"sent": 3, "lines": ["web1"] * 3, "failures": []}
    assert web.answers(HERE, port, "/away", 2) == {"sent": 2, "lines": [], "failures": ["status 404"] * 2}
    assert web.answers(HERE, nobody, "/", 1)["failures"] == ["connection refused"]


def test_a_refusal_has_come_from_somebody(port, nobody):
    found = web.reach_look([{"name": "a", "address": HERE, "port": port}, {"name": "b", "address": HERE, "port": nobody}])
    assert [(each["name"], each["error"], each["refused"]) for each in found] == [
        ("a", "", False),
        ("b", "refused the connection", True),
    ]


def test_a_greeting_is_waited_for(silent):
    assert (
        web.reach_look([{"name": "a", "address": HERE, "port": silent, "greeting": True}])[0]["error"] == "gave no answer in time"
    )


def test_a_socket_of_the_host(tmp_path):
    assert web.reach_look([{"name": "php", "address": str(tmp_path / "none"), "port": 0}])[0]["error"]


def test_a_small_page_makes_large_answers(port):
    (found,) = sizes.large_answers(HERE, port, "/", 1)
    assert found["error"] == ""
    assert found["said"] == "web1"
    assert found["received"] > 120 * len("HTTP/1.1 200 OK")
    assert found["segment"] > 0


def test_large_requests(port):
    (found,) = sizes.large_requests(HERE, port, "/", 1)
    assert (found["error"], found["said"]) == ("", "web1")


def test_large_answers_that_do_not_come(silent):
    found = sizes.large_answers(HERE, silent, "/", 8)
    assert [each["error"] for each in found] == ["stalled after 0 bytes"] * 2


def test_an_echo_has_the_checksum_that_it_needs():
    packet = sizes._icmp(1, 2, b"odd")
    words = struct.unpack("!6H", packet + b"\0")
    total = sum(words)
    while total >> 16:
        total = (total >> 16) + (total & 0xFFFF)
    assert total == 0xFFFF


def frame(operation):
    sender = bytes.fromhex("525400000001") + socket.inet_aton("10.0.0.129")
    return bytes(12) + b"\x08\x06" + struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation) + sender + bytes(10)


def test_an_answer_of_arp():
    assert reply(frame(2)) == ("52:54:00:00:00:01", "10.0.0.129")
    assert reply(frame(1)) is None
    assert reply(frame(2)[:30]) is None


def test_the_senders_of_answers():
    frames = Frames(["10.0.0.129", "fd00::129"])
    mac = bytes.fromhex("525400000001")
    for protocol, source in ((6, "10.0.0.129"), (17, "10.0.0.129"), (6, "10.0.0.1")):
        head = bytes(9) + bytes([protocol]) + bytes(2) + socket.inet_aton(source) + bytes(4)
        frames.note(bytes(6) + (mac if protocol == 6 else bytes(6)) + b"\x08\x00" + head)
    frames.note(b"short")
    assert frames.macs() == {"10.0.0.129": ["52:54:00:00:00:01"]}


def test_a_mount_that_does_not_answer_is_given_up():
    (found,) = mounts_look(["/proc"], lambda argv, text: Done(0, "proc\n", ""))
    assert (found["type"], found["error"]) == ("proc", "")
    (found,) = mounts_look(["/nowhere"], lambda argv, text: Done(137, "", ""))
    assert (found["type"], found["error"]) == ("", "gave no answer within 10 s")
