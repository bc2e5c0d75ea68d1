# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of the modules for daemons and timeouts, the same in check mode and in a real run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .control import Daemon, Timeouts
from .daemon_plan import DaemonPlan
from .timeouts_plan import TimeoutsPlan


def daemon_result(role: str, plan: DaemonPlan, after: Daemon | None) -> dict[str, Any]:
    return {
        "changed": plan.changed,
        "operations": [verb for verb, _daemon in plan.operations],
        "daemon": _daemon_view(after),
        "diff": _diff(f"{role} synchronisation daemon", _daemon_view(plan.before), _daemon_view(plan.predicted)),
    }


def timeouts_result(plan: TimeoutsPlan, after: Timeouts) -> dict[str, Any]:
    return {
        "changed": plan.changed,
        "timeouts": asdict(after),
        "diff": _diff("timeouts", asdict(plan.before), asdict(plan.predicted)),
    }


def _daemon_view(daemon: Daemon | None) -> dict[str, Any] | None:
    return asdict(daemon) if daemon else None


def _diff(header: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
    return {"before_header": header, "after_header": header, "before": before, "after": after}
