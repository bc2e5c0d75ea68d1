# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results are plain, sorted data."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.executor import Outcome
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.plan import Policy, make_plan
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.report import (
    OPERATIONS_SHOWN,
    real_server_result,
    service_result,
    service_view,
    table_result,
)

TCP = ServiceKey.at("tcp", "192.0.2.10", 80)
RIPS = [DestinationKey.at(f"198.51.100.{host}", 80) for host in (10, 9)]


@pytest.mark.parametrize(
    ("scheduler", "names"),
    [
        ("sh", ["sh-fallback", "sh-port", "flag-3"]),
        ("mh", ["mh-fallback", "mh-port", "flag-3"]),
        ("rr", ["flag-1", "flag-2", "flag-3"]),
    ],
)
def test_flags_are_named_after_the_scheduler(scheduler, names):
    assert service_view(Service(TCP, scheduler, 7))["scheduler_flags"] == names
    assert service_view(Service(TCP, scheduler, 2))["scheduler_flags"] == names[1:2]


def test_a_fwmark_service_has_no_address():
    view = service_view(Service(ServiceKey.marked(1)))
    assert (view["fwmark"], view["protocol"], view["address"], view["port"]) == (1, None, None, None)


def test_real_servers_are_sorted_whatever_the_kernels_order():
    table = {TCP: Entry(Service(TCP), {key: Destination(key) for key in RIPS})}
    result = service_result(TCP, Outcome(table, make_plan(table, table, Policy()), table))
    assert [view["address"] for view in result["service"]["real_servers"]] == ["198.51.100.9", "198.51.100.10"]
    assert result["diff"]["before"] == result["diff"]["after"]
    assert result["operations"] == []


def test_an_update_shows_what_changes():
    have = {TCP: Entry(Service(TCP), {RIPS[0]: Destination(RIPS[0])})}
    want = {TCP: Entry(Service(TCP), {RIPS[0]: Destination(RIPS[0], weight=0)})}
    result = real_server_result(TCP, RIPS[0], Outcome(have, make_plan(have, want, Policy()), want))
    assert result["changed"]
    assert result["operations"] == [
        {
            "action": "update",
            "service": "tcp 192.0.2.10:80",
            "real_server": "198.51.100.10:80",
            "before": {"weight": 1},
            "after": {"weight": 0},
        }
    ]
    assert (result["diff"]["before"]["weight"], result["diff"]["after"]["weight"]) == (1, 0)


def test_of_a_large_tables_operations_the_first_are_shown_and_all_are_counted():
    keys = [DestinationKey.at(f"198.51.{number >> 8}.{number & 255}", 80) for number in range(OPERATIONS_SHOWN + 500)]
    want = {TCP: Entry(Service(TCP), {key: Destination(key) for key in keys})}
    plan = make_plan({}, want, Policy())
    result = table_result(Outcome({}, plan, want))
    assert result["operations_total"] == len(plan.actions) == 1 + len(keys)
    assert result["summary"]["real_servers_created"] == len(keys)
    assert [(shown["service"], shown["real_server"]) for shown in result["operations"]] == [
        (str(TCP), str(key) if key else None) for key in [None, *keys][:OPERATIONS_SHOWN]
    ]


def test_a_deletion_leaves_nothing():
    have = {TCP: Entry(Service(TCP), {RIPS[0]: Destination(RIPS[0])})}
    result = service_result(TCP, Outcome(have, make_plan(have, {}, Policy(services=frozenset([TCP]))), {}))
    assert result["service"] is None
    assert result["diff"]["after"] is None
    assert result["diff"]["before"]["real_servers"][0]["address"] == "198.51.100.10"
