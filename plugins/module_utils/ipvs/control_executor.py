# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where plans for daemons and timeouts become real: the gate for check mode, the execution, and the reading back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from .control import Control, Daemon, Timeouts
from .daemon_plan import DaemonPlan
from .errors import IpvsError, NotAppliedError
from .timeouts_plan import TimeoutsPlan


def carry_out_daemon(plan: DaemonPlan, control: Control, check_mode: bool) -> Daemon | None:
    """The daemon after the plan: predicted in check mode, otherwise read back from the kernel."""
    if plan.changed and plan.want:
        control.check_daemon(plan.want)
    if check_mode or not plan.changed:
        return plan.predicted
    if plan.before:
        control.stop_daemon(plan.before)
    if plan.want:
        _start(control, plan.want, plan.before)
    subject = plan.want or plan.before
    found = control.daemons().get(subject.role) if subject else None
    expected = plan.predicted
    # What the kernel chooses is not for us to insist on, and some kernels do not say it.
    if found and expected and plan.want and not plan.want.max_length:
        expected = found if _same_but_length(found, expected) else expected
    _verify(str(subject), found, expected)
    return found


def carry_out_timeouts(plan: TimeoutsPlan, control: Control, check_mode: bool) -> Timeouts:
    """The timeouts after the plan, in the same way."""
    if check_mode or not plan.changed:
        return plan.predicted
    control.set_timeouts(plan.sent)
    found = control.timeouts()
    _verify("timeouts", found, plan.predicted)
    return found


def _start(control: Control, want: Daemon, before: Daemon | None) -> None:
    try:
        control.start_daemon(want)
    except IpvsError as error:
        if before is None:
            raise
        # A director without synchronisation is worse than one with the old settings.
        try:
            control.start_daemon(before)
        except IpvsError:
            raise error from None
        raise


def _same_but_length(found: Daemon, expected: Daemon) -> bool:
    return all(
        getattr(found, field.name) == getattr(expected, field.name) for field in fields(found) if field.name != "max_length"
    )


def _verify(subject: str, found: Any, expected: Any) -> None:
    if found == expected:
        return
    if found is None or expected is None:
        state = "not running" if found is None else "still running"
        raise NotAppliedError(f"{subject}: the kernel acknowledged the change, and it is {state}")
    differing = [
        f"{field.name} is {getattr(found, field.name)!r} instead of {getattr(expected, field.name)!r}"
        for field in fields(found)
        if getattr(found, field.name) != getattr(expected, field.name)
    ]
    raise NotAppliedError(
        f"{subject}: the kernel acknowledged the change, but {', '.join(differing)};"
        " this kernel may be too old for it, or something else manages it"
    )
