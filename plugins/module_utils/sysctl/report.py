# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of a module: settings as plain data, the same in check mode and in a real run."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence

from .arp import NAMES, Advice
from .config import Override
from .interfaces import ALL, effective, own_value
from .model import State, as_number, show_key
from .plan import Action, Plan, SetFile, SetValue


def values_view(values: Optional[Mapping[str, Optional[str]]]) -> Optional[dict[str, Any]]:
    """Settings by the names that people write, numbers as numbers."""
    return None if values is None else {show_key(key): plain(values[key]) for key in sorted(values)}


def plain(value: Optional[str]) -> int | str | None:
    number = as_number(value)
    return value if number is None else number


def operations(plan: Plan, file: str, record: str) -> list[dict[str, Any]]:
    return [_operation(action, file, record) for action in plan.actions]


def override_view(override: Override) -> dict[str, Any]:
    return {
        "file": override.line.path,
        "line": override.line.number,
        "key": show_key(override.key),
        "value": plain(override.line.value),
        "wanted": plain(override.wanted),
        "systemd": not override.procps_only,
    }


def arp_result(
    file: str, record: str, interfaces: Sequence[str], have: State, plan: Plan, after: State, advice: Advice
) -> dict[str, Any]:
    return {
        "changed": plan.changed,
        "operations": operations(plan, file, record),
        "overrides": [override_view(override) for override in advice.overrides],
        **arp_view(interfaces, after),
        "diff": {
            "before_header": f"ARP policy ({file})",
            "after_header": f"ARP policy ({file})",
            "before": arp_view(interfaces, have),
            "after": arp_view(interfaces, plan.predicted),
        },
    }


def arp_view(interfaces: Sequence[str], state: State) -> dict[str, Any]:
    return {
        "effective": {name: _row(effective, state, name) for name in interfaces},
        "runtime": {name: _row(own_value, state, name) for name in (ALL, *interfaces)},
        "file": values_view(state.file),
        "prior": values_view(state.prior),
    }


def _row(read: Any, state: State, interface: str) -> dict[str, Any]:
    return {name: read(state.runtime, interface, name) for name in NAMES}


def _operation(action: Action, file: str, record: str) -> dict[str, Any]:
    if isinstance(action, SetValue):
        target, name = "runtime", show_key(action.key)
        before, after = plain(action.before), plain(action.after)
    else:
        target, name = ("file", file) if isinstance(action, SetFile) else ("record", record)
        before, after = (values_view(values) for values in (action.before, action.after))  # type: ignore[assignment] # texts and mappings alike
    return {"target": target, "name": name, "before": before, "after": after}
