# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packet filter."""

from __future__ import annotations

from .items import hosts_with, missed, spoken
from .model import Check, Seen, View
from .tunnel import lacking, tunnel_lines


def _as_declared(view: View, host: str) -> Seen:
    lines = tunnel_lines(view.cluster, host, view.looks.host(host, "firewall"))
    wrong = []
    for change in missed(view, host, "firewall"):
        # Where nothing but the tunnels' own rules is missing, another check says so.
        kept = [line for line in (change["after"] or "").splitlines() if line not in lines]
        have = [line for line in (change["before"] or "").splitlines() if line not in lines]
        if change["before"] is None or not lacking(change) or kept != have:
            wrong.append(spoken(change))
    return Seen(f"by {view.looks.host(host, 'firewall')}", wrong)


def _no_invalid(view: View, host: str) -> Seen:
    return Seen("no such rule", view.looks.host(host, "invalid_drops"))


CHECKS = (
    Check(
        "invalid_drops",
        "Does no rule drop what connection tracking takes for invalid? IPVS keeps its packets from tracking.",
        "directors and real servers, all modes: rules that stand before ours",
        "take the rule away, or put it after the jump to LVS-IN and LVS-FORWARD; then run site.yml",
        lambda cluster: list(dict.fromkeys([*cluster.directors, *cluster.servers()])) if cluster.services else [],
        _no_invalid,
    ),
    Check(
        "firewall",
        "Does the packet filter let through what the cluster needs, and refuse the rest?",
        "every host of the cluster with lvs_firewall other than none",
        "run site.yml; if rules go missing again, look which service loads a whole rule set (docs: the packet filter)",
        hosts_with("firewall"),
        _as_declared,
        here=("boot", "invalid_drops"),
    ),
)
