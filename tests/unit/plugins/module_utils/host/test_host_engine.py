# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Laws of the engine, over kinds in memory: order, record, check mode, merging, heirs, and runs that are killed."""

from __future__ import annotations

import copy
import threading
import time

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import HostError
from ansible_collections.lvs.cluster.plugins.module_utils.host.engine import Engine
from ansible_collections.lvs.cluster.plugins.module_utils.host.plan import Owned
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.host.memory_kind import (
    Fuse,
    KilledError,
    MemoryKind,
    MemoryLedger,
    MergingKind,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# A busy machine is no reason to fail.
law = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])

names = st.sampled_from(["a", "b", "c"])


def items(who):
    return st.dictionaries(names, st.sampled_from([f"{who}{number}" for number in range(3)]))


def by_kind(who):
    return st.fixed_dictionaries({"thing": items(who), "setting": items(who), "text": items(who)})


ORIGINAL, WANTS = by_kind("was"), by_kind("ours")
runs = st.lists(st.tuples(WANTS, st.booleans()), max_size=4)
# After how many steps each run is killed.
killed_runs = st.lists(st.tuples(WANTS, st.booleans(), st.none() | st.integers(0, 30)), max_size=5)


class Host:
    """Three kinds of state, and one engine for all of them."""

    def __init__(self, original):
        self.fuse = Fuse()
        self.state = copy.deepcopy(original)
        self.ledger = MemoryLedger(self.fuse)
        self.kinds = [
            MemoryKind("thing", self.state["thing"], self.fuse),
            MemoryKind("setting", self.state["setting"], self.fuse, ours_by_name=False, lasting=True),
            MergingKind("text", self.state["text"], self.fuse),
        ]
        self.engine = Engine(self.kinds, self.ledger)

    def bring(self, wants, prune=True, check_mode=False):
        return self.engine.bring(wants, prune, check_mode)

    def killed(self, wants, prune, steps):
        self.fuse.length = steps
        try:
            self.bring(wants, prune)
        except KilledError:
            pass
        self.fuse.length = None

    def everything(self):
        return copy.deepcopy((self.state, self.ledger.kinds))


@law
@given(original=ORIGINAL, runs=runs, wants=WANTS)
def test_the_host_has_what_is_wanted_and_a_second_run_changes_nothing(original, runs, wants):
    host = Host(original)
    for earlier, prune in runs:
        host.bring(earlier, prune)
    host.bring(wants)
    for kind, wanted in wants.items():
        assert host.state[kind] == {**original[kind], **wanted}
    before = host.everything()
    assert host.bring(wants) == ([], [])
    assert host.everything() == before


@law
@given(original=ORIGINAL, runs=runs)
def test_giving_up_all_gives_back_the_original(original, runs):
    host = Host(original)
    for wants, prune in runs:
        host.bring(wants, prune)
    host.bring({})
    assert host.everything() == (original, {})


@law
@given(original=ORIGINAL, runs=killed_runs)
def test_killed_runs_leave_nothing_behind(original, runs):
    host = Host(original)
    for wants, prune, steps in runs:
        host.killed(wants, prune, steps)
    host.bring({})
    assert host.everything() == (original, {})


@law
@given(original=ORIGINAL, first=WANTS, second=WANTS, prune=st.booleans())
def test_a_run_that_is_killed_at_any_step_is_completed_by_the_next(original, first, second, prune):
    whole = Host(original)
    whole.bring(first)
    whole.bring(second, prune)
    for steps in range(40):
        host = Host(original)
        host.bring(first)
        host.killed(second, prune, steps)
        host.bring(second, prune)
        assert host.everything() == whole.everything()


@law
@given(original=ORIGINAL, runs=runs, wants=WANTS, prune=st.booleans())
def test_a_check_writes_nothing_and_says_what_the_run_does(original, runs, wants, prune):
    host = Host(original)
    for earlier, pruned in runs:
        host.bring(earlier, pruned)
    before = host.everything()
    predicted = host.bring(wants, prune, check_mode=True)
    assert host.everything() == before
    assert host.bring(wants, prune) == predicted


