# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place where a plan becomes real: the gate for check mode, the execution, and the reading back."""

from __future__ import annotations

from .errors import NotAppliedError
from .host import Sysctls
from .model import State, show_key
from .plan import Plan, SetFile, SetValue


def carry_out(plan: Plan, sysctls: Sysctls, check_mode: bool) -> State:
    """The state after the plan: predicted in check mode, otherwise read back from the host."""
    if check_mode or not plan.changed:
        return plan.predicted
    for action in plan.actions:
        sysctls.execute(action)
    actual = sysctls.read(plan.predicted.runtime)
    _verify(plan, actual, sysctls)
    return actual


def _verify(plan: Plan, actual: State, sysctls: Sysctls) -> None:
    # Only what was changed is compared: other interfaces may come, go and change at the same time.
    for action in plan.actions:
        if isinstance(action, SetValue):
            found = actual.runtime.get(action.key, "gone")
            if found != action.after:
                raise NotAppliedError(
                    f"{action}: the kernel acknowledged it, and it is {found}; something else manages it, too:"
                    f" look for what sets {show_key(action.key)}, then run the task again"
                )
        elif isinstance(action, SetFile):
            _same(sysctls.file, actual.file == plan.predicted.file)
        else:
            _same(sysctls.record, actual.prior == plan.predicted.prior)


def _same(path: str, same: bool) -> None:
    if not same:
        raise NotAppliedError(f"{path}: it was written, and reads otherwise; something else manages it, too: run the task again")
