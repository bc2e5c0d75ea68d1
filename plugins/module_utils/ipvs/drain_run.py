# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draining a real server: weight 0, waiting for its connections to end, and its removal where that is asked for."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Callable

from .drain import DrainPolicy, Sight, Verdict
from .errors import InvalidOptionError, IpvsError, TransportError
from .executor import Outcome, reconcile
from .model import FORWARDS, TUNNEL_CHECKSUMS, TUNNEL_TYPES, Destination, DestinationKey, Entry, ServiceKey, Table
from .plan import Plan, Policy
from .statistics import Connections
from .transport import Transport

POLL_SECONDS = 1.0


class RaisedError(IpvsError):
    def __init__(self, service: ServiceKey, key: DestinationKey, weight: int) -> None:
        super().__init__(
            f"real server {key} of {service}: something else set its weight to {weight} while it drained (keepalived, ldirectord,"
            " another playbook): take it out there first, then run the task again"
        )


@dataclass(frozen=True)
class Drain:
    """How it went. `connections` are those that were there at the last look, before a removal."""

    outcome: Outcome
    verdict: Verdict
    connections: Connections
    waited: float

    @property
    def drained(self) -> bool:
        return self.verdict in (Verdict.GONE, Verdict.EMPTY)


@dataclass(frozen=True)
class Drainer:
    transport: Transport
    service: ServiceKey
    key: DestinationKey
    policy: DrainPolicy
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def run(self, check_mode: bool) -> Drain:
        # New connections stop first, also where none is left: between a look and the removal, one could begin.
        quiet = reconcile(self.transport, self._read, self._without_weight, check_mode)
        # Check mode cannot know when the connections end, so it looks once, at the table as it would be.
        read = (lambda: quiet.after) if check_mode else self._read
        policy = replace(self.policy, timeout=0) if check_mode else self.policy
        verdict, connections, waited, table = self._wait(policy, read)
        if not policy.removes(verdict):
            return Drain(replace(quiet, after=table), verdict, connections, waited)
        gone = reconcile(self.transport, read, self._without_server, check_mode)
        plan = Plan((*quiet.plan.actions, *gone.plan.actions), gone.plan.predicted)
        return Drain(Outcome(quiet.have, plan, gone.after), verdict, connections, waited)

    def _wait(self, policy: DrainPolicy, read: Callable[[], Table]) -> tuple[Verdict, Connections, float, Table]:
        began = self.clock()
        while True:
            sight, table = self._look(read)
            waited = self.clock() - began
            verdict = policy.judge(sight, waited)
            if sight and verdict is Verdict.RAISED:
                raise RaisedError(self.service, self.key, sight.weight)
            if verdict is not Verdict.BUSY:
                return verdict, sight.connections if sight else Connections(), waited, table
            self.sleep(min(POLL_SECONDS, policy.timeout - waited))

    def _look(self, read: Callable[[], Table]) -> tuple[Sight | None, Table]:
        # The table comes last: a real server that goes away between the two has gone, and is not one without counts.
        counted = self.transport.statistics([self.service]).get(self.service)
        table = read()
        destination = self._find(table)
        if destination is None:
            return None, table
        if counted is None or self.key not in counted.destinations:
            raise TransportError(
                f"the kernel tells no connections of real server {self.key} of {self.service}: run the task again"
            )
        return Sight(destination.weight, counted.destinations[self.key].connections), table

    def _read(self) -> Table:
        return self.transport.read([self.service])

    def _find(self, table: Table) -> Destination | None:
        entry = table.get(self.service)
        return entry.destinations.get(self.key) if entry else None

    def _without_weight(self, have: Table) -> tuple[Table, Policy]:
        destination = self._find(have)
        if destination is None or not destination.weight:
            return {}, Policy()
        # An edit sends all fields again, and numbers without a name cannot be sent.
        for option, known in (("forward", FORWARDS), ("tunnel_type", TUNNEL_TYPES), ("tunnel_checksum", TUNNEL_CHECKSUMS)):
            if getattr(destination, option) not in known:
                raise InvalidOptionError(
                    option,
                    f"the kernel holds the unknown value {getattr(destination, option)} here, so the weight cannot be edited:"
                    " repair it with state=present, or remove the real server",
                )
        quiet = Entry(have[self.service].service, {self.key: replace(destination, weight=0)})
        return {self.service: quiet}, Policy()

    def _without_server(self, _have: Table) -> tuple[Table, Policy]:
        return {}, Policy(destinations=frozenset([(self.service, self.key)]))
