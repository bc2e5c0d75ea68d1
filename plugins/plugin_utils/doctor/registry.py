# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All checks, causes before what they bring about."""

from __future__ import annotations

from typing import Dict, Tuple

from . import answers, application, arp, boot, clocks, firewall, forwarding, reach, table, tunnel
from .model import Check

# By area, which is also their order in the report.
AREAS: Dict[str, Tuple[Check, ...]] = {
    "hosts": reach.CHECKS,
    "boot": boot.CHECKS,
    "clocks": clocks.CHECKS,
    "table": table.CHECKS,
    "addresses and ARP": arp.CHECKS,
    "forwarding": forwarding.CHECKS,
    "tunnels and sizes": tunnel.CHECKS,
    "packet filter": firewall.CHECKS,
    "application": application.CHECKS,
    "clients": answers.CHECKS,
}
CHECKS: Dict[str, Check] = {check.name: check for checks in AREAS.values() for check in checks}
