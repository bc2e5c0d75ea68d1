# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Laws of the planner, for tables of every kind."""

from __future__ import annotations

import copy

from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.plan import Policy, make_plan, predict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# A busy machine is no reason to fail.
law = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])

# Small pools, so that two tables have keys in common.
SERVICE_KEYS = [
    ServiceKey.at("tcp", "192.0.2.10", 80),
    ServiceKey.at("udp", "192.0.2.9", 80),
    ServiceKey.at("tcp", "2001:db8::10", 80),
    ServiceKey.marked(1),
]
DESTINATION_KEYS = [DestinationKey.at(f"198.51.100.{host}", port) for host, port in ((9, 80), (10, 80), (10, 8080))]
DESTINATION_KEYS.append(DestinationKey.at("2001:db8::1", 80))


@st.composite
def entries(draw, key):
    service = Service(
        key,
        scheduler=draw(st.sampled_from(["rr", "wlc", "sh"])),
        scheduler_flags=draw(st.integers(0, 7)),
        persistence_timeout=draw(st.sampled_from([0, 300])),
        one_packet=draw(st.booleans()),
    )
    chosen = draw(st.sets(st.sampled_from(DESTINATION_KEYS)))
    return Entry(service, {name: draw(destinations(name)) for name in chosen})


def destinations(key):
    return st.builds(
        Destination,
        key=st.just(key),
        forward=st.sampled_from(["direct", "masquerade", "tunnel"]),
        weight=st.integers(0, 2),
        upper_threshold=st.integers(0, 1),
        tunnel_type=st.sampled_from(["ipip", "gre"]),
    )


@st.composite
def tables(draw):
    return {key: draw(entries(key)) for key in draw(st.sets(st.sampled_from(SERVICE_KEYS)))}


def everything(table):
    pairs = frozenset((key, name) for key, entry in table.items() for name in entry.destinations)
    return Policy(services=frozenset(table), destinations=pairs)


@law
@given(have=tables(), want=tables())
def test_the_plan_reaches_what_is_wanted(have, want):
    plan = make_plan(have, want, everything(have))
    assert plan.predicted == want
    assert predict(have, plan.actions) == want


@law
@given(want=tables())
def test_nothing_is_done_to_a_table_that_is_as_wanted(want):
    plan = make_plan(want, want, everything(want))
    assert plan.actions == ()
    assert not plan.changed


@law
@given(have=tables(), want=tables())
def test_a_second_run_does_nothing(have, want):
    policy = everything(have)
    assert make_plan(make_plan(have, want, policy).predicted, want, policy).actions == ()


@law
@given(have=tables(), want=tables())
def test_nothing_foreign_is_touched(have, want):
    plan = make_plan(have, want, Policy())
    assert all(action.verb != "delete" for action in plan.actions)
    for key, entry in have.items():
        if key not in want:
            assert plan.predicted[key] == entry
            continue
        for name, destination in entry.destinations.items():
            if name not in want[key].destinations:
                assert plan.predicted[key].destinations[name] == destination


@law
@given(have=tables(), want=tables(), data=st.data())
def test_only_what_the_policy_names_is_deleted(have, want, data):
    owned = data.draw(st.sets(st.sampled_from(SERVICE_KEYS)))
    plan = make_plan(have, want, Policy(services=frozenset(owned)))
    assert {action.service for action in plan.actions if action.verb == "delete"} == (owned & set(have)) - set(want)


@law
@given(have=tables(), want=tables())
def test_the_input_stays_as_it_is(have, want):
    before = copy.deepcopy((have, want))
    make_plan(have, want, everything(have))
    assert (have, want) == before


@law
@given(have=tables(), want=tables())
def test_capacity_comes_before_it_goes(have, want):
    def rank(action):
        if action.verb == "delete":
            return 3 if action.destination is None else 2
        return 0 if action.destination is None else 1

    ranks = [rank(action) for action in make_plan(have, want, everything(have)).actions]
    assert ranks == sorted(ranks)


@law
@given(have=tables(), want=tables())
def test_every_action_says_what_it_replaces(have, want):
    table = have
    for action in make_plan(have, want, everything(have)).actions:
        entry = table.get(action.service)
        there = entry.service if entry else None
        if action.destination is not None:
            there = entry.destinations.get(action.destination)
        assert there == action.before
        assert action.before != action.after
        table = predict(table, [action])


@law
@given(have=tables())
def test_a_service_that_goes_takes_its_real_servers_along(have):
    actions = make_plan(have, {}, everything(have)).actions
    assert {(action.service, action.destination) for action in actions} == {(key, None) for key in have}


def test_real_servers_are_added_in_the_order_of_their_addresses():
    key = SERVICE_KEYS[0]
    names = [DestinationKey.at(f"198.51.100.{host}", 80) for host in (100, 9, 20)]
    plan = make_plan({}, {key: Entry(Service(key), {name: Destination(name) for name in names})}, Policy())
    assert [str(action) for action in plan.actions] == [
        "create service tcp 192.0.2.10:80",
        "create real server 198.51.100.9:80 of tcp 192.0.2.10:80",
        "create real server 198.51.100.20:80 of tcp 192.0.2.10:80",
        "create real server 198.51.100.100:80 of tcp 192.0.2.10:80",
    ]
