# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a real server counts as drained, how long to wait for it, and what becomes of it then. Pure: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .statistics import Connections

LEAVE, REMOVE = "leave", "remove"
REPORT, FAIL = "report", "fail"


class Verdict(Enum):
    """What one look at a real server says."""

    GONE = "it is not in the table, so nothing is left on it"
    EMPTY = "it gets no new connections, and none is left"
    BUSY = "connections are left, and there is time"
    LATE = "connections are left, and the time is over"
    RAISED = "something else gave it a weight"


@dataclass(frozen=True)
class Sight:
    """A real server at one moment."""

    weight: int
    connections: Connections


@dataclass(frozen=True)
class DrainPolicy:
    # Closed TCP connections and all of UDP are inactive ones. Templates of persistent clients are never waited for: they
    # carry no packets, and are void without their real server.
    count_inactive: bool = True
    # Seconds.
    timeout: float = 0
    # leave or remove, once it is drained.
    then: str = LEAVE
    # report, fail or remove. Only this one removes a real server that has connections left.
    on_timeout: str = REPORT

    def left(self, connections: Connections) -> int:
        return connections.total if self.count_inactive else connections.active

    def judge(self, sight: Sight | None, waited: float) -> Verdict:
        if sight is None:
            return Verdict.GONE
        if sight.weight:
            return Verdict.RAISED
        if not self.left(sight.connections):
            return Verdict.EMPTY
        return Verdict.BUSY if waited < self.timeout else Verdict.LATE

    def removes(self, verdict: Verdict) -> bool:
        if verdict is Verdict.EMPTY:
            return self.then == REMOVE
        return verdict is Verdict.LATE and self.on_timeout == REMOVE

    def fails(self, verdict: Verdict) -> bool:
        return verdict is Verdict.LATE and self.on_timeout == FAIL
