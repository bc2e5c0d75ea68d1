# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes into the module that takes up a part, and what comes out of it, as plain data."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping

from .commands import HostError
from .engine import Outcome
from .plan import Change, Value

KINDS = ("module", "sysctl", "link", "decapsulator", "chain", "jump", "route", "rule", "ipvs", "address")


def wanted(given: Mapping[str, Any]) -> Dict[str, Dict[str, str]]:
    """The wanted items as text.

    :raises HostError: a kind is unknown, or its items are no dictionary
    """
    for kind, items in given.items():
        if kind not in KINDS:
            raise HostError(f"wants.{kind}: there is no such kind: use {', '.join(KINDS)}")
        if not isinstance(items, dict):
            raise HostError(f"wants.{kind}: {items!r} is no dictionary: write names with values")
    return {kind: {str(name): str(value) for name, value in items.items()} for kind, items in given.items()}


def result(outcome: Outcome) -> Dict[str, Any]:
    changes = [
        {"kind": change.kind, "name": change.name, "before": change.before, "after": change.after} for change in outcome.changes
    ]
    return {
        "changed": bool(changes),
        "changes": changes,
        "left_over": outcome.left_over,
        "diff": [
            {
                "before_header": f"{change.kind} {change.name}",
                "after_header": f"{change.kind} {change.name}",
                "before": _lines(change.before),
                "after": _lines(change.after),
            }
            for change in sorted(outcome.changes, key=_place)
        ],
    }


def _place(change: Change) -> List[str]:
    return [change.kind, change.name]


def _lines(value: Value) -> str:
    return "" if value is None else value + "\n"
