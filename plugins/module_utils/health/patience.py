# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking again until a server is healthy, or the time is over."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Callable

PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Health:
    # Of the last attempt; empty if it is healthy.
    problem: str
    attempts: int
    # Seconds.
    waited: float


def await_health(
    ask: Callable[[], str],
    deadline: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Health:
    """Ask at least once. No attempt begins after the deadline."""
    began, attempts = clock(), 0
    while True:
        problem = ask()
        attempts += 1
        waited = clock() - began
        if not problem or waited >= deadline:
            return Health(problem, attempts, waited)
        sleep(min(PAUSE_SECONDS, deadline - waited))
