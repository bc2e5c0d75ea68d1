# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether all of it is there again after a reboot."""

from __future__ import annotations

from typing import List

from .cluster import Cluster
from .daemons import daemons
from .items import Change, changes, spoken
from .model import Check, Seen, View

_RUNNING, _ENABLED = ", active", "enabled"


def _with_parts(cluster: Cluster) -> List[str]:
    return [host for host in cluster.hosts if cluster.parts(host) or cluster.firewalls(host)]


def _armed(view: View, host: str) -> Seen:
    missing = [change for _part, change in changes(view, host) if change["kind"] in ("file", "unit") and not change["retreat"]]
    program = view.looks.host(host, "program")
    stopped = any(change["kind"] == "unit" and not (change["before"] or "").endswith(_RUNNING) for change in missing)
    wrong = [*(spoken(change) for change in _units_first(missing)), *([program] if program else [])]
    return Seen(", ".join(view.looks.host(host, "played")), wrong, stopped)


def _units_first(missing: List[Change]) -> List[Change]:
    """Units before files: what runs says more than what lies there."""
    return sorted(missing, key=lambda change: change["kind"] != "unit")


def _daemons(view: View, host: str) -> Seen:
    units = view.looks.host(host, "units")
    stopped, unarmed = [], []
    for what, names in daemons(view.cluster, host).items():
        states = [units[name] for name in names if name in units]
        if not any(state.endswith(_RUNNING) for state in states):
            stopped.append(f"{what}: {names[0]} does not run")
        elif not any(state.startswith((_ENABLED, "alias", "static")) for state in states):
            unarmed.append(f"{what}: {names[0]} is {states[0]}, so it will not run after a reboot")
    return Seen(", ".join(daemons(view.cluster, host)), [*stopped, *unarmed], bool(stopped))


CHECKS = (
    Check(
        "boot",
        "Is what the host has declared on it as the inventory says, and armed for the next boot?",
        "every host that plays a part: units run and are enabled, declarations and their program are there",
        "run site.yml, which enables and starts the units; systemctl status lvs-PART and journalctl -u lvs-PART say why one failed",
        _with_parts,
        _armed,
    ),
    Check(
        "daemons",
        "Do the daemons run, now and after a reboot?",
        "web servers, NFS servers, databases",
        "run site.yml, which enables and starts them; journalctl -u UNIT says why one failed",
        lambda cluster: [host for host in cluster.hosts if daemons(cluster, host)],
        _daemons,
    ),
)
