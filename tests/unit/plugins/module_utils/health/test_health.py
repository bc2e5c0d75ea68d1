# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked, what is a healthy answer, and how long it is waited for: over real sockets, and with a clock of the test's own."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.testing import patch_module_args
from ansible_collections.lvs.cluster.plugins.module_utils.health.patience import await_health
from ansible_collections.lvs.cluster.plugins.module_utils.health.probe import ask
from ansible_collections.lvs.cluster.plugins.module_utils.health.question import QuestionError, read_question
from ansible_collections.lvs.cluster.plugins.modules import health_check
from ansible_collections.lvs.cluster.plugins.modules.health_check import SPEC

DOCUMENTED = yaml.safe_load(health_check.DOCUMENTATION)["options"]
DEFAULTS = {name: option.get("default") for name, option in SPEC.items()}


def question(url, **options):
    return read_question({**DEFAULTS, "url": url, **options})


@pytest.mark.parametrize("option", sorted({*DOCUMENTED, *SPEC}))
def test_options_are_documented(option):
    for aspect in ("type", "elements", "default", "required"):
        assert DOCUMENTED[option].get(aspect) == SPEC[option].get(aspect)


@pytest.mark.parametrize("task", yaml.safe_load(health_check.EXAMPLES), ids=lambda task: task["name"])
def test_examples_are_accepted(task):
    result = ArgumentSpecValidator(SPEC).validate(task["lvs.cluster.health_check"])
    assert result.error_messages == []
    read_question(result.validated_parameters)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("http://192.0.2.1", ("http", "192.0.2.1", 80, "/")),
        ("http://192.0.2.1:8080/a?b=c", ("http", "192.0.2.1", 8080, "/a?b=c")),
        ("https://[fd00::1]/x", ("https", "fd00::1", 443, "/x")),
        ("tcp://192.0.2.1:3306", ("tcp", "192.0.2.1", 3306, "/")),
    ],
)
def test_urls(url, read):
    asked = question(url)
    assert (asked.scheme, asked.address, asked.port, asked.path) == read


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"url": "ftp://192.0.2.1/"}, "url"),
        ({"url": "192.0.2.1:80"}, "url"),
        ({"url": "tcp://192.0.2.1"}, "url"),
        ({"url": "http://192.0.2.1:99999/"}, "url"),
        ({"url": "tcp://192.0.2.1:80", "contains": "x"}, "url"),
        ({"url": "http://192.0.2.1/", "timeout": 0}, "timeout"),
        ({"url": "http://192.0.2.1/", "deadline": -1}, "deadline"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, option):
    with pytest.raises(QuestionError, match=f"^{option}: "):
        question(**options)


@pytest.mark.parametrize(
    ("options", "status", "body", "problem"),
    [
        ({}, 200, "", ""),
        ({}, 302, "", ""),
        ({}, 404, "", "status 404 instead of 200 to 399"),
        ({}, 502, "", "status 502 instead of 200 to 399"),
        ({"status": [403]}, 403, "", ""),
        ({"status": [200, 204]}, 301, "", "status 301 instead of 200 or 204"),
        ({"contains": "ready"}, 200, "is ready.", ""),
        ({"contains": "ready"}, 200, "wait", "'ready' is not in the answer"),
    ],
)
def test_answers(options, status, body, problem):
    assert question("http://192.0.2.1/", **options).problem(status, body) == problem


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/ready?now" else 503)
        self.end_headers()
        self.wfile.write(f"{self.headers['Host']} for {self.client_address[0]}".encode())

    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def port():
    server = HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


def test_a_request_has_the_path_the_name_and_the_source(port):
    asked = question(
        f"http://127.0.0.1:{port}/ready?now", name="www.example.com", source="127.0.0.9", contains="www.example.com for 127.0.0.9"
    )
    assert ask(asked) == ""
    assert ask(question(f"http://127.0.0.1:{port}/ready?now", contains=f"127.0.0.1:{port} for 127.0.0.1")) == ""


def test_an_ill_server(port):
    assert ask(question(f"http://127.0.0.1:{port}/")) == "status 503 instead of 200 to 399"
    assert ask(question(f"tcp://127.0.0.1:{port}")) == ""


def test_what_speaks_no_tls_is_no_https(port):
    assert "SSL" in ask(question(f"https://127.0.0.1:{port}/"))


def test_nobody_and_somebody_who_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        assert ask(question(f"tcp://{address}")) == ""
        assert ask(question(f"http://{address}/", timeout=1)) in ("timeout: timed out", "TimeoutError: timed out")
    assert ask(question(f"tcp://{address}")).startswith("ConnectionRefusedError")


class Clock:
    """Attempts take two seconds each."""

    def __init__(self, *problems):
        self.now = 0.0
        self.problems = list(problems)

    def ask(self):
        self.now += 2
        return self.problems.pop(0) if len(self.problems) > 1 else self.problems[0]

    def wait(self, deadline):
        return await_health(self.ask, deadline, lambda: self.now, self.sleep)

    def sleep(self, seconds):
        self.now += seconds


def test_patience():
    healthy = Clock("ill", "ill", "").wait(60)
    assert (healthy.problem, healthy.attempts, healthy.waited) == ("", 3, 8.0)
    assert Clock("ill").wait(0).attempts == 1
    late = Clock("ill", "worse").wait(4)
    assert (late.problem, late.attempts, late.waited) == ("worse", 2, 5.0)


def run(capsys, **options):
    with patch_module_args(options), pytest.raises(SystemExit):
        health_check.main()
    return json.loads(capsys.readouterr().out)


def test_the_module(port, capsys):
    healthy = run(capsys, url=f"http://127.0.0.1:{port}/ready?now")
    assert (healthy["changed"], healthy["problem"], healthy["attempts"]) == (False, "", 1)
    ill = run(capsys, url=f"http://127.0.0.1:{port}/")
    assert (ill["failed"], ill["problem"]) == (True, "status 503 instead of 200 to 399")
    assert ill["msg"].endswith(f"127.0.0.1:{port}/ is not healthy: status 503 instead of 200 to 399 (1 attempt in 0 seconds)")
    wrong = run(capsys, url="nothing")
    assert (wrong["failed"], wrong["msg"].split(":")[0]) == (True, "url")
