# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner: which actions turn the table that the kernel has into the wanted one. Pure: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable

from .model import Destination, DestinationKey, Entry, Service, ServiceKey, Table


@dataclass(frozen=True)
class Policy:
    """What may go if it is not wanted. Everything else in the table belongs to others and stays."""

    services: frozenset[ServiceKey] = frozenset()
    destinations: frozenset[tuple[ServiceKey, DestinationKey]] = frozenset()


@dataclass(frozen=True)
class Action:
    """One operation of the kernel on one service, or on one real server of it."""

    service: ServiceKey
    destination: DestinationKey | None
    before: Service | Destination | None
    after: Service | Destination | None

    @property
    def verb(self) -> str:
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "update"

    def __str__(self) -> str:
        if self.destination is None:
            return f"{self.verb} service {self.service}"
        return f"{self.verb} real server {self.destination} of {self.service}"


@dataclass(frozen=True)
class Plan:
    actions: tuple[Action, ...]
    predicted: Table

    @property
    def changed(self) -> bool:
        return bool(self.actions)


def make_plan(have: Table, want: Table, policy: Policy) -> Plan:
    services: list[Action] = []
    destinations: list[Action] = []
    for key in sorted(want, key=lambda key: key.sort_key):
        entry, current = want[key], have.get(key)
        before = current.service if current else None
        if before != entry.service:
            services.append(Action(key, None, before, entry.service))
        for name in sorted(entry.destinations, key=lambda name: name.sort_key):
            there = current.destinations.get(name) if current else None
            if there != entry.destinations[name]:
                destinations.append(Action(key, name, there, entry.destinations[name]))
    # Capacity comes before it goes: a service exists before its real servers, new real servers take clients before old
    # ones leave, and a service is deleted last, which takes its remaining real servers along. Everything is sorted, since
    # schedulers that hash (sh) map clients by the order of insertion: all directors then map them alike.
    actions = tuple(
        services + destinations + _destinations_to_delete(have, want, policy) + _services_to_delete(have, want, policy)
    )
    return Plan(actions, predict(have, actions))


def predict(have: Table, actions: Iterable[Action]) -> Table:
    """The table after the actions; `have` stays as it is."""
    table = dict(have)
    for action in actions:
        entry = table.get(action.service)
        if isinstance(action.after, Service):
            table[action.service] = Entry(action.after, entry.destinations if entry else {})
        elif action.destination is None:
            del table[action.service]
        elif entry:
            rest = {key: value for key, value in entry.destinations.items() if key != action.destination}
            if isinstance(action.after, Destination):
                rest[action.destination] = action.after
            table[action.service] = Entry(entry.service, rest)
    return table


def _destinations_to_delete(have: Table, want: Table, policy: Policy) -> list[Action]:
    actions = []
    for service, key in sorted(policy.destinations, key=lambda pair: (pair[0].sort_key, pair[1].sort_key)):
        if service not in have or (service in policy.services and service not in want):
            continue
        before = have[service].destinations.get(key)
        if before is not None and not (service in want and key in want[service].destinations):
            actions.append(Action(service, key, before, None))
    return actions


def _services_to_delete(have: Table, want: Table, policy: Policy) -> list[Action]:
    gone = sorted((key for key in policy.services if key in have and key not in want), key=lambda key: key.sort_key)
    return [Action(key, None, have[key].service, None) for key in gone]
