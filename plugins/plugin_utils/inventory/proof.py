# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who answered, against who was to answer."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, NamedTuple

# They take turns exactly, unless persistence keeps a client where it is.
EXACT = ("rr", "wrr")
# Of what a stranger says, so much is shown.
SHOWN = 40


class _Share(NamedTuple):
    expected: str
    least: float
    most: float


def proof(service: Mapping[str, Any], answers: Iterable[str]) -> Dict[str, Any]:
    """Compare who answered with who was to answer.

    Services over tcp are expected to answer. Of others nothing is known when there are no answers, so that is no problem.

    :param service: an entry of what `services` returns
    :param answers: the name that each answer gave, one a request
    :returns: `rows`, a dictionary for each real server and for each answer that came from elsewhere, and `problems`, sentences
    """
    given = [str(answer).strip() for answer in answers]
    asked = bool(given) or service.get("protocol", "tcp") == "tcp"
    name, rows, found = service["name"], [], []
    shares = _shares(service, len(given))
    for host, share in shares.items():
        count = given.count(host)
        rows.append(_row(name, host, count, share.expected if asked else "not asked"))
        if not share.least <= count <= share.most:
            found.append(f"{name}: {host} answered {count} times of {len(given)}, expected {share.expected}")
    for stranger in sorted(set(given) - set(shares)):
        rows.append(_row(name, stranger[:SHOWN], given.count(stranger), "0"))
        found.append(f"{name}: {stranger[:SHOWN]!r} answered, which is none of its real servers")
    if asked and not given:
        found.append(f"{name}: nobody answered at {_endpoint(service)}")
    return {"rows": rows, "problems": found}


def _shares(service: Mapping[str, Any], total: int) -> Dict[str, _Share]:
    weights = {server["host"]: server["weight"] for server in service["real_servers"]}
    if service["scheduler"] == "rr":
        # Plain round robin knows two weights only: none, and some.
        weights = {host: min(weight, 1) for host, weight in weights.items()}
    if service["scheduler"] not in EXACT or service.get("persistence_timeout"):
        return {host: _Share("any", 0, total) if weight else _Share("0", 0, 0) for host, weight in weights.items()}
    turns = sum(weights.values()) or 1
    # A run that ends within a round gives some real servers a part of their turns.
    whole = all(total * weight % turns == 0 for weight in weights.values())
    shares = {}
    for host, weight in weights.items():
        share, slack = total * weight / turns, 0 if whole else weight
        shares[host] = _Share(f"{share:.1f} +- {slack}" if slack else f"{share:g}", share - slack, share + slack)
    return shares


def _row(service: str, host: str, answers: int, expected: str) -> Dict[str, Any]:
    return {"service": service, "real_server": host, "answers": answers, "expected": expected}


def _endpoint(service: Mapping[str, Any]) -> str:
    address = service["address"]
    ports: List[int] = service.get("ports") or [service["port"]]
    at = f"[{address}]:{ports[0]}" if ":" in address else f"{address}:{ports[0]}"
    return f"{at} (fwmark {service['fwmark']})" if service.get("fwmark") else at
