# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of a module: the table's values as plain data, the same in check mode and in a real run."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .executor import Outcome
from .model import Destination, DestinationKey, Entry, Service, ServiceKey
from .plan import Action, Plan

_FLAG_NAMES = {
    "sh": ("sh-fallback", "sh-port", "flag-3"),
    "mh": ("mh-fallback", "mh-port", "flag-3"),
}
# Of a whole table's operations, so many are shown one by one.
OPERATIONS_SHOWN = 1000
_PLAIN_FLAG_NAMES = ("flag-1", "flag-2", "flag-3")


def service_view(service: Service) -> dict[str, Any]:
    key = service.key
    names = _FLAG_NAMES.get(service.scheduler, _PLAIN_FLAG_NAMES)
    return {
        "protocol": key.protocol or None,
        "address": key.address or None,
        "port": None if key.fwmark else key.port,
        "fwmark": key.fwmark or None,
        "family": key.family,
        "scheduler": service.scheduler,
        "scheduler_flags": [name for bit, name in enumerate(names) if service.scheduler_flags >> bit & 1],
        "persistence_timeout": service.persistence_timeout,
        "persistence_netmask": service.persistence_netmask,
        "persistence_engine": service.persistence_engine,
        "one_packet": service.one_packet,
    }


def real_server_view(destination: Destination) -> dict[str, Any]:
    return {
        "address": destination.key.address,
        "port": destination.key.port,
        "family": destination.key.family,
        "forward": destination.forward,
        "weight": destination.weight,
        "upper_threshold": destination.upper_threshold,
        "lower_threshold": destination.lower_threshold,
        "tunnel_type": destination.tunnel_type,
        "tunnel_port": destination.tunnel_port,
        "tunnel_checksum": destination.tunnel_checksum,
    }


def service_result(key: ServiceKey, outcome: Outcome) -> dict[str, Any]:
    have, plan = outcome.have, outcome.plan
    return {
        "changed": plan.changed,
        "operations": _operations(plan),
        "service": _entry_view(outcome.after.get(key)),
        "diff": _diff(str(key), _entry_view(have.get(key)), _entry_view(plan.predicted.get(key))),
    }


def real_server_result(service: ServiceKey, key: DestinationKey, outcome: Outcome) -> dict[str, Any]:
    before, after = (_destination_view(table.get(service), key) for table in (outcome.have, outcome.plan.predicted))
    return {
        "changed": outcome.plan.changed,
        "operations": _operations(outcome.plan),
        "real_server": _destination_view(outcome.after.get(service), key),
        "diff": _diff(f"{key} of {service}", before, after),
    }


def table_result(outcome: Outcome) -> dict[str, Any]:
    # Ansible copies a result several times over: of 100,000 operations a host would run out of memory.
    return {
        "changed": outcome.plan.changed,
        "operations": _operations(outcome.plan, OPERATIONS_SHOWN),
        "operations_total": len(outcome.plan.actions),
        "summary": _summary(outcome),
    }


def table_diff(outcome: Outcome) -> dict[str, Any]:
    """Only the services that differ, each as a whole: the rest of a large table would hide them."""
    have, predicted = outcome.have, outcome.plan.predicted
    differing = sorted({action.service for action in outcome.plan.actions}, key=lambda key: key.sort_key)
    before, after = ({str(key): _entry_view(table[key]) for key in differing if key in table} for table in (have, predicted))
    return _diff("IPVS table", before, after)


def _summary(outcome: Outcome) -> dict[str, int]:
    have, actions, predicted = outcome.have, outcome.plan.actions, outcome.plan.predicted
    counts = Counter((action.destination is None, action.verb) for action in actions)
    # Those that a deleted service takes along are no operations of their own.
    counts[False, "delete"] += sum(
        len(have[action.service].destinations)
        for action in actions
        if action.destination is None and action.after is None and action.service in have
    )
    done = {
        f"{kind}_{verb}d": counts[is_service, verb]
        for kind, is_service in (("services", True), ("real_servers", False))
        for verb in ("create", "update", "delete")
    }
    real_servers = sum(len(entry.destinations) for entry in predicted.values())
    return {"services": len(predicted), "real_servers": real_servers, **done}


def _entry_view(entry: Entry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    order = sorted(entry.destinations, key=lambda key: key.sort_key)
    return {**service_view(entry.service), "real_servers": [real_server_view(entry.destinations[key]) for key in order]}


def _destination_view(entry: Entry | None, key: DestinationKey) -> dict[str, Any] | None:
    destination = entry.destinations.get(key) if entry else None
    return real_server_view(destination) if destination else None


def _diff(header: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
    return {"before_header": header, "after_header": header, "before": before, "after": after}


def _operations(plan: Plan, limit: int | None = None) -> list[dict[str, Any]]:
    return [_operation(action) for action in plan.actions[:limit]]


def _operation(action: Action) -> dict[str, Any]:
    before, after = _item_view(action.before), _item_view(action.after)
    if before and after:
        changed = [name for name in before if before[name] != after[name]]
        before, after = {name: before[name] for name in changed}, {name: after[name] for name in changed}
    return {
        "action": action.verb,
        "service": str(action.service),
        "real_server": str(action.destination) if action.destination else None,
        "before": before,
        "after": after,
    }


def _item_view(item: object) -> dict[str, Any]:
    if isinstance(item, Service):
        return service_view(item)
    return real_server_view(item) if isinstance(item, Destination) else {}
