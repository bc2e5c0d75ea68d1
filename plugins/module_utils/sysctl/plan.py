# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner: which actions bring a host's settings to the goal. Pure: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Iterable, Mapping, Optional, Union

from .errors import KeyMissingError
from .model import Goal, State, show_key

FileContent = Optional[Mapping[str, Optional[str]]]


@dataclass(frozen=True)
class SetValue:
    """Write one setting of the running kernel."""

    key: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"set {show_key(self.key)} to {self.after}"


@dataclass(frozen=True)
class SetFile:
    """Write our file of sysctl.d, or remove it."""

    before: FileContent
    after: FileContent


@dataclass(frozen=True)
class SetRecord:
    """Write the record of the values that stood before, or remove it."""

    before: Mapping[str, str]
    after: Mapping[str, str]


Action = Union[SetValue, SetFile, SetRecord]


@dataclass(frozen=True)
class Plan:
    actions: tuple[Action, ...]
    predicted: State

    @property
    def changed(self) -> bool:
        return bool(self.actions)


def make_plan(have: State, goal: Goal) -> Plan:
    wanted = goal.values if goal.present else {}
    actions: list[Action] = []
    known = have.prior
    if goal.runtime:
        for key in wanted:
            if key not in have.runtime:
                raise KeyMissingError(key)
        # Kept once: what stood before the first change, not before the last one.
        joined = {key: have.runtime[key] for key in wanted if key not in known and have.runtime[key] != wanted[key]}
        left = {key: value for key, value in known.items() if key not in wanted}
        # Whatever vanished with its interface has nothing to give back to.
        values = {**{key: value for key, value in left.items() if key in have.runtime}, **wanted}
        # The record comes first and forgets last. A run that is killed in between leaves a record of everything that it
        # changed, so the next one completes it, and `absent` still gives back what stood before. The file follows the
        # running kernel: whatever boot will set has been accepted by the kernel.
        known = {**known, **joined}
        if joined:
            actions.append(SetRecord(have.prior, known))
        actions += [SetValue(key, have.runtime[key], values[key]) for key in sorted(values) if have.runtime[key] != values[key]]
    file = dict(wanted) if goal.present else None
    if goal.persistent and have.file != file:
        actions.append(SetFile(have.file, file))
    remembered = {key: value for key, value in known.items() if key in wanted or not goal.runtime}
    if remembered != known:
        actions.append(SetRecord(known, remembered))
    return Plan(tuple(actions), predict(have, actions))


def predict(have: State, actions: Iterable[Action]) -> State:
    """The state after the actions; `have` stays as it is."""
    for action in actions:
        if isinstance(action, SetValue):
            have = replace(have, runtime={**have.runtime, action.key: action.after})
        elif isinstance(action, SetFile):
            have = replace(have, file=action.after)
        else:
            have = replace(have, prior=action.after)
    return have
