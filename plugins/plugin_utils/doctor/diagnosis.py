# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From looks to findings: every check on every host that it is about, and which faults follow from others."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterable, List, Sequence

from .cluster import Cluster
from .model import (
    COULD_NOT_LOOK,
    FAULT,
    FOLLOWS,
    NOT_APPLICABLE,
    OK,
    Check,
    CouldNotLookError,
    Finding,
    Looks,
    NotApplicableError,
    View,
)
from .registry import CHECKS


def diagnosis(cluster: Cluster, looks: Looks, checks: Iterable[Check] = tuple(CHECKS.values())) -> List[Finding]:
    view = View(cluster, looks)
    found = [finding for check in checks for finding in _findings(check, view)]
    faults = [finding for finding in found if finding.state == FAULT and finding.now]
    return [_explained(finding, faults) if finding.state == FAULT else finding for finding in found]


def _findings(check: Check, view: View) -> List[Finding]:
    hosts = check.hosts(view.cluster)
    if not hosts:
        return [Finding(check.name, "", NOT_APPLICABLE, f"about {check.about}")]
    return [_judged(check, view, host) for host in hosts]


def _judged(check: Check, view: View, host: str) -> Finding:
    try:
        seen = check.judge(view, host)
    except CouldNotLookError as error:
        return Finding(check.name, host, COULD_NOT_LOOK, str(error))
    except NotApplicableError as error:
        return Finding(check.name, host, NOT_APPLICABLE, str(error))
    if seen.faults:
        return Finding(check.name, host, FAULT, "; ".join(seen.faults), check.remedy, now=seen.now)
    return Finding(check.name, host, OK, seen.text)


def _explained(finding: Finding, faults: Sequence[Finding]) -> Finding:
    """A fault that others bring about is theirs: whoever mends them has mended it."""
    roots = [root for root in _roots(finding, faults) if root is not finding]
    names = tuple(dict.fromkeys(f"{root.check} on {root.host}" for root in roots))
    return replace(finding, state=FOLLOWS, because=names, remedy="") if names else finding


def _roots(finding: Finding, faults: Sequence[Finding]) -> List[Finding]:
    """The faults that stand at the beginning: itself, if nothing brings it about."""
    check = CHECKS[finding.check]
    causes = [
        other for other in faults if other.check in check.anywhere or (other.check in check.here and other.host == finding.host)
    ]
    return [root for cause in causes for root in _roots(cause, faults)] or [finding]
