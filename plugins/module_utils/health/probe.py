# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking a server once, over the network."""

from __future__ import annotations

import http.client
import socket
import ssl

from .question import Question

# What is looked for stands in the first part of a page.
READ_AT_MOST = 1024 * 1024


def ask(question: Question) -> str:
    """What is wrong with the server; empty if nothing is."""
    try:
        with socket.create_connection(
            (question.address, question.port), question.timeout, (question.source, 0) if question.source else None
        ) as connection:
            return "" if question.scheme == "tcp" else _converse(question, connection)
    except (OSError, http.client.HTTPException) as wrong:
        return f"{type(wrong).__name__}: {wrong}" if str(wrong) else type(wrong).__name__


def _converse(question: Question, connection: socket.socket) -> str:
    if question.scheme == "https":
        context = ssl.create_default_context()
        if not question.validate_certs:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        connection = context.wrap_socket(connection, server_hostname=question.name or question.address)
    client = http.client.HTTPConnection(question.address, question.port, timeout=question.timeout)
    # It is connected already: from an address, and to a name, of our choice.
    client.sock = connection
    try:
        client.request(
            "GET", question.path, headers={"Connection": "close", **({"Host": question.name} if question.name else {})}
        )
        answer = client.getresponse()
        return question.problem(answer.status, answer.read(READ_AT_MOST).decode("utf-8", "replace"))
    finally:
        client.close()
