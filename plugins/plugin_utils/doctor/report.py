# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as a table for people, and as plain data for machines."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Dict, List, Mapping, Sequence

from .model import COULD_NOT_LOOK, FAULT, FOLLOWS, NOT_APPLICABLE, OK, STATES, Finding
from .registry import AREAS

Findings = Sequence[Finding]
# Of what was seen, so much is shown in a line of the table; the rest is in the data.
_SHOWN = 400
_MARKS = {OK: "ok", FAULT: "FAULT", FOLLOWS: "follows", NOT_APPLICABLE: "-", COULD_NOT_LOOK: "?"}


def as_data(findings: Findings) -> Dict[str, Any]:
    return {
        "healthy": not any(finding.state == FAULT for finding in findings),
        "counts": {state: sum(1 for finding in findings if finding.state == state) for state in STATES},
        "findings": [{**asdict(finding), "because": list(finding.because)} for finding in findings],
    }


def as_table(data: Mapping[str, Any]) -> str:
    """A line for each check, with the hosts where it holds, and below it whatever else was found, and the remedy."""
    lines: List[str] = []
    for area, checks in AREAS.items():
        lines += ["", area]
        for check in checks:
            lines += _check_lines(check.name, check.question, [one for one in data["findings"] if one["check"] == check.name])
    counts = data["counts"]
    faults, unseen = counts[FAULT], counts[COULD_NOT_LOOK]
    lines += ["", f"{faults} {'fault' if faults == 1 else 'faults'}, {counts[FOLLOWS]} that follow from them, {counts[OK]} ok"]
    if unseen:
        lines[-1] += f"; {unseen} could not be looked at"
    return "\n".join(lines[1:])


def _check_lines(name: str, question: str, found: Sequence[Mapping[str, Any]]) -> List[str]:
    worst = next(
        (state for state in (FAULT, FOLLOWS, COULD_NOT_LOOK, OK) if any(one["state"] == state for one in found)), NOT_APPLICABLE
    )
    lines = [f"  {_MARKS[worst]:<8} {name:<22} {question}"]
    told = set()
    for one in found:
        if one["state"] in (OK, NOT_APPLICABLE):
            continue
        because = f" (because of {', '.join(one['because'])})" if one["because"] else ""
        lines.append(f"{'':11}{one['host']}: {_MARKS[one['state']]}: {one['seen'][:_SHOWN]}{because}")
        if one["state"] == FAULT and one["remedy"] not in told:
            told.add(one["remedy"])
            lines.append(f"{'':11}Remedy: {one['remedy']}.")
    return lines
