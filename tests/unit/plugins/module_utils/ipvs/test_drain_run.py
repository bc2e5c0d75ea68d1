# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Laws of draining, over every course that the connections of a real server can take. No time passes."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.drain import DrainPolicy, Verdict
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.drain_report import drain_result, late_message
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.drain_run import Drainer, RaisedError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import InvalidOptionError, TransportError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.plan import predict
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.statistics import (
    Connections,
    Counters,
    DestinationStatistics,
    ServiceStatistics,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.transport import Transport
from hypothesis import given, settings
from hypothesis import strategies as st

# A busy machine is no reason to fail.
law = settings(deadline=None)

TCP = ServiceKey.at("tcp", "192.0.2.10", 80)
RIP = DestinationKey.at("198.51.100.1", 80)
OTHER = DestinationKey.at("198.51.100.2", 80)
FULL = Destination(RIP, "tunnel", 100, 1000, 800, "gue", 6080, "csum")
ACTIVE, CLOSING, EMPTY = Connections(active=2, inactive=1, persistent=3), Connections(inactive=1), Connections()


class Kernel(Transport):
    """One service with two real servers. `course` has the connections of the first at each look; the last one stays.
    `meanwhile` is what others make of the table before that look."""

    def __init__(self, course, server=FULL, meanwhile=None):
        self.table = {TCP: Entry(Service(TCP, "wrr"), {RIP: server, OTHER: Destination(OTHER)})}
        self.course = list(course)
        self.meanwhile = dict(meanwhile or {})
        self.now = 0.0
        self.sleeps = []
        self.looks = 0
        self.events = []

    @property
    def connections(self):
        return self.course[min(self.looks, len(self.course)) - 1]

    def read(self, keys):
        return {key: entry for key, entry in self.table.items() if key in keys}

    def read_all(self):
        return dict(self.table)

    def apply(self, actions):
        for action in actions:
            weight = action.after.weight if action.after else None
            self.events.append((action.verb, weight, self.connections if self.looks else None))
            self.table = predict(self.table, [action])

    def statistics(self, keys):
        self.looks += 1
        if self.looks in self.meanwhile:
            self.table = self.meanwhile[self.looks](self.table)
        self.events.append(("look", self.table[TCP].destinations[RIP].weight if self._has() else None, None))
        there = {RIP: DestinationStatistics(self.connections, Counters())} if self._has() else {}
        return {key: ServiceStatistics(Counters(), there) for key in keys if key in self.table}

    def clock(self):
        return self.now

    def sleep(self, seconds):
        assert seconds > 0
        self.sleeps.append(seconds)
        self.now += seconds

    def _has(self):
        return TCP in self.table and RIP in self.table[TCP].destinations

    @property
    def server(self):
        return self.table[TCP].destinations.get(RIP)


def drain(kernel, check_mode=False, **policy):
    return Drainer(kernel, TCP, RIP, DrainPolicy(**policy), kernel.clock, kernel.sleep).run(check_mode)


def without_server(table):
    return {TCP: Entry(table[TCP].service, {OTHER: Destination(OTHER)})}


counts = st.builds(Connections, st.integers(0, 2), st.integers(0, 2), st.integers(0, 2))
courses = st.lists(counts, min_size=1, max_size=8)
policies = st.fixed_dictionaries(
    {"count_inactive": st.booleans(), "timeout": st.sampled_from([0, 0.5, 1, 3, 5.5])},
).flatmap(
    lambda base: st.sampled_from(
        [
            {**base, "then": then, "on_timeout": late}
            for then, late in [
                ("leave", "report"),
                ("leave", "fail"),
                ("remove", "report"),
                ("remove", "fail"),
                ("remove", "remove"),
            ]
        ]
    )
)
weights = st.sampled_from([0, 1, 100])


@law
@given(course=courses, policy=policies, weight=weights)
def test_no_new_connections_before_anything_else(course, policy, weight):
    kernel = Kernel(course, Destination(RIP, weight=weight))
    drain(kernel, **policy)
    assert kernel.events[0] == (("update", 0, None) if weight else ("look", 0, None))
    assert all(weight in (0, None) for _what, weight, _connections in kernel.events)


@law
@given(course=courses, policy=policies, weight=weights)
def test_connections_are_only_cut_where_that_is_asked_for(course, policy, weight):
    kernel = Kernel(course, Destination(RIP, weight=weight))
    drain(kernel, **policy)
    cut = [connections for what, _weight, connections in kernel.events if what == "delete"]
    assert cut == [] if policy["then"] == "leave" else len(cut) <= 1
    if policy["on_timeout"] != "remove":
        assert all(DrainPolicy(**policy).left(connections) == 0 for connections in cut)


@law
@given(course=courses, policy=policies)
def test_it_ends_by_the_deadline_and_uses_it(course, policy):
    kernel = Kernel(course)
    result = drain(kernel, **policy)
    assert sum(kernel.sleeps) <= policy["timeout"]
    assert result.waited == kernel.now
    if not result.drained:
        assert kernel.now == policy["timeout"]


@law
@given(course=courses, policy=policies)
def test_the_verdict_is_true(course, policy):
    kernel = Kernel(course)
    result = drain(kernel, **policy)
    assert result.connections == kernel.connections
    assert result.drained == (DrainPolicy(**policy).left(result.connections) == 0)
    assert result.verdict in (Verdict.EMPTY, Verdict.LATE)
    removed = policy["then"] == "remove" if result.drained else policy["on_timeout"] == "remove"
    assert (kernel.server is None) == removed
    assert result.outcome.after == kernel.table


@law
@given(course=courses, policy=policies, weight=weights)
def test_check_mode_looks_once_and_does_nothing(course, policy, weight):
    kernel = Kernel(course, Destination(RIP, weight=weight))
    before = kernel.table
    drain(kernel, check_mode=True, **policy)
    assert (kernel.table, kernel.looks, kernel.sleeps) == (before, 1, [])


@law
@given(connections=counts, policy=policies, weight=weights)
def test_check_mode_predicts_what_does_not_depend_on_time(connections, policy, weight):
    predicted = drain(Kernel([connections], Destination(RIP, weight=weight)), check_mode=True, **policy)
    done = drain(Kernel([connections], Destination(RIP, weight=weight)), **policy)
    assert predicted.outcome == done.outcome
    assert predicted.drained == done.drained


@law
@given(course=courses, policy=policies)
def test_a_second_run_changes_nothing(course, policy):
    kernel = Kernel(course)
    first = drain(kernel, **policy)
    kernel.course = [kernel.connections]
    kernel.events.clear()
    again = drain(kernel, **policy)
    assert not again.outcome.plan.changed
    assert {what for what, *_rest in kernel.events} == {"look"}
    assert again.drained == (first.drained or kernel.server is None)


def test_all_other_fields_and_real_servers_stay():
    kernel = Kernel([EMPTY])
    drain(kernel)
    assert kernel.table[TCP] == Entry(
        Service(TCP, "wrr"),
        {RIP: Destination(RIP, "tunnel", 0, 1000, 800, "gue", 6080, "csum"), OTHER: Destination(OTHER)},
    )


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("table", [{}, {TCP: Entry(Service(TCP), {OTHER: Destination(OTHER)})}], ids=["service", "real server"])
def test_what_is_gone_is_drained(table, check_mode):
    kernel = Kernel([ACTIVE])
    kernel.table = table
    result = drain(kernel, check_mode, timeout=5, then="remove", on_timeout="remove")
    assert (result.verdict, result.connections, result.waited) == (Verdict.GONE, EMPTY, 0)
    assert not result.outcome.plan.changed


def test_a_real_server_that_others_remove_while_it_drains():
    kernel = Kernel([ACTIVE], meanwhile={3: without_server})
    result = drain(kernel, timeout=60, then="remove")
    assert (result.verdict, result.waited, result.outcome.after) == (Verdict.GONE, 2, kernel.table)
    assert result.drained


@pytest.mark.parametrize("connections", [ACTIVE, EMPTY])
def test_a_weight_that_others_set_while_it_drains_ends_the_waiting(connections):
    def health_checker(table):
        return {TCP: Entry(table[TCP].service, {RIP: Destination(RIP, weight=7)})}

    kernel = Kernel([ACTIVE, ACTIVE, connections], meanwhile={3: health_checker})
    with pytest.raises(RaisedError, match="something else set its weight to 7 while it drained"):
        drain(kernel, timeout=60, then="remove", on_timeout="remove")
    assert kernel.server.weight == 7


def test_a_real_server_without_counts_is_not_taken_for_drained():
    class Blind(Kernel):
        def statistics(self, keys):
            return {}

    with pytest.raises(TransportError, match=r"tells no connections of real server 198\.51\.100\.1:80 of tcp 192\.0\.2\.10:80"):
        drain(Blind([EMPTY]), then="remove")


def test_a_field_that_cannot_be_sent_again():
    with pytest.raises(InvalidOptionError, match=r"^forward: the kernel holds the unknown value 7 here"):
        drain(Kernel([EMPTY], Destination(RIP, "7")))


def test_a_field_that_does_not_have_to_be_sent_again():
    assert drain(Kernel([EMPTY], Destination(RIP, "7", weight=0))).drained


def test_the_last_wait_is_as_short_as_the_deadline():
    kernel = Kernel([ACTIVE])
    drain(kernel, timeout=2.5)
    assert kernel.sleeps == [1, 1, 0.5]


def test_result():
    kernel = Kernel([ACTIVE, CLOSING, EMPTY])
    result = drain_result(TCP, RIP, drain(kernel, timeout=60, then="remove"))
    assert (result["changed"], result["drained"], result["waited"], result["real_server"]) == (True, True, 2, None)
    assert result["connections"] == {"active": 0, "inactive": 0, "persistent": 0}
    assert [(operation["action"], operation["after"]) for operation in result["operations"]] == [
        ("update", {"weight": 0}),
        ("delete", {}),
    ]
    assert (result["diff"]["before"]["weight"], result["diff"]["after"]) == (100, None)


def test_result_of_one_that_is_late():
    late = drain(Kernel([ACTIVE]), timeout=5, on_timeout="fail")
    result = drain_result(TCP, RIP, late)
    assert (result["drained"], result["waited"], result["real_server"]["weight"]) == (False, 5, 0)
    assert result["connections"] == {"active": 2, "inactive": 1, "persistent": 3}
    assert late_message(TCP, RIP, late) == (
        "real server 198.51.100.1:80 of tcp 192.0.2.10:80 is not drained after 5 seconds: 2 active and 1 inactive connections are"
        " left. It has weight 0 and stays; raise drain_timeout, or see drain_connections and drain_on_timeout"
    )
