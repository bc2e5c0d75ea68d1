# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ownership: laws for tables and scopes of every kind, over the planner and the executor."""

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import (
    DeclarationError,
    InvalidOptionError,
    InvalidTableError,
    TooManyDeletionsError,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.executor import reconcile
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.plan import make_plan
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.report import table_diff, table_result
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.scope_params import read_scope
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.table_intent import (
    ALWAYS_DELETABLE,
    ANY_NUMBER,
    TableIntent,
    table_intent,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.memory_transport import MemoryTransport
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# A busy machine is no reason to fail.
law = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])

SERVICE_KEYS = [
    ServiceKey.at("tcp", "192.0.2.10", 80),
    ServiceKey.at("udp", "192.0.2.10", 53),
    ServiceKey.at("tcp", "192.0.3.1", 80),
    ServiceKey.at("tcp", "2001:db8::10", 80),
    ServiceKey.marked(7),
    ServiceKey.marked(150),
]
RIPS = [DestinationKey.at(f"198.51.100.{host}", 80) for host in (9, 10, 100)]
SCOPES = [
    {"all": True},
    {"addresses": ["192.0.2.10"]},
    {"networks": ["192.0.2.0/23", "2001:db8::/32"]},
    {"fwmarks": ["100-199"]},
    {"services": ["tcp 192.0.3.1:80", "fwmark 7"]},
]


@st.composite
def tables(draw, keys=tuple(SERVICE_KEYS)):
    table = {}
    for key in draw(st.lists(st.sampled_from(keys), unique=True)) if keys else []:
        rips = draw(st.lists(st.sampled_from(RIPS), unique=True))
        service = Service(key, draw(st.sampled_from(["rr", "wlc"])))
        table[key] = Entry(service, {rip: Destination(rip, weight=draw(st.integers(0, 2))) for rip in rips})
    return table


@st.composite
def cases(draw):
    """What there is, and an intent that keeps within its scope."""
    scope = draw(st.sampled_from([None, *map(read_scope, SCOPES)]))
    keys = [key for key in SERVICE_KEYS if scope is None or scope.covers(key)]
    purge = draw(st.booleans())
    return draw(tables()), TableIntent(draw(tables(keys)), scope, purge, ANY_NUMBER)


def owned(intent, table):
    return {key for key in table if key in intent.want or (intent.scope and intent.scope.covers(key))}


@law
@given(case=cases())
def test_within_the_scope_the_table_is_what_is_wanted(case):
    have, intent = case
    after = make_plan(have, *intent.goal(have)).predicted
    assert owned(intent, after) == set(intent.want)
    for key, entry in intent.want.items():
        assert after[key].service == entry.service
        if intent.purge_real_servers:
            assert after[key].destinations == entry.destinations
        else:
            kept = have[key].destinations if key in have else {}
            assert after[key].destinations == {**kept, **entry.destinations}


@law
@given(case=cases())
def test_nothing_foreign_is_touched(case):
    have, intent = case
    plan = make_plan(have, *intent.goal(have))
    foreign = set(have) - owned(intent, have)
    assert not foreign & {action.service for action in plan.actions}
    # The very same objects: nothing was even rebuilt.
    assert all(plan.predicted[key] is have[key] for key in foreign)


@law
@given(case=cases())
def test_a_second_run_does_nothing(case):
    have, intent = case
    after = make_plan(have, *intent.goal(have)).predicted
    assert make_plan(after, *intent.goal(after)).actions == ()


@law
@given(case=cases())
def test_the_input_stays_as_it_is(case):
    have, intent = case
    before = copy.deepcopy((have, intent))
    make_plan(have, *intent.goal(have))
    assert (have, intent) == before


@law
@given(case=cases())
def test_check_mode_tells_what_the_run_does(case):
    have, intent = case
    kernel = MemoryTransport(have)
    predicted = reconcile(kernel, kernel.read_all, intent.goal, check_mode=True)
    assert kernel.table == have
    outcome = reconcile(kernel, kernel.read_all, intent.goal, check_mode=False)
    done = table_result(outcome)
    assert (table_result(predicted), table_diff(predicted)) == (done, table_diff(outcome))
    assert (table_diff(outcome)["before"] == table_diff(outcome)["after"]) != done["changed"]
    assert done["changed"] == (kernel.table != have)
    assert json.loads(json.dumps(done)) == done
    summary = done["summary"]
    assert summary["services"] == len(kernel.table)
    assert summary["real_servers"] == sum(len(entry.destinations) for entry in kernel.table.values())
    assert summary["services_created"] - summary["services_deleted"] == len(kernel.table) - len(have)
    before = sum(len(entry.destinations) for entry in have.values())
    assert summary["real_servers_created"] - summary["real_servers_deleted"] == summary["real_servers"] - before


