# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Laws of the planner of a host, for states of every kind."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.host.plan import Change, Owned, make_plan, predict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# A busy machine is no reason to fail.
law = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])

NAMES = ["a", "b", "c", "d"]
VALUES = ["0", "1", "2"]
names, values, by_name = st.sampled_from(NAMES), st.sampled_from(VALUES), st.booleans()
states = st.dictionaries(names, values)
records = st.dictionaries(names, st.builds(Owned, st.none() | values, values, st.none() | values))
# Values that tell who gave them.
ORIGINAL, OURS, FOREIGN = (
    st.dictionaries(names, st.sampled_from([f"{who}{i}" for i in range(3)])) for who in ("was", "ours", "else")
)
runs = st.lists(st.tuples(OURS, st.booleans()), max_size=5)


def run(have, want, record, prune=True, ours_by_name=True):
    plan = make_plan("thing", have, want, record, prune, ours_by_name)
    return predict(have, plan.changes), plan.after


@law
@given(have=states, want=states, record=records, prune=st.booleans(), ours_by_name=by_name)
def test_what_is_wanted_is_there_afterwards(have, want, record, prune, ours_by_name):
    after, _record = run(have, want, record, prune, ours_by_name)
    assert {name: after[name] for name in want} == want


@law
@given(have=states, want=states, record=records, prune=st.booleans(), ours_by_name=by_name)
def test_a_second_plan_is_empty(have, want, record, prune, ours_by_name):
    after, left = run(have, want, record, prune, ours_by_name)
    second = make_plan("thing", after, want, left, prune, ours_by_name)
    assert second.changes == ()
    assert second.after == left


@law
@given(have=states, want=states, record=records, prune=st.booleans(), ours_by_name=by_name)
def test_nothing_changes_that_is_neither_wanted_nor_recorded(have, want, record, prune, ours_by_name):
    changes = make_plan("thing", have, want, record, prune, ours_by_name).changes
    assert {change.name for change in changes} <= {*want, *record}


@law
@given(have=states, want=states, record=records, ours_by_name=by_name)
def test_what_we_did_not_make_is_never_recorded(have, want, record, ours_by_name):
    plan = make_plan("thing", have, want, record, True, ours_by_name)
    there = {name for name in want if name not in record and have.get(name) == want[name]}
    assert not there & {*plan.before, *plan.after}
    assert set(plan.after) <= set(want)


@law
@given(have=states, want=states, record=records, prune=st.booleans(), ours_by_name=by_name)
def test_all_that_may_change_is_recorded_first(have, want, record, prune, ours_by_name):
    plan = make_plan("thing", have, want, record, prune, ours_by_name)
    assert {change.name for change in plan.changes} | set(record) == set(plan.before)


@law
@given(have=states, want=states, record=records)
def test_the_input_stays_as_it_is(have, want, record):
    before = copy.deepcopy((have, want, record))
    predict(have, make_plan("thing", have, want, record).changes)
    assert (have, want, record) == before


@law
@given(original=ORIGINAL, runs=runs, ours_by_name=by_name)
def test_what_stood_before_all_runs_comes_back(original, runs, ours_by_name):
    state, record = dict(original), {}
    for want, prune in runs:
        state, record = run(state, want, record, prune, ours_by_name)
    assert run(state, {}, record, True, ours_by_name) == (original, {})


@law
@given(original=ORIGINAL, runs=runs, ours_by_name=by_name, edits=st.lists(FOREIGN, min_size=6, max_size=6), gone=st.sets(names))
def test_nothing_of_ours_stays_whatever_others_do_meanwhile(original, runs, ours_by_name, edits, gone):
    state, record = dict(original), {}
    for (want, prune), edit in zip([*runs, ({}, True)], edits):
        state, record = run(state, want, record, prune, ours_by_name)
        state.update(edit)
        for name in gone:
            state.pop(name, None)
    state, record = run(state, {}, record, True, ours_by_name)
    assert not {name for name, value in state.items() if value.startswith("ours")}
    assert record == {}


