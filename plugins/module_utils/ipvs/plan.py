# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner: which actions turn the table that the kernel has into the wanted one. Pure: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterable, Iterator

from .errors import TooManyDeletionsError
from .model import Destination, DestinationKey, Entry, Service, ServiceKey, Table


@dataclass(frozen=True)
class Policy:
    """What may go if it is not wanted. Everything else in the table belongs to others and stays."""

    services: frozenset[ServiceKey] = frozenset()
    destinations: frozenset[tuple[ServiceKey, DestinationKey]] = frozenset()
    # Services all of whose real servers are owned.
    whole: frozenset[ServiceKey] = frozenset()
    # How many services and real servers may go at once; None is any number.
    max_delete: int | None = None


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
    for key, entry in want.items():
        current = have.get(key)
        before = current.service if current else None
        there = current.destinations if current else {}
        # What was read as expected is the very same.
        if before is not entry.service and before != entry.service:
            services.append(Action(key, None, before, entry.service))
        if there is not entry.destinations and there != entry.destinations:
            destinations += (
                Action(key, name, there.get(name), destination)
                for name, destination in entry.destinations.items()
                if there.get(name) != destination
            )
    # Capacity comes before it goes: a service exists before its real servers, new real servers take clients before old
    # ones leave, and a service is deleted last, which takes its remaining real servers along. Everything is sorted, since
    # schedulers that hash (sh) map clients by the order of insertion: all directors then map them alike.
    phases = (services, destinations, list(_destinations_to_delete(have, want, policy)), _services_to_delete(have, want, policy))
    _refuse_wipe_out(have, phases[2], phases[3], policy.max_delete)
    actions = tuple(action for phase in phases for action in sorted(phase, key=_sort_key))
    return Plan(actions, predict(have, actions))


def predict(have: Table, actions: Iterable[Action]) -> Table:
    """The table after the actions; `have` stays as it is."""
    table = dict(have)
    copies: Dict[ServiceKey, Dict[DestinationKey, Destination]] = {}
    for action in actions:
        key, entry = action.service, table.get(action.service)
        if isinstance(action.after, Service):
            table[key] = Entry(action.after, entry.destinations if entry else {})
        elif action.destination is None:
            del table[key]
            copies.pop(key, None)
        elif entry:
            if key not in copies:
                copies[key] = dict(entry.destinations)
                table[key] = Entry(entry.service, copies[key])
            if isinstance(action.after, Destination):
                copies[key][action.destination] = action.after
            else:
                copies[key].pop(action.destination, None)
    return table


def _sort_key(action: Action) -> tuple[object, ...]:
    return (*action.service.sort_key, *(action.destination.sort_key if action.destination else ()))


def _destinations_to_delete(have: Table, want: Table, policy: Policy) -> Iterator[Action]:
    gone = set(policy.destinations)
    for service in policy.whole & have.keys():
        wanted = want[service].destinations if service in want else {}
        if have[service].destinations is not wanted:
            gone.update((service, key) for key in have[service].destinations if key not in wanted)
    for service, key in gone:
        # A service that goes takes its real servers along.
        if service not in have or (service in policy.services and service not in want):
            continue
        before = have[service].destinations.get(key)
        if before is not None and not (service in want and key in want[service].destinations):
            yield Action(service, key, before, None)


def _services_to_delete(have: Table, want: Table, policy: Policy) -> list[Action]:
    return [Action(key, None, have[key].service, None) for key in policy.services if key in have and key not in want]


def _refuse_wipe_out(have: Table, destinations: list[Action], services: list[Action], limit: int | None) -> None:
    taken_along = sum(len(have[action.service].destinations) for action in services)
    if limit is not None and len(services) + len(destinations) + taken_along > limit:
        names = [str(action) for phase in (services, destinations) for action in sorted(phase, key=_sort_key)]
        raise TooManyDeletionsError(len(services), len(destinations) + taken_along, limit, names)
