# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables that nothing reads, and that are nearly called like one that something does: otherwise they would be without effect."""

from __future__ import annotations

import difflib

from .estate import Estate

KNOWN = (
    "lvs_accepts",
    "lvs_address",
    "lvs_addresses",
    "lvs_answer",
    "lvs_arp",
    "lvs_back_network",
    "lvs_back_network6",
    "lvs_dip",
    "lvs_dip6",
    "lvs_firewall",
    "lvs_lower_threshold",
    "lvs_mode",
    "lvs_names",
    "lvs_page",
    "lvs_rip",
    "lvs_rip6",
    "lvs_rip_interface",
    "lvs_services",
    "lvs_sites",
    "lvs_ssh_port",
    "lvs_state",
    "lvs_upper_threshold",
    "lvs_vip_interface",
    "lvs_weight",
)
# So much of a name has to be alike: a letter or two are different. What differs more may be somebody's own.
ALIKE = 0.85


def check_spelling(estate: Estate) -> None:
    for host in estate.hosts:
        for name in estate.names(host):
            if name.startswith("lvs") and name not in KNOWN:
                close = difflib.get_close_matches(name, KNOWN, n=1, cutoff=ALIKE)
                if close:
                    estate.shared.add(host, name, f"there is no such variable (did you mean {close[0]}?): rename it")
