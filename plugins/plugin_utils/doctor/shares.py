# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is to answer how often: exact where real servers take turns, within chance where they do not."""

from __future__ import annotations

from collections import Counter
from math import sqrt
from typing import Any, List, Mapping, NamedTuple, Sequence

from ..inventory.proof import EXACT, proof

Service = Mapping[str, Any]
# Schedulers that give one client, or one VIP, always the same real server, unless a flag has the port decide, too.
_ONE = ("sh", "dh", "mh", "lblc")
_BY_PORT = 16
# Those that begin with the heaviest, and go on to others when it is full or away.
_HEAVIEST = ("fo", "ovf")
# Those that share by weight in the long run.
_SHARING = ("rr", "wrr", "lc", "wlc")
_EQUAL = ("rr", "lc")
# So many standard deviations from the expected number are no chance any more.
_SIGMAS = 4


class Judged(NamedTuple):
    seen: str
    problems: List[str]


def judged(service: Service, names: Sequence[str], alone: bool) -> Judged:
    """
    :param names: the real server that gave each answer
    :param alone: whether nobody else asked meanwhile, and the real servers were evenly used before
    """
    counts = Counter(names)
    weights = {server["host"]: server["weight"] for server in service["real_servers"]}
    seen = ", ".join(f"{host} {counts[host]}" for host in weights)
    problems = [f"{name!r} answered, which is none of its real servers" for name in sorted(set(names) - set(weights))]
    problems += [
        f"{host} answered {counts[host]} times, and has weight 0" for host in weights if not weights[host] and counts[host]
    ]
    if problems or not names:
        return Judged(seen, problems)
    scheduler = service["scheduler"]
    if service.get("persistence_timeout") or (scheduler in _ONE and not service.get("scheduler_flags", 0) & _BY_PORT):
        problems = [] if len(counts) == 1 else [f"one client is to stay with one real server, and had {seen}"]
    elif scheduler in _HEAVIEST:
        most = max(weights.values())
        problems = (
            []
            if all(weights[host] == most for host in counts)
            else [f"the heaviest real server is to answer, and there were {seen}"]
        )
    elif scheduler in EXACT and alone:
        problems = [text.partition(": ")[2] for text in proof(service, names)["problems"]]
    elif scheduler in _SHARING and (alone or scheduler in EXACT):
        problems = _by_chance(weights if scheduler not in _EQUAL else {host: min(1, weights[host]) for host in weights}, counts)
    return Judged(seen, problems)


def _by_chance(weights: Mapping[str, int], counts: Mapping[str, int]) -> List[str]:
    total, whole = sum(counts.values()), sum(weights.values()) or 1
    found = []
    for host, weight in weights.items():
        part = weight / whole
        slack = _SIGMAS * sqrt(total * part * (1 - part)) + 1
        if abs(counts.get(host, 0) - total * part) > slack:
            found.append(f"{host} answered {counts.get(host, 0)} times, expected {total * part:.0f} +- {slack:.0f}")
    return found
