# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is looked for in the inventory beside the table: what hosts, networks and roles say of each other."""

from __future__ import annotations

from typing import Sequence

from .database import check_database
from .estate import Estate, Shared
from .openings import check_openings
from .services import VirtualService
from .spelling import check_spelling
from .storage import check_storage
from .topology import check_topology
from .values import Findings, Groups, Hostvars
from .web import check_web


def check_all(
    services: Sequence[VirtualService], groups: Groups, hostvars: Hostvars, findings: Findings, back_network: str
) -> None:
    shared = Shared()
    estate = Estate(groups, hostvars, shared)
    check_topology(services, estate, findings, back_network, findings.sentences())
    check_spelling(estate)
    check_openings(estate)
    check_storage(estate)
    check_database(services, estate)
    check_web(services, estate)
    shared.tell(findings)
