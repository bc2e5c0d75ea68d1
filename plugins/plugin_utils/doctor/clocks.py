# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clocks in step: sessions, cookies, certificates and logs of several hosts go by them."""

from __future__ import annotations

from typing import Tuple

from .daemons import CHRONY, keeps_time
from .model import Check, CouldNotLookError, NotApplicableError, Seen, View

# Seconds that clocks may differ.
TOLERANCE = 1.0
# Where the inventory says whom to follow.
_SOURCES = ("baseline_time_servers", "baseline_time_pools")


def _offset(view: View, host: str) -> Tuple[float, float]:
    """Between what and what the host's clock is ahead of the controller's."""
    result = view.looks.result(host)
    clock = view.looks.host(host, "clock")
    # The look began after it was asked for, and ended before its answer came.
    return clock["ended"] - result["answered"], clock["begun"] - result["asked"]


def _in_step(view: View, host: str) -> Seen:
    least, most = _offset(view, host)
    others = []
    for other in view.cluster.hosts:
        try:
            others.append(_offset(view, other))
        except CouldNotLookError:
            continue
    if len(others) < 2:
        raise NotApplicableError("there is no other clock to compare it with")
    # The clock in the middle: one that is wrong does not make the others so.
    low, high = sorted(others, key=sum)[(len(others) - 1) // 2]
    ahead, behind = least - high, low - most
    if ahead > TOLERANCE:
        return Seen(faults=[f"its clock is {ahead:.0f} s or more ahead of the others'"])
    if behind > TOLERANCE:
        return Seen(faults=[f"its clock is {behind:.0f} s or more behind the others'"])
    return Seen(f"within {max(most - low, high - least):.1f} s, as far as can be told")


def _kept(view: View, host: str) -> Seen:
    units = view.looks.host(host, "units")
    running = [name for name in CHRONY if units.get(name, "").endswith(", active")]
    if not running:
        return Seen(faults=["chrony does not run"])
    if not units[running[0]].startswith("enabled"):
        return Seen(faults=[f"{running[0]} is {units[running[0]]}, so it will not run after a reboot"])
    if not any(view.cluster.value(host, name, []) for name in _SOURCES):
        return Seen("chrony runs, and others follow it")
    time = view.looks.host(host, "time")
    if not time["by"]:
        raise CouldNotLookError("chrony does not tell whether it follows a server")
    return Seen("by chrony", [] if time["synchronised"] else ["chrony has found no server to follow"])


CHECKS = (
    Check(
        "clocks",
        "Are the clocks in step?",
        "every host of the cluster, within a second of the others",
        "have chrony keep the time: baseline_time_servers or baseline_time_pools in the inventory; chronyc makestep sets it at once",
        lambda cluster: cluster.hosts,
        _in_step,
        here=("time_followed",),
    ),
    Check(
        "time_followed",
        "Is the clock kept right?",
        "hosts with baseline_time_servers, baseline_time_pools or baseline_time_clients: chrony runs, now and after a reboot, and has a server",
        "run site.yml; chronyc sources says which servers answer: let udp port 123 through to them, or name others",
        lambda cluster: [host for host in cluster.hosts if keeps_time(cluster, host)],
        _kept,
    ),
)
