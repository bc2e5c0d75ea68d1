# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is to answer how often, by scheduler and weight."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.shares import judged


def service(scheduler, weights=(1, 1), **more):
    servers = [{"host": f"web{number}", "weight": weight} for number, weight in enumerate(weights, 1)]
    return {"name": "web", "protocol": "tcp", "scheduler": scheduler, "real_servers": servers, **more}


def answers(*counts):
    return [f"web{number}" for number, count in enumerate(counts, 1) for _time in range(count)]


@pytest.mark.parametrize(
    ("one", "counts", "alone"),
    [
        (service("rr"), (10, 10), True),
        (service("wrr", (3, 1)), (15, 5), True),
        # Others took some of the turns.
        (service("rr"), (12, 8), False),
        (service("wrr", (3, 1)), (13, 7), False),
        (service("wlc", (1, 1)), (12, 8), True),
        (service("wlc", (9, 1)), (2, 18), False),
        (service("sh"), (20, 0), True),
        (service("sh", scheduler_flags=16), (11, 9), True),
        (service("mh"), (0, 20), True),
        (service("rr", persistence_timeout=60), (0, 20), True),
        (service("fo", (1, 5)), (0, 20), True),
        (service("sed", (1, 5)), (0, 20), True),
        (service("rr", (1, 0)), (20, 0), True),
        (service("rr"), (0, 0), True),
    ],
)
def test_as_it_should_be(one, counts, alone):
    assert judged(one, answers(*counts), alone).problems == []


@pytest.mark.parametrize(
    ("one", "counts", "alone", "said"),
    [
        (service("rr"), (11, 9), True, "expected 10"),
        (service("rr"), (20, 0), False, "web2 answered 0 times, expected 10"),
        (service("wrr", (3, 1)), (5, 15), False, "web1 answered 5 times, expected 15"),
        (service("wlc"), (20, 0), True, "web2 answered 0 times, expected 10"),
        (service("sh"), (19, 1), True, "one client is to stay"),
        (service("wrr", persistence_timeout=60), (10, 10), True, "one client is to stay"),
        (service("fo", (1, 5)), (1, 19), True, "the heaviest"),
        (service("wlc", (1, 0)), (19, 1), False, "has weight 0"),
        (service("rr", (1,)), (10, 10), True, "'web2' answered, which is none"),
    ],
)
def test_as_it_should_not_be(one, counts, alone, said):
    problems = judged(one, answers(*counts), alone).problems
    assert problems
    assert any(said in problem for problem in problems)
