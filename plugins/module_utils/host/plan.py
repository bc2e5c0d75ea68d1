# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner: from what a host has, what it is to have, and what we once made, to changes. Pure: no I/O, no clock.

All state is keyed text: a kind (address, route, sysctl, ...), a name within the kind, and a value. That makes one law for all of
it: what is wanted gets its value, what we made and is wanted no more gets back what stood before, and the rest is not ours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Dict, Mapping, Optional, Tuple

# None is absence.
Value = Optional[str]
State = Mapping[str, str]


@dataclass(frozen=True)
class Owned:
    """One thing that we made or changed: what stood before, and what we put in its place."""

    prior: Value
    ours: str
    # What we had put there earlier, until it is known that `ours` has taken its place.
    earlier: Value = None

    def holds(self, value: str) -> bool:
        return value in (self.ours, self.earlier)


Record = Mapping[str, Owned]


@dataclass(frozen=True)
class Change:
    kind: str
    name: str
    before: Value
    after: Value
    # No longer wanted: such changes come last, in the opposite order of the kinds.
    retreat: bool = False

    @property
    def verb(self) -> str:
        if self.before is None:
            return "create"
        return "remove" if self.after is None else "set"

    def __str__(self) -> str:
        if self.before is None or self.after is None:
            return f"{self.verb} {self.kind} {self.name}"
        return f"set {self.kind} {self.name} to {self.after!r} (is {self.before!r})"


@dataclass(frozen=True)
class Plan:
    changes: Tuple[Change, ...]
    # To be saved before the changes are made: a run that is killed half-way still knows what it may have made.
    before: Record
    # To be saved once they are made.
    after: Record


def make_plan(
    kind: str, have: State, want: State, record: Record, prune: bool = True, ours_by_name: bool = True, only_ours: bool = False
) -> Plan:
    """The changes of one kind.

    :param prune: whether to give up what is recorded and wanted no more; otherwise it stays, and stays recorded
    :param ours_by_name: whether a recorded thing is still ours when somebody has given it another value
    :param only_ours: whether things of such names are ours without a record: somebody may have saved and restored them, say
    """
    if only_ours:
        record = {**{name: Owned(None, have[name]) for name in want if name in have}, **record}
    changes = [Change(kind, name, have.get(name), want[name]) for name in sorted(want) if have.get(name) != want[name]]
    kept: Dict[str, Owned] = {}
    for change in changes:
        # What stood before us is what stood before the first change.
        known = record.get(change.name, Owned(change.before, want[change.name]))
        ours = change.before is not None and change.name in record and known.holds(change.before)
        # A setting that was not there at first can only have come with its kernel module.
        came = known.prior is None and not ours_by_name and not ours
        kept[change.name] = Owned(change.before if came else known.prior, want[change.name], change.before if ours else None)
    kept.update({name: Owned(owned.prior, want[name]) for name, owned in record.items() if name in want and name not in kept})
    gone = {name: owned for name, owned in record.items() if name not in want}
    before = {**kept, **gone}
    made = {name: replace(owned, earlier=None) for name, owned in kept.items()}
    if not prune:
        return Plan(tuple(changes), before, {**made, **gone})
    for name in sorted(gone, reverse=True):
        ours = name in have and (ours_by_name or gone[name].holds(have[name]))
        if ours and have[name] != gone[name].prior:
            changes.append(Change(kind, name, have[name], gone[name].prior, retreat=True))
    return Plan(tuple(changes), before, made)


def predict(have: State, changes: Tuple[Change, ...]) -> Dict[str, str]:
    """The state after the changes; `have` stays as it is."""
    state = dict(have)
    for change in changes:
        if change.after is None:
            state.pop(change.name, None)
        else:
            state[change.name] = change.after
    return state
