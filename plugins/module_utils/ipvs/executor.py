# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place where a plan becomes real: reading, planning, the gate for check mode, the execution, the reading back."""

from __future__ import annotations

import errno
from dataclasses import dataclass, fields
from typing import Callable, Iterable

from .errors import ContendedError, IpvsError, KernelError, NotAppliedError, UnknownNameError
from .kernel_modules import KernelModules
from .model import Destination, Service, Table
from .plan import Action, Plan, Policy, make_plan
from .transport import Transport

ATTEMPTS = 5
# A service or real server that was not there a moment ago, or was.
_CHANGED_MEANWHILE = {errno.EEXIST, errno.ESRCH, errno.ENOENT}


@dataclass(frozen=True)
class Outcome:
    have: Table
    # All actions, also those of attempts that something else crossed.
    plan: Plan
    # The services that the plan touches, read back from the kernel; predicted in check mode.
    after: Table


def reconcile(
    transport: Transport,
    read: Callable[[], Table],
    goal: Callable[[Table], tuple[Table, Policy]],
    check_mode: bool,
    modules: KernelModules | None = None,
) -> Outcome:
    """Bring what `read` returns to its goal. What others change meanwhile is read again and planned for, a few times."""
    have = current = read()
    made: list[Action] = []
    last: IpvsError | None = None
    for _attempt in range(ATTEMPTS):
        plan = make_plan(current, *goal(current))
        _refuse_unknown_names(plan.actions, modules or KernelModules())
        transport.check(plan.actions)
        whole = Plan((*made, *plan.actions), plan.predicted)
        if check_mode or not plan.changed:
            return Outcome(have, whole, plan.predicted)
        try:
            return Outcome(have, whole, _carry_out(plan, transport))
        except (KernelError, NotAppliedError) as error:
            if not _is_contention(error, last):
                raise
            made += error.made if isinstance(error, KernelError) else plan.actions
            last = error
        current = read()
    raise ContendedError(ATTEMPTS, str(last))


def _refuse_unknown_names(actions: Iterable[Action], modules: KernelModules) -> None:
    # The kernel refuses them as well, but only when it gets there; and check mode never asks it.
    new = [action for action in actions if isinstance(action.after, Service)]
    if not new or not modules.all_known():
        return
    known = {"scheduler": modules.schedulers(), "persistence_engine": ["", *modules.engines()]}
    for action in new:
        for option, names in known.items():
            name = getattr(action.after, option)
            if name not in names and name != getattr(action.before, option, None):
                raise UnknownNameError(str(action), option, name, list(filter(None, names)))


def _is_contention(error: IpvsError, last: IpvsError | None) -> bool:
    if isinstance(error, KernelError):
        return error.number in _CHANGED_MEANWHILE and not isinstance(error, UnknownNameError)
    # The same again means that the kernel ignores it, and nothing else edits it.
    return str(error) != str(last)


def _carry_out(plan: Plan, transport: Transport) -> Table:
    transport.apply(plan.actions)
    actual = transport.read({action.service for action in plan.actions})
    _verify(plan.actions, actual)
    return actual


def _verify(actions: Iterable[Action], actual: Table) -> None:
    # Kernels ignore in silence what they are too old for. Only what was changed is compared: health checkers may edit
    # other real servers of the same service at the same time.
    for action in actions:
        found = _find(action, actual)
        if found == action.after:
            continue
        if action.after is None:
            raise NotAppliedError(
                f"{action}: the kernel acknowledged it, and it is still there; something else may manage the table"
            )
        if found is None:
            raise NotAppliedError(
                f"{action}: the kernel acknowledged it, and it is not there; something else may manage the table"
            )
        differing = [
            f"{field.name} is {getattr(found, field.name)!r} instead of {getattr(action.after, field.name)!r}"
            for field in fields(found)
            if getattr(found, field.name) != getattr(action.after, field.name)
        ]
        raise NotAppliedError(
            f"{action}: the kernel acknowledged it, but {', '.join(differing)};"
            " this kernel may be too old for it, or something else manages the table"
        )


def _find(action: Action, table: Table) -> Service | Destination | None:
    entry = table.get(action.service)
    if entry is None:
        return None
    return entry.service if action.destination is None else entry.destinations.get(action.destination)