@law
@given(original=ORIGINAL, runs=runs, edit=FOREIGN)
def test_a_foreign_value_of_a_setting_stays(original, runs, edit):
    state, record = dict(original), {}
    for want, prune in runs:
        state, record = run(state, want, record, prune, False)
    assert run({**state, **edit}, {}, record, True, False)[0] == {**original, **edit}


@law
@given(original=ORIGINAL, first=OURS, second=OURS, ours_by_name=by_name)
def test_without_pruning_all_stays_and_is_given_up_later(original, first, second, ours_by_name):
    state, record = run(original, first, {}, True, ours_by_name)
    state, record = run(state, second, record, False, ours_by_name)
    assert state == {**original, **first, **second}
    assert run(state, second, record, True, ours_by_name)[0] == {**original, **second}


@law
@given(original=ORIGINAL, runs=st.lists(st.tuples(OURS, st.booleans(), st.integers(0, 5)), max_size=5), ours_by_name=by_name)
def test_killed_runs_leave_nothing_either(original, runs, ours_by_name):
    state, record = dict(original), {}
    for want, prune, made in runs:
        plan = make_plan("thing", state, want, record, prune, ours_by_name)
        # Some of the changes are made, and the record is still the one from before.
        state, record = predict(state, plan.changes[:made]), plan.before
    assert run(state, {}, record, True, ours_by_name) == (original, {})


def test_a_value_that_was_being_replaced_is_still_ours():
    record = make_plan("sysctl", {"a": "1"}, {"a": "2"}, {"a": Owned("0", "1")}, ours_by_name=False).before
    assert run({"a": "1"}, {}, record, ours_by_name=False) == ({"a": "0"}, {})


def test_a_value_that_was_never_replaced_and_is_wanted_again_is_ours():
    killed = make_plan("sysctl", {"a": "1"}, {"a": "2"}, {"a": Owned("0", "1")}, ours_by_name=False).before
    state, record = run({"a": "1"}, {"a": "1"}, killed, ours_by_name=False)
    assert run(state, {}, record, ours_by_name=False) == ({"a": "0"}, {})


def test_a_setting_that_came_later_gets_back_what_it_came_with():
    # The first run failed, since a kernel module was missing.
    record = make_plan("sysctl", {}, {"a": "1"}, {}, ours_by_name=False).before
    state, record = run({"a": "0"}, {"a": "1"}, record, ours_by_name=False)
    assert run(state, {}, record, ours_by_name=False) == ({"a": "0"}, {})


def test_drift_is_repaired_and_the_first_value_comes_back():
    record = {"a": Owned("0", "1")}
    state, record = run({"a": "7"}, {"a": "1"}, record, ours_by_name=False)
    assert state == {"a": "1"}
    assert run(state, {}, record, ours_by_name=False) == ({"a": "0"}, {})


def test_what_goes_comes_last_and_backwards():
    record = {name: Owned(None, "1") for name in ("a", "b")}
    changes = make_plan("thing", {"a": "1", "b": "1"}, {"c": "1", "d": "1"}, record).changes
    assert [(change.name, change.retreat) for change in changes] == [("c", False), ("d", False), ("b", True), ("a", True)]


@pytest.mark.parametrize(
    ("before", "after", "verb", "sentence"),
    [
        (None, "1", "create", "create sysctl a"),
        ("1", None, "remove", "remove sysctl a"),
        ("1", "2", "set", "set sysctl a to '2' (is '1')"),
    ],
)
def test_a_change_is_said_in_a_sentence(before, after, verb, sentence):
    change = Change("sysctl", "a", before, after)
    assert (change.verb, str(change)) == (verb, sentence)


@law
@given(original=ORIGINAL, runs=runs)
def test_what_only_we_can_have_made_goes_whoever_put_it_there(original, runs):
    """Somebody saved it at shutdown and restored it at boot: nothing records it, and nothing else stood in its place."""
    state, record = dict(original), {}
    for want, prune in [*runs, ({}, True)]:
        plan = make_plan("thing", state, want, record, prune, only_ours=True)
        state, record = predict(state, plan.changes), plan.after
    wanted = {name for want, _prune in runs for name in want}
    assert state == {name: value for name, value in original.items() if name not in wanted}
    assert record == {}
