# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that goes on asking: so many new connections a second, whatever became of those before.

Usage: steady_client.py ADDRESS PORT PER_SECOND SECONDS. Ends early, and in order, on SIGTERM. Prints one JSON object: how many requests
were sent, who answered how often, and each failure with the second in which its request began.
"""

import json
import signal
import socket
import sys
import threading
import time

PATIENCE = 5.0


def ask(address: str, port: int) -> str:
    with socket.create_connection((address, port), PATIENCE) as connection:
        connection.settimeout(PATIENCE)
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        data = b""
        while True:
            part = connection.recv(4096)
            if not part:
                break
            data += part
    head, _gap, body = data.partition(b"\r\n\r\n")
    if b" 200 " not in head.splitlines()[0] + b" ":
        raise OSError(head.splitlines()[0].decode())
    return body.decode().strip()


class Tally:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sent = 0
        self.answers = {}
        self.failures = []

    def request(self, address: str, port: int, second: float) -> None:
        try:
            answer, failure = ask(address, port), None
        except (OSError, IndexError) as error:
            answer, failure = None, f"{type(error).__name__}: {error}"
        with self.lock:
            if failure:
                self.failures.append([round(second, 2), failure])
            else:
                self.answers[answer] = self.answers.get(answer, 0) + 1


def main(address: str, port: str, rate: str, seconds: str) -> None:
    tally, began, threads = Tally(), time.monotonic(), []
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    interval = 1 / float(rate)
    while not stopped.is_set() and time.monotonic() - began < float(seconds):
        thread = threading.Thread(target=tally.request, args=(address, int(port), time.monotonic() - began))
        thread.start()
        threads.append(thread)
        tally.sent += 1
        # Requests begin on time, also when the machine was late for the one before.
        stopped.wait(max(0.0, began + tally.sent * interval - time.monotonic()))
    for thread in threads:
        thread.join()
    print(json.dumps({"sent": tally.sent, "answers": tally.answers, "failures": tally.failures}))


if __name__ == "__main__":
    main(*sys.argv[1:])
