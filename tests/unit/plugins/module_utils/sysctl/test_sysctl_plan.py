# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Laws of the planner, for settings of every kind."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.errors import KeyMissingError
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.model import Goal, State
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.plan import SetFile, SetRecord, SetValue, make_plan, predict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# A busy machine is no reason to fail.
law = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])

# Small pools, so that two sets of values have keys in common.
KEYS = ["net/ipv4/conf/all/a", "net/ipv4/conf/eth0/a", "net/ipv4/conf/eth1/a", "net/ipv4/ip_forward"]
NUMBERS = st.sampled_from(["0", "1", "2", "99"])
ABSENT = Goal(False)


def some(keys=tuple(KEYS)):
    return st.dictionaries(st.sampled_from(keys), NUMBERS)


kernels = st.fixed_dictionaries(dict.fromkeys(KEYS, NUMBERS))
files = st.none() | st.dictionaries(st.sampled_from([*KEYS, "kernel/foreign"]), NUMBERS | st.none())
states = st.builds(State, runtime=kernels, file=files, prior=some([*KEYS, "net/ipv4/conf/vanished/a"]))
fresh = st.builds(State, runtime=kernels)
presents = st.builds(Goal, present=st.just(True), values=some())
goals = presents | st.just(ABSENT) | st.builds(Goal, st.booleans(), some(), st.booleans(), st.booleans())


def kind(action):
    return {SetRecord: "record", SetValue: "runtime", SetFile: "file"}[type(action)]


@law
@given(have=states, goal=presents)
def test_the_plan_reaches_what_is_wanted(have, goal):
    after = make_plan(have, goal).predicted
    assert {key: after.runtime[key] for key in goal.values} == goal.values
    assert after.file == goal.values


@law
@given(have=states, goal=goals)
def test_a_second_run_does_nothing(have, goal):
    goal = goal if goal.present else replace(goal, values={})
    first = make_plan(have, goal)
    second = make_plan(first.predicted, goal)
    assert second.actions == ()
    assert not second.changed
    assert first.predicted == predict(have, first.actions)


@law
@given(values=some(), rest=kernels)
def test_nothing_is_done_to_what_is_as_wanted(values, rest):
    assert make_plan(State({**rest, **values}, values), Goal(True, values)).actions == ()


@law
@given(have=states, goal=presents)
def test_nothing_foreign_is_touched(have, goal):
    after = make_plan(have, goal).predicted
    for key in set(have.runtime) - set(goal.values) - set(have.prior):
        assert after.runtime[key] == have.runtime[key]
    assert set(after.runtime) == set(have.runtime)


@law
@given(have=fresh, lists=st.lists(presents))
def test_absent_gives_back_what_stood_before_any_presents(have, lists):
    state = have
    for goal in lists:
        state = make_plan(state, goal).predicted
    assert make_plan(state, ABSENT).predicted == have


@law
@given(have=fresh, first=presents, second=presents)
def test_what_leaves_gets_its_value_back(have, first, second):
    state = make_plan(make_plan(have, first).predicted, second).predicted
    for key in set(KEYS) - set(second.values):
        assert state.runtime[key] == have.runtime[key]
    assert set(state.prior) <= set(second.values)


@law
@given(have=fresh, lists=st.lists(presents | st.just(ABSENT), min_size=1), data=st.data())
def test_a_killed_run_is_repaired_by_the_next(have, lists, data):
    state = have
    for goal in lists:
        actions = make_plan(state, goal).actions
        state = predict(state, actions[: data.draw(st.integers(0, len(actions)))])
    last = make_plan(state, lists[-1]).predicted
    assert make_plan(last, lists[-1]).actions == ()
    assert make_plan(state, ABSENT).predicted == have
    assert make_plan(last, ABSENT).predicted == have


@law
@given(have=states, goal=goals)
def test_no_value_changes_before_it_is_recorded(have, goal):
    state = have
    for action in make_plan(have, goal).actions:
        if isinstance(action, SetValue):
            assert action.key in state.prior
            assert action.before == state.runtime[action.key] != action.after
        elif isinstance(action, SetFile):
            assert action.before == state.file != action.after
        else:
            assert action.before == state.prior != action.after
        state = predict(state, [action])


@law
@given(have=states, goal=goals)
def test_the_input_stays_as_it_is(have, goal):
    before = copy.deepcopy((have, goal))
    make_plan(have, goal)
    assert (have, goal) == before


@law
@given(have=states, present=st.booleans(), values=some())
def test_only_the_named_places_are_managed(have, present, values):
    runtime = make_plan(have, Goal(present, values, runtime=True, persistent=False))
    assert runtime.predicted.file == have.file
    persistent = make_plan(have, Goal(present, values, runtime=False, persistent=True)).predicted
    assert (persistent.runtime, persistent.prior) == (have.runtime, have.prior)


def test_the_order_of_writes():
    have = State({"a": "0", "b": "1"}, {"b": "1"}, {"b": "0"})
    assert [kind(action) for action in make_plan(have, Goal(True, {"a": "1"})).actions] == [
        "record",
        "runtime",
        "runtime",
        "file",
        "record",
    ]
    assert [kind(action) for action in make_plan(have, ABSENT).actions] == ["runtime", "file", "record"]


def test_the_record_keeps_what_stood_first():
    have = State({"a": "0"})
    for value in ("1", "2"):
        have = make_plan(have, Goal(True, {"a": value})).predicted
    assert have.prior == {"a": "0"}


def test_what_vanished_is_skipped_and_forgotten():
    plan = make_plan(State({}, None, {"gone": "0"}), ABSENT)
    assert plan.predicted == State()
    assert [kind(action) for action in plan.actions] == ["record"]


def test_without_a_record_absent_leaves_the_kernel():
    plan = make_plan(State({"a": "1"}, {"a": "1"}), ABSENT)
    assert plan.predicted == State({"a": "1"})


def test_nothing_is_left_to_remove():
    assert make_plan(State({"a": "1"}), ABSENT).actions == ()


def test_a_missing_setting():
    with pytest.raises(KeyMissingError) as caught:
        make_plan(State(), Goal(True, {"net/ipv4/vs/conntrack": "1"}))
    assert str(caught.value) == (
        "net.ipv4.vs.conntrack: this kernel has no such setting:"
        " load the kernel module or create the interface that it belongs to, or correct the name"
    )
    assert make_plan(State(), Goal(True, {"net/ipv4/vs/conntrack": "1"}, runtime=False)).changed
