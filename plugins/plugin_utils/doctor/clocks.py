# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clocks in step: sessions, cookies, certificates and logs of several hosts go by them."""

from __future__ import annotations

from typing import List, Tuple

from .cluster import Cluster
from .daemons import keeps_time
from .model import Check, CouldNotLookError, NotApplicableError, Seen, View

# Seconds that clocks may differ.
TOLERANCE = 1.0


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
    time = view.looks.host(host, "time")
    if not time["by"]:
        raise CouldNotLookError("nothing tells whether the clock follows another one")
    return Seen(f"by {time['by']}", [] if time["synchronised"] else [f"{time['by']} has found no server to follow"])


def _asking_for_time(cluster: Cluster) -> List[str]:
    return [
        host
        for host in cluster.hosts
        if keeps_time(cluster, host)
        and (cluster.value(host, "baseline_time_servers", []) or cluster.value(host, "baseline_time_pools", []))
    ]


CHECKS = (
    Check(
        "clocks",
        "Are the clocks in step?",
        "every host of the cluster, within a second of the others",
        "have chrony keep the time: baseline_time_servers or baseline_time_pools in the inventory; chronyc makestep sets it at once",
        lambda cluster: cluster.hosts,
        _in_step,
        here=("time_followed", "daemons"),
    ),
    Check(
        "time_followed",
        "Does the clock follow the servers of time?",
        "hosts with baseline_time_servers or baseline_time_pools",
        "chronyc sources says which servers answer: let udp port 123 through to them, or name others",
        _asking_for_time,
        _kept,
        here=("daemons",),
    ),
)
