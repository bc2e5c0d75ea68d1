# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking servers, each question with a connection of its own."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from typing import Any, Dict, List, Mapping, Sequence

# Seconds.
PATIENCE = 5.0
# Of what a page says, so much is kept.
KEPT = 300
# What WordPress says when it cannot work, in any language: the class of that page, and the way to the installer.
MARKS = {"database": b"Error establishing a database connection", "install": b"wp-admin/install.php"}


def page(address: str, port: int, path: str, host: str = "", tls: bool = False, patience: float = 0.0) -> Dict[str, Any]:
    """What a server answers: status 0 if nothing that is HTTP."""
    seconds = patience or PATIENCE
    if tls:
        link: http.client.HTTPConnection = http.client.HTTPSConnection(address, port, timeout=seconds, context=any_certificate())
    else:
        link = http.client.HTTPConnection(address, port, timeout=seconds)
    found: Dict[str, Any] = {"status": 0, "text": "", "marks": [], "where": "", "error": ""}
    try:
        link.request("GET", path, headers={"Connection": "close", **({"Host": host} if host else {})})
        answer = link.getresponse()
        body = answer.read()
        found["status"], found["where"] = answer.status, answer.getheader("Location", "")
        found["text"] = body[:KEPT].decode("utf-8", "replace").strip()
        found["marks"] = [name for name, mark in MARKS.items() if mark in body or mark.decode() in found["where"]]
    except (OSError, http.client.HTTPException) as error:
        found["error"] = _spoken(error)
    finally:
        link.close()
    return found


def pages_look(wanted: Sequence[Mapping[str, Any]]) -> List[Dict[str, Any]]:
    return [
        {
            "name": each["name"],
            "address": each["address"],
            "port": each["port"],
            **page(
                each["address"], each["port"], each.get("path", "/"), each.get("host", ""), each.get("tls", False), 2 * PATIENCE
            ),
        }
        for each in wanted
    ]


def reach_look(wanted: Sequence[Mapping[str, Any]]) -> List[Dict[str, Any]]:
    """Whether a connection comes about; one that is refused has come to its host, too.

    :param wanted: with `greeting`, the first bytes that the server says are waited for
    """
    return [{**each, **_reached(each["address"], each["port"], bool(each.get("greeting")))} for each in wanted]


def _reached(address: str, port: int, greeting: bool) -> Dict[str, Any]:
    found: Dict[str, Any] = {"error": "", "refused": False, "said": ""}
    try:
        if "/" in address:
            with socket.socket(socket.AF_UNIX) as link:
                link.connect(address)
            return found
        with socket.create_connection((address, port), PATIENCE) as link:
            if greeting:
                found["said"] = link.recv(200).decode("latin-1")
    except ConnectionRefusedError:
        found["error"], found["refused"] = "refused the connection", True
    except OSError as error:
        found["error"] = _spoken(error)
    return found


def any_certificate() -> ssl.SSLContext:
    """Who answers is the question, and not whether the certificate is good for an address."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _spoken(error: Exception) -> str:
    if isinstance(error, socket.timeout):
        return "gave no answer in time"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()


def answers(address: str, port: int, path: str, number: int, tls: bool = False) -> Dict[str, Any]:
    """Requests one after the other; given up early where nobody answers at all."""
    lines: List[str] = []
    failures: List[str] = []
    deadline = time.monotonic() + 6 * PATIENCE
    sent = 0
    while sent < number and time.monotonic() < deadline:
        sent += 1
        got = page(address, port, path, tls=tls)
        if got["error"] or got["status"] >= 400 or not got["status"]:
            failures.append(got["error"] or f"status {got['status']}")
        else:
            lines.append((got["text"].splitlines() or [""])[0])
    return {"sent": sent, "lines": lines, "failures": failures}
