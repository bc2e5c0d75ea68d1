# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of a server, and which answer is a healthy one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Tuple
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443, "tcp": 0}


class QuestionError(Exception):
    """A question that cannot be asked; the text names the option and the remedy."""


@dataclass(frozen=True)
class Question:
    scheme: str
    address: str
    port: int
    # With the query; empty for tcp.
    path: str = "/"
    # In the Host header, and in TLS; empty is what the URL has.
    name: str = ""
    # The address of this host to ask from; empty leaves it to the kernel.
    source: str = ""
    # Empty: any that is neither the client's nor the server's fault.
    status: Tuple[int, ...] = ()
    contains: str = ""
    validate_certs: bool = True
    # Seconds for each step of one attempt.
    timeout: float = 5.0

    def problem(self, status: int, body: str) -> str:
        """What is wrong with an answer; empty if nothing is."""
        if status not in (self.status or range(200, 400)):
            return f"status {status} instead of {' or '.join(map(str, self.status)) or '200 to 399'}"
        return "" if self.contains in body else f"{self.contains!r} is not in the answer"


def read_question(params: Mapping[str, Any]) -> Question:
    url = params["url"]
    remedy = "write one such as http://192.0.2.11:80/ or tcp://192.0.2.11:3306"
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as wrong:
        raise QuestionError(f"url: {url!r}: {wrong}: {remedy}") from wrong
    if parts.scheme not in PORTS or not parts.hostname or not port:
        raise QuestionError(f"url: {url!r} is no http, https or tcp address with a port: {remedy}")
    if parts.scheme == "tcp" and (params["contains"] or params["status"]):
        raise QuestionError("url: a bare connection has no status and no text: leave status and contains out, or write http://")
    for option in ("timeout", "deadline"):
        if params[option] < (1 if option == "timeout" else 0):
            raise QuestionError(f"{option}: {params[option]} is too little: write seconds, at least {int(option == 'timeout')}")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Question(
        parts.scheme,
        parts.hostname,
        port,
        path,
        params["name"],
        params["source"],
        tuple(params["status"]),
        params["contains"],
        params["validate_certs"],
        params["timeout"],
    )
