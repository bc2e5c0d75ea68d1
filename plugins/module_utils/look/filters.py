# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of others that drop packets whose state connection tracking calls invalid: it calls so what IPVS forwards."""

from __future__ import annotations

import re
from typing import List

from ..host.commands import Runner
from ..host.firewall import PREFIX, saved_rules
from ..host.nftables import PREFIX as NFT_PREFIX
from ..host.nftables import listed

_INVALID = re.compile(r"(ctstate|--state) \S*INVALID.* -j (DROP|REJECT)")
_NFT_INVALID = re.compile(r"ct state \S*invalid.* (drop|reject)")


def invalid_drops(runner: Runner) -> List[str]:
    """Those that come before ours: what stands behind our jump sees no packet that we let through."""
    found = []
    for tool in ("iptables", "ip6tables"):
        for (table, chain), rules in saved_rules(runner, tool).items():
            found += [f"{tool} -t {table} -A {chain} {rule}" for rule in _before(rules, f"-j {PREFIX}") if _INVALID.search(rule)]
    for name, nft_chain in listed(runner).items():
        rules = _before([rule.text for rule in nft_chain.rules], f"jump {NFT_PREFIX}")
        # What iptables keeps in nftables has been seen above; firewalld's own is got around by not tracking.
        if name.startswith(("ip filter ", "ip6 filter ", "inet firewalld ", "inet lvs_cluster ")):
            continue
        found += [f"nft {name} {rule}" for rule in rules if _NFT_INVALID.search(rule)]
    return found


def _before(rules: List[str], jump: str) -> List[str]:
    at = next((place for place, rule in enumerate(rules) if rule.startswith(jump)), len(rules))
    return rules[:at]