@law
@given(case=cases(), limit=st.integers(0, 12))
def test_max_delete_counts_what_goes(case, limit):
    have, intent = case
    intent = TableIntent(intent.want, intent.scope, intent.purge_real_servers, limit)
    after = make_plan(have, *TableIntent(intent.want, intent.scope, intent.purge_real_servers, ANY_NUMBER).goal(have)).predicted
    gone = len(set(have) - set(after)) + sum(
        len(set(entry.destinations) - set(after[key].destinations if key in after else ())) for key, entry in have.items()
    )
    if gone <= limit:
        assert make_plan(have, *intent.goal(have)).predicted == after
    else:
        with pytest.raises(TooManyDeletionsError, match=f"and max_delete allows {limit} in all, so nothing was changed"):
            make_plan(have, *intent.goal(have))


def entries(count):
    return {
        key: Entry(Service(key), {rip: Destination(rip) for rip in RIPS})
        for key in (ServiceKey.marked(mark) for mark in range(1, count + 1))
    }


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_surprising_wipe_out_is_refused_before_anything_is_changed(check_mode):
    kernel = MemoryTransport(entries(10))
    intent = table_intent({"services": [{"address": "192.0.2.10", "port": 80}], "scope": {"all": True}})
    with pytest.raises(TooManyDeletionsError) as refused:
        reconcile(kernel, kernel.read_all, intent.goal, check_mode)
    assert str(refused.value) == (
        "10 services and 30 real servers would be deleted, and max_delete allows 20 in all, so nothing was changed; if it is meant,"
        " raise max_delete (-1 is any number). These would go: "
        + "; ".join(f"delete service fwmark {mark} ipv4" for mark in range(1, 11))
    )
    assert kernel.executed == []


def test_by_default_half_may_go_and_a_few_always():
    half = table_intent({"services": [], "scope": {"fwmarks": ["1-5"]}})
    have = entries(5)
    assert half.goal(have)[1].max_delete == ALWAYS_DELETABLE
    assert half.goal(entries(50))[1].max_delete == ALWAYS_DELETABLE
    all_of_it = table_intent({"services": [], "scope": {"all": True}})
    assert all_of_it.goal(entries(50))[1].max_delete == 100


def test_a_wanted_service_outside_of_the_scope():
    inside, outside = {"fwmark": 7}, {"address": "192.0.3.1", "port": 80}
    with pytest.raises(InvalidTableError) as refused:
        table_intent({"services": [inside, outside], "scope": {"fwmarks": ["1-10"]}})
    assert str(refused.value) == ("services[1]: tcp 192.0.3.1:80 is outside of scope: widen scope, or leave the service out")


def test_a_file_says_the_same(tmp_path):
    file = tmp_path / "table.json"
    declared = {"services": [{"fwmark": 7, "real_servers": [{"address": "198.51.100.9"}]}], "scope": {"fwmarks": ["1-10"]}}
    file.write_text(json.dumps(declared))
    assert table_intent({"file": str(file)}) == table_intent(declared)
    file.write_text(json.dumps({"services": declared["services"]}))
    assert table_intent({"file": str(file), "scope": declared["scope"]}) == table_intent(declared)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", 'has to hold an object with a list of services: {"services": [...]}, and may have a scope'),
        ("{}", 'has to hold an object with a list of services: {"services": [...]}, and may have a scope'),
        ('{"services": [], "service": 1}', "has unknown keys: service; there may be services and scope"),
    ],
)
def test_wrong_files(tmp_path, content, problem):
    file = tmp_path / "table.json"
    file.write_text(content)
    with pytest.raises(DeclarationError) as refused:
        table_intent({"file": str(file)})
    assert str(refused.value) == f"file: {file} {problem}"


def test_a_missing_file():
    with pytest.raises(DeclarationError) as refused:
        table_intent({"file": "/nonexistent/table.json"})
    assert str(refused.value) == "file: /nonexistent/table.json cannot be read: No such file or directory"


def test_contradictory_options(tmp_path):
    file = tmp_path / "table.json"
    file.write_text('{"services": [], "scope": {"all": true}}')
    for params, message in (
        ({}, "services: say what the table is to be: set services, or file"),
        ({"services": [], "file": str(file)}, "file: the services come from the task or from a file: leave one of them out"),
        ({"scope": {"all": True}, "file": str(file)}, f"scope: {file} has one, too: leave one of them out"),
        ({"services": [], "max_delete": -2}, "max_delete: -2 is out of range: use -1..2147483647; -1 is any number"),
    ):
        with pytest.raises(InvalidOptionError) as refused:
            table_intent(params)
        assert str(refused.value) == message
