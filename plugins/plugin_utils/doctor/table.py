# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The director's table."""

from __future__ import annotations

import json
from typing import Any, Mapping

from .items import as_declared, hosts_with, missed, spoken
from .model import Check, Seen, View

# What else fills or empties the table: Debian's own unit does so at boot, and keepalived all the time.
OTHER_MANAGERS = ("ipvsadm.service", "keepalived.service")
_ARROW = " > "


def _weight_alone(change: Mapping[str, Any]) -> bool:
    if change["kind"] != "ipvs" or change["before"] is None or change["after"] is None:
        return False
    have, want = json.loads(change["before"]), json.loads(change["after"])
    return {key for key in {*have, *want} if have.get(key) != want.get(key)} == {"weight"}


def _table(view: View, host: str) -> Seen:
    wrong = [spoken(change) for change in missed(view, host, "table") if not _weight_alone(change)]
    wanted = {item.name for item in view.cluster.items(host) if item.kind == "ipvs"}
    given_up = {change["name"] for change in view.looks.host(host, "parts")["director"]["changes"] if change["retreat"]}
    strangers = [name for name in view.looks.host(host, "table") if name not in wanted and name not in given_up]
    wrong += [
        f"{name.split(_ARROW)[0]} also sends clients to {name.split(_ARROW)[-1]}, which nobody declares" for name in strangers
    ]
    return Seen(f"{len(wanted)} entries as declared", wrong)


def _weights(view: View, host: str) -> Seen:
    return Seen("as declared", [spoken(change) for change in missed(view, host, "table") if _weight_alone(change)])


def _alone(view: View, host: str) -> Seen:
    units = view.looks.host(host, "units")
    found = [name for name in OTHER_MANAGERS if name in units]
    running = any(units[name].endswith(", active") for name in found)
    return Seen("nothing else writes to the table", [f"{name} is {units[name]}" for name in found], running)


CHECKS = (
    Check(
        "kernel_modules",
        "Does the director's kernel have IPVS and the schedulers?",
        "directors",
        "run site.yml; if the kernel has no such module, install the distribution's own kernel",
        hosts_with("kernel_modules"),
        as_declared("kernel_modules"),
    ),
    Check(
        "table",
        "Does the kernel's table have the declared services and real servers, with every field, and nobody besides?",
        "directors",
        "run site.yml; take real servers that nobody declares out yourself: ipvsadm -d -t VIP:PORT -r RIP:PORT",
        hosts_with("table"),
        _table,
        here=("boot", "kernel_modules", "other_managers"),
    ),
    Check(
        "weights",
        "Do real servers have their declared weights?",
        "directors; a weight of 0 may be left from a drain",
        "run site.yml, or set lvs_weight to what is meant",
        hosts_with("table"),
        _weights,
        here=("boot",),
    ),
    Check(
        "connection_settings",
        "Does the kernel forget connections to real servers that are gone, and let clients use a port again?",
        "directors: net.ipv4.vs (director_settings)",
        "run site.yml; look for another file of sysctl.d that sets net.ipv4.vs",
        hosts_with("connection_settings"),
        as_declared("connection_settings"),
        here=("boot", "kernel_modules"),
    ),
    Check(
        "other_managers",
        "Does nothing else manage the table?",
        "directors: the unit of the package ipvsadm, which empties the table, and keepalived",
        "systemctl disable --now the unit (stop ipvsadm.service only after masking it: it empties the table), then run site.yml",
        hosts_with("table"),
        _alone,
    ),
)
