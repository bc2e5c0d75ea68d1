# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place where a plan becomes real: the gate for check mode, the execution, and the reading back."""

from __future__ import annotations

from dataclasses import fields
from typing import Iterable

from .errors import NotAppliedError
from .model import Destination, Service, Table
from .plan import Action, Plan
from .transport import Transport


def carry_out(plan: Plan, transport: Transport, check_mode: bool) -> Table:
    """The table after the plan: predicted in check mode, otherwise read back from the kernel."""
    if check_mode or not plan.changed:
        return plan.predicted
    for action in plan.actions:
        transport.execute(action)
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
            raise NotAppliedError(f"{action}: the kernel acknowledged it, and it is still there")
        if found is None:
            raise NotAppliedError(f"{action}: the kernel acknowledged it, and it is not there")
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