@law
@given(original=ORIGINAL, first=WANTS, second=WANTS)
def test_without_pruning_the_old_way_stays_beside_the_new(original, first, second):
    host = Host(original)
    host.bring(first)
    left_over = host.bring(second, prune=False).left_over
    for kind in ("thing", "setting"):
        assert host.state[kind] == {**original[kind], **first[kind], **second[kind]}
    for name, value in {**first["text"], **second["text"]}.items():
        assert set(value.split()) <= set(host.state["text"][name].split())
    old = {f"{kind} {name}" for kind in first for name in first[kind] if name not in second[kind]}
    assert old <= set(left_over)
    assert host.bring(second, prune=False) == ([], left_over)
    assert host.bring(second).left_over == []
    for kind, wanted in second.items():
        assert host.state[kind] == {**original[kind], **wanted}


@law
@given(original=ORIGINAL, first=WANTS, second=WANTS)
def test_nothing_is_left_over_means_that_a_run_that_prunes_does_nothing(original, first, second):
    host = Host(original)
    host.bring(first)
    left_over = host.bring(second, prune=False).left_over
    assert bool(host.bring(second, check_mode=True).changes) <= bool(left_over)


def test_kinds_come_in_their_order_and_go_in_the_opposite_one():
    host = Host({"thing": {}, "setting": {"a": "0"}, "text": {}})
    first = {"thing": {"a": "1"}, "setting": {"a": "1"}, "text": {"a": "1"}}
    assert [change.kind for change in host.bring(first).changes] == ["thing", "setting", "text"]
    changes = host.bring({"text": {"b": "1"}}).changes
    assert [f"{change.kind} {change.name}" for change in changes] == ["text b", "text a", "setting a", "thing a"]


def test_a_kind_is_read_after_those_before_it_are_there():
    settings_there = {}

    class Module(MemoryKind):
        def apply(self, changes):
            super().apply(changes)
            settings_there["port"] = "0"

    kinds = [Module("module", {}), MemoryKind("setting", settings_there)]
    changes = Engine(kinds, MemoryLedger()).bring({"module": {"m": "loaded"}, "setting": {"port": "1"}}).changes
    assert (changes[1].before, changes[1].after) == ("0", "1")


def test_what_stays_is_neither_given_up_nor_recorded_nor_left_over():
    modules, ledger = {}, MemoryLedger()
    engine = Engine([MemoryKind("module", modules, stays=True)], ledger)
    engine.bring({"module": {"m": "loaded"}})
    assert ledger.kinds == {}
    assert engine.bring({}, prune=False) == ([], [])
    assert engine.bring({}) == ([], [])
    assert modules == {"m": "loaded"}


def test_names_that_stand_for_several_are_replaced_first():
    class Cards(MemoryKind):
        def expand(self, wanted):
            return {name.replace("*", card): value for name, value in wanted.items() for card in ("eth0", "eth1")}

    state = {"eth0": "1", "eth1": "0"}
    engine = Engine([Cards("setting", state)], MemoryLedger())
    assert [change.name for change in engine.bring({"setting": {"*": "0"}}).changes] == ["eth0"]
    engine.bring({})
    assert state == {"eth0": "1", "eth1": "0"}


def test_a_host_that_does_not_hold_what_it_took_is_an_error():
    class Forgetful(MemoryKind):
        def apply(self, changes):
            pass

    with pytest.raises(HostError, match="create thing a: the host took it, and now has None; something else manages it, too"):
        Engine([Forgetful("thing", {})], MemoryLedger()).bring({"thing": {"a": "1"}})


def test_what_a_host_refuses_is_on_record_and_nothing_after_it_is_tried():
    class Refusing(MemoryKind):
        def apply(self, changes):
            raise HostError("no")

    late, ledger = MemoryKind("late", {}), MemoryLedger()
    with pytest.raises(HostError):
        Engine([Refusing("thing", {}), late], ledger).bring({"thing": {"a": "1"}, "late": {"a": "1"}})
    assert ledger.kinds == {"thing": {"a": Owned(None, "1")}}
    assert late.items == {}


def test_the_record_is_saved_before_anything_is_made():
    fuse = Fuse()
    ledger, state = MemoryLedger(fuse), {}
    # Save begins, save ends, and the change is about to be made.
    fuse.length = 2
    with pytest.raises(KilledError):
        Engine([MemoryKind("thing", state, fuse)], ledger).bring({"thing": {"a": "1"}})
    assert state == {}
    assert ledger.kinds == {"thing": {"a": Owned(None, "1")}}


