# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes into the module that takes up a part, and what comes out of it, as plain data."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping

from .commands import HostError
from .engine import Outcome
from .plan import Change, Value

# What the names of a kind look like, with an example. Chains of other owners could be emptied by mistake.
_TOOL = "(iptables|ip6tables|arptables)"
SHAPES = {
    "decapsulator": (r"\d+( -6)?", "6080"),
    "chain": (_TOOL + r" \S+ LVS-\S+", "iptables filter LVS-IN"),
    "jump": (_TOOL + r" \S+ \S+ LVS-\S+", "iptables filter INPUT LVS-IN"),
    "policy": (r"lvs-[a-z-]{1,13}", "lvs-in"),
    "nft_pass": ("input|forward", "input"),
    "nft_chain": (r"inet lvs_cluster \S+", "inet lvs_cluster input"),
    "rule": (r"\d+ from \S+ lookup \S+.*", "4242 from 192.168.239.148 lookup 4242"),
    "address": (r"\S+/\d+ dev \S+", "10.0.0.129/32 dev front"),
}
_FILTERS = ("policy", "nft_pass", "nft_chain", "chain", "jump")
KINDS = ("module", "sysctl", "link", "decapsulator", *_FILTERS, "route", "rule", "ipvs", "address")


def wanted(given: Mapping[str, Any]) -> Dict[str, Dict[str, str]]:
    """The wanted items as text.

    :raises HostError: a kind is unknown, its items are no dictionary, or a name is none
    """
    for kind, items in given.items():
        if kind not in KINDS:
            raise HostError(f"wants.{kind}: there is no such kind: use {', '.join(KINDS)}")
        if not isinstance(items, dict):
            raise HostError(f"wants.{kind}: {items!r} is no dictionary: write names with values")
        shape, example = SHAPES.get(kind, (".+", ""))
        for name in items:
            if not re.fullmatch(shape, str(name)):
                raise HostError(f"wants.{kind}: {str(name)!r} is no name of this kind: write one such as {example}")
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
