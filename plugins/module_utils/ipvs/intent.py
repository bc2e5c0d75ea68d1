# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one task asks for: a change of one service or one real server, completed by what the kernel has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Mapping, Type, TypeVar

from .errors import InvalidOptionError, ServiceMissingError
from .model import Destination, DestinationKey, Entry, Service, ServiceKey, Table
from .plan import Policy
from .rules import check_destination, check_scheduler_flags, check_service

Item = TypeVar("Item", Service, Destination)

_WITHOUT_EFFECT = {
    "persistence_netmask": "has no effect without persistence: set persistence_timeout, too, or leave it out",
    "tunnel_type": "has no effect on other forwarding methods: set forward to tunnel, or leave it out",
    "tunnel_port": "only gue tunnels have a port: set forward to tunnel and tunnel_type to gue, or leave it out",
    "tunnel_checksum": "only gue and gre tunnels have a checksum: set forward to tunnel and tunnel_type, or leave it out",
}


@dataclass(frozen=True)
class ServiceIntent:
    key: ServiceKey
    present: bool
    changes: Mapping[str, Any]
    # Names like sh-port say which scheduler they are for; flag-2 does not.
    flags_for: str = ""

    def goal(self, have: Table) -> tuple[Table, Policy]:
        if not self.present:
            return {}, Policy(services=frozenset([self.key]))
        entry = have.get(self.key, Entry(Service(self.key), {}))
        service = complete(self._without_old_flags(entry.service), self.changes)
        check_scheduler_flags(service, self.flags_for)
        check_service(service)
        return {self.key: Entry(service, entry.destinations)}, Policy()

    def _without_old_flags(self, service: Service) -> Service:
        # The bits mean something else to another scheduler, so they do not move along with a change of scheduler.
        changed = self.changes.get("scheduler", service.scheduler) != service.scheduler
        return replace(service, scheduler_flags=0) if changed else service


@dataclass(frozen=True)
class RealServerIntent:
    service: ServiceKey
    key: DestinationKey
    present: bool
    changes: Mapping[str, Any]

    def assume_service(self, have: Table) -> Table:
        """The table with the service in it: in check mode the task that creates the service has not really run."""
        return {self.service: Entry(Service(self.service), {}), **have} if self.present else have

    def goal(self, have: Table) -> tuple[Table, Policy]:
        if not self.present:
            return {}, Policy(destinations=frozenset([(self.service, self.key)]))
        if self.service not in have:
            raise ServiceMissingError(self.service)
        entry = have[self.service]
        destination = complete(entry.destinations.get(self.key, Destination(self.key)), self.changes)
        check_destination(entry.service, destination)
        return {self.service: Entry(entry.service, {**entry.destinations, self.key: destination})}, Policy()


def complete(current: Item, changes: Mapping[str, Any]) -> Item:
    """The item with the changes; all else stays."""
    return _with_effect(replace(current, **changes), changes)


def create(kind: Type[Item], key: Any, changes: Mapping[str, Any]) -> Item:
    """A new item; all else is as documented."""
    return _with_effect(kind(key, **changes), changes)


def _with_effect(result: Item, changes: Mapping[str, Any]) -> Item:
    # A value that the model normalises away would be ignored in silence.
    for option in changes.keys() & _WITHOUT_EFFECT.keys():
        if getattr(result, option) != changes[option]:
            raise InvalidOptionError(option, _WITHOUT_EFFECT[option])
    return result