class TestHeirs:
    """Two parts of a host that share settings. What each declares is written before it is brought about, and goes last."""

    VALUES = {"a": "1", "b": "2", "c": "3"}  # noqa: RUF012

    @pytest.fixture
    def pair(self):
        return Pair({"a": "0", "b": "0", "c": "0"})

    def test_the_first_to_leave_hands_over_and_the_last_one_restores(self, pair):
        for order in ("xy", "yx"):
            for part in "xy":
                pair.take_up(part, {"a"})
            pair.leave(order[0])
            assert pair.state["a"] == "1"
            pair.leave(order[1])
            assert pair.state["a"] == "0"
            assert pair.records() == {}

    def test_a_check_hands_nothing_over(self, pair):
        pair.take_up("x", {"a"})
        pair.take_up("y", {"a"})
        before = pair.records()
        assert pair.engines["x"].bring({}, check_mode=True).changes == []
        assert pair.records() == before

    def test_what_nobody_else_wants_is_given_back_at_once(self, pair):
        pair.take_up("x", {"a", "b"})
        pair.take_up("y", {"a"})
        assert [change.name for change in pair.engines["x"].bring({}).changes] == ["b"]
        assert pair.state == {"a": "1", "b": "0", "c": "0"}

    @law
    @given(
        steps=st.lists(
            st.tuples(st.sampled_from("xy"), st.none() | st.sets(names), st.none() | st.integers(0, 12), st.booleans()),
            max_size=8,
        ),
        order=st.permutations("xy"),
    )
    def test_whatever_the_two_do_the_original_comes_back(self, steps, order):
        pair = Pair({"a": "0", "b": "0", "c": "0"})
        for part, wanted, killed, prune in steps:
            pair.fuse.length = killed
            try:
                if wanted is None:
                    pair.leave(part)
                else:
                    pair.take_up(part, wanted, prune)
            except KilledError:
                continue
            finally:
                pair.fuse.length = None
            if wanted:
                assert {name: pair.state[name] for name in wanted} == {name: self.VALUES[name] for name in wanted}
        for part in order:
            pair.leave(part)
        assert pair.state == {"a": "0", "b": "0", "c": "0"}
        assert pair.records() == {}


class Pair:
    def __init__(self, state):
        self.fuse = Fuse()
        self.state = state
        self.declared = {}
        self.ledgers = {part: MemoryLedger(self.fuse) for part in "xy"}
        self.engines = {
            part: Engine(
                [MemoryKind("setting", state, self.fuse, ours_by_name=False)], self.ledgers[part], heir=self.heir_of(part)
            )
            for part in "xy"
        }

    def heir_of(self, part):
        other = "y" if part == "x" else "x"
        return lambda change: self.ledgers[other] if self.declared.get(other, {}).get(change.name) == change.before else None

    def take_up(self, part, wanted, prune=True):
        self.declared[part] = {name: TestHeirs.VALUES[name] for name in wanted}
        self.engines[part].bring({"setting": self.declared[part]}, prune)

    def leave(self, part):
        self.engines[part].bring({})
        self.declared.pop(part, None)

    def records(self):
        return {part: ledger.kinds for part, ledger in self.ledgers.items() if ledger.kinds}


def test_two_runs_at_once_wait_for_each_other(tmp_path):
    running = []

    class Slow(MemoryKind):
        def apply(self, changes):
            running.append("in")
            time.sleep(0.05)
            running.append("out")
            super().apply(changes)

    lock = str(tmp_path / "run" / "lock")
    threads = [
        threading.Thread(target=Engine([Slow("thing", {})], MemoryLedger(), lock).bring, args=({"thing": {"a": "1"}},))
        for _time in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert running == ["in", "out"] * 3


def test_a_check_leaves_no_lock_file(tmp_path):
    Engine([MemoryKind("thing", {})], MemoryLedger(), str(tmp_path / "run" / "lock")).bring(
        {"thing": {"a": "1"}}, check_mode=True
    )
    assert list(tmp_path.iterdir()) == []


def test_a_kind_says_whether_its_names_are_ours_alone():
    for only_ours, left in ((True, {}), (False, {"a": "1"})):
        kind = MemoryKind("chain", {"a": "1"}, only_ours=only_ours)
        engine = Engine([kind], MemoryLedger())
        assert engine.bring({"chain": {"a": "1"}}).changes == []
        engine.bring({})
        assert kind.items == left
