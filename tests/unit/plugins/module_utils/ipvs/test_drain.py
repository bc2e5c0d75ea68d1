# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The judgement of one look at a real server."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.drain import DrainPolicy, Sight, Verdict
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.statistics import Connections

EMPTY, CLOSING, ACTIVE = Connections(), Connections(inactive=2), Connections(active=1, inactive=2)
TEMPLATES = Connections(persistent=5)


@pytest.mark.parametrize(
    ("count_inactive", "connections", "left"),
    [(True, ACTIVE, 3), (False, ACTIVE, 1), (True, CLOSING, 2), (False, CLOSING, 0), (True, TEMPLATES, 0)],
)
def test_what_counts(count_inactive, connections, left):
    assert DrainPolicy(count_inactive=count_inactive).left(connections) == left


@pytest.mark.parametrize(
    ("sight", "waited", "verdict"),
    [
        (None, 0, Verdict.GONE),
        (None, 60, Verdict.GONE),
        (Sight(0, EMPTY), 0, Verdict.EMPTY),
        (Sight(0, EMPTY), 60, Verdict.EMPTY),
        (Sight(0, TEMPLATES), 0, Verdict.EMPTY),
        (Sight(0, ACTIVE), 0, Verdict.BUSY),
        (Sight(0, ACTIVE), 59.9, Verdict.BUSY),
        (Sight(0, ACTIVE), 60, Verdict.LATE),
        (Sight(1, EMPTY), 0, Verdict.RAISED),
        (Sight(1, ACTIVE), 60, Verdict.RAISED),
    ],
)
def test_judgement(sight, waited, verdict):
    assert DrainPolicy(timeout=60).judge(sight, waited) is verdict


def test_no_time_is_one_look():
    assert DrainPolicy(timeout=0).judge(Sight(0, ACTIVE), 0) is Verdict.LATE


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("then", ["leave", "remove"])
@pytest.mark.parametrize("on_timeout", ["report", "fail", "remove"])
def test_removal_and_failure_are_asked_for(verdict, then, on_timeout):
    expected = (verdict is Verdict.EMPTY and then == "remove") or (verdict is Verdict.LATE and on_timeout == "remove")
    assert DrainPolicy(then=then, on_timeout=on_timeout).removes(verdict) is expected
    assert DrainPolicy(then=then, on_timeout=on_timeout).fails(verdict) is (verdict is Verdict.LATE and on_timeout == "fail")
