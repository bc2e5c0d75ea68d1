# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policies of firewalld, against what busctl prints."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import Done, HostError
from ansible_collections.lvs.cluster.plugins.module_utils.host.engine import Engine
from ansible_collections.lvs.cluster.plugins.module_utils.host.firewalld import Policies
from ansible_collections.lvs.cluster.plugins.module_utils.host.plan import Change
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.host.fake_firewalld import NAME, PATH, FakeFirewalld
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.host.fake_runner import FakeRunner
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.host.memory_kind import MemoryLedger

WEB = 'rule family="ipv4" destination address="10.0.0.80" port port="80" protocol="tcp" accept'
SSH = 'rule port port="22" protocol="tcp" accept'
IN, FORWARD = "from ANY to HOST", "from ANY to ANY"
# As firewalld 2.3.1 answers.
RECORDED = (
    r'{"type":"a{sv}","data":[{"target":{"type":"s","data":"CONTINUE"},"masquerade":{"type":"b","data":false},"rich_rules":{"type":"as",'
    r'"data":["rule port port=\"22\" protocol=\"tcp\" accept","rule family=\"ipv4\" destination address=\"10.0.0.80\" port port=\"80\" '
    r'protocol=\"tcp\" accept"]},"priority":{"type":"i","data":-1},"ingress_zones":{"type":"as","data":["ANY"]},"egress_zones":'
    r'{"type":"as","data":["HOST"]}}]}'
)
CALL = f"busctl --json=short --auto-start=no --timeout=90 call -- {NAME}"
CONFIG = f"{PATH}/config/policy/1"


@pytest.fixture
def firewalld(tmp_path):
    return FakeFirewalld(tmp_path)


@pytest.fixture
def bring(firewalld, tmp_path):
    engine = Engine([Policies(firewalld, str(tmp_path))], MemoryLedger())

    def bring(wants, **options):
        return [(change.verb, change.name) for change in engine.bring({"policy": wants}, **options).changes]

    return bring


def policy(*rules, head=IN):
    return "\n".join([head, *rules])


def rules(firewalld, name="lvs-in"):
    return [sorted(form[name]["rich_rules"]["data"]) for form in (firewalld.lasting, firewalld.loaded)]


def test_what_firewalld_says():
    answers = {
        f"{CALL} {PATH}/config {NAME}.config getPolicyByName s lvs-in": {"type": "o", "data": [CONFIG]},
        f"{CALL} {CONFIG} {NAME}.config.policy getSettings": RECORDED,
        f"{CALL} {PATH} {NAME}.policy getPolicySettings s lvs-in": RECORDED,
    }
    assert Policies(FakeRunner(answers)).read(["lvs-in"]) == {"lvs-in": policy(WEB, SSH)}


def test_a_policy_that_is_not_there_is_none(firewalld, tmp_path):
    assert Policies(firewalld, str(tmp_path)).read(["lvs-in"]) == {}


def test_an_error_is_said():
    runner = FakeRunner(
        {f"{CALL} {PATH}/config {NAME}.config getPolicyByName s lvs-in": Done(1, "", "Call failed: Access denied")}
    )
    with pytest.raises(HostError, match=r"^firewalld, getPolicyByName lvs-in: Call failed: Access denied$"):
        Policies(runner).read(["lvs-in"])


def test_a_policy_comes_and_goes_with_firewalld_loading_anew_once(bring, firewalld):
    wants = {"lvs-in": policy(SSH, WEB), "lvs-forward": policy(head=FORWARD)}
    assert bring(wants) == [("create", "lvs-forward"), ("create", "lvs-in")]
    assert firewalld.loaded == firewalld.lasting
    assert firewalld.lasting["lvs-in"] == {
        "target": {"type": "s", "data": "CONTINUE"},
        "priority": {"type": "i", "data": -1},
        "ingress_zones": {"type": "as", "data": ["ANY"]},
        "egress_zones": {"type": "as", "data": ["HOST"]},
        "rich_rules": {"type": "as", "data": [WEB, SSH]},
        "masquerade": {"type": "b", "data": False},
    }
    assert firewalld.reloads == 1
    assert bring(wants) == []
    assert bring({}) == [("remove", "lvs-in"), ("remove", "lvs-forward")]
    assert (firewalld.lasting, firewalld.loaded, firewalld.reloads) == ({}, {}, 2)
    assert list(firewalld.files.iterdir()) == []


def test_rules_come_and_go_without_loading_anew(bring, firewalld):
    bring({"lvs-in": policy(SSH)})
    assert bring({"lvs-in": policy(SSH, WEB)}) == [("set", "lvs-in")]
    assert rules(firewalld) == [[WEB, SSH]] * 2
    bring({"lvs-in": policy(WEB)})
    assert rules(firewalld) == [[WEB]] * 2
    assert firewalld.reloads == 1
    # firewalld keeps the last form of a file that changes.
    assert [file.name for file in firewalld.files.iterdir()] == ["lvs-in.xml"]


def test_the_order_of_rules_says_nothing(bring):
    bring({"lvs-in": policy(SSH, WEB)})
    assert bring({"lvs-in": policy(WEB, SSH)}) == []


def test_while_a_cluster_changes_over_both_ways_get_through(bring, firewalld):
    bring({"lvs-in": policy(SSH)})
    bring({"lvs-in": policy(WEB)}, prune=False)
    assert rules(firewalld) == [[WEB, SSH]] * 2
    assert bring({"lvs-in": policy(WEB)}, prune=False) == []
    bring({"lvs-in": policy(WEB)})
    assert rules(firewalld) == [[WEB]] * 2


@pytest.mark.parametrize("form", ["lasting", "loaded"])
@pytest.mark.parametrize(
    "edit",
    [
        lambda one: one["rich_rules"]["data"].clear(),
        lambda one: one["rich_rules"]["data"].append("rule accept"),
        lambda one: one.update(services={"type": "as", "data": ["http"]}),
        lambda one: one.update(target={"type": "s", "data": "ACCEPT"}),
        lambda one: one["egress_zones"]["data"].append("ANY"),
    ],
)
def test_what_somebody_has_done_to_a_policy_is_undone(bring, firewalld, form, edit):
    bring({"lvs-in": policy(SSH, WEB)})
    edit(getattr(firewalld, form)["lvs-in"])
    assert bring({"lvs-in": policy(SSH, WEB)}) == [("set", "lvs-in")]
    assert rules(firewalld) == [[WEB, SSH]] * 2
    assert firewalld.lasting == firewalld.loaded
    assert "services" not in firewalld.lasting["lvs-in"]


@pytest.mark.parametrize("form", ["lasting", "loaded"])
def test_a_policy_that_has_only_one_form_gets_the_other_and_goes_whole(bring, firewalld, form):
    for wants in ({"lvs-in": policy(SSH)}, {}):
        bring({"lvs-in": policy(SSH)})
        del getattr(firewalld, form)["lvs-in"]
        bring(wants)
        assert set(firewalld.lasting) == set(firewalld.loaded) == set(wants)


def test_policies_of_others_stay(bring, firewalld):
    firewalld.lasting["mine"] = {"rich_rules": {"type": "as", "data": [SSH]}}
    bring({"lvs-in": policy(SSH)})
    bring({})
    assert set(firewalld.lasting) == {"mine"}


def test_a_policy_from_before_our_time_is_ours(bring, firewalld, tmp_path):
    bring({"lvs-in": policy(SSH)})
    forgetful = Engine([Policies(firewalld, str(tmp_path))], MemoryLedger())
    assert forgetful.bring({"policy": {"lvs-in": policy(SSH)}}).changes == []
    forgetful.bring({})
    assert firewalld.lasting == {}


def test_where_firewalld_does_not_run_it_is_said_what_to_do(bring, firewalld):
    firewalld.running = False
    with pytest.raises(
        HostError, match="policy lvs-in: firewalld does not run on this host: start it, or set lvs_firewall to another"
    ):
        bring({"lvs-in": policy(SSH)})


def test_a_policy_goes_where_firewalld_does_not_run_any_more(bring, firewalld):
    bring({"lvs-in": policy(SSH)})
    firewalld.running = False
    assert bring({}) == [("remove", "lvs-in")]
    assert list(firewalld.files.iterdir()) == []
    assert bring({}) == []


@pytest.mark.parametrize(
    "answer",
    [
        Done(127, "", "this host has no busctl"),
        Done(1, "", f"Call failed: The name {NAME} was not provided by any .service files"),
        Done(1, "", "Failed to connect to bus: No such file or directory"),
    ],
)
def test_a_host_without_firewalld_has_no_policies(answer, tmp_path):
    kind = Policies(lambda argv, text=None: answer, str(tmp_path))
    assert kind.read(["lvs-in"]) == {}
    with pytest.raises(HostError, match="firewalld does not run"):
        kind.apply([Change("policy", "lvs-in", None, policy(SSH))])


def test_settings_go_over_the_bus_as_busctl_takes_them(firewalld, tmp_path):
    asked = []

    def runner(argv, text=None):
        asked.append(argv)
        return firewalld(argv, text)

    Policies(runner, str(tmp_path)).apply([Change("policy", "lvs-in", None, policy(WEB))])
    [added] = [argv for argv in asked if "addPolicy" in argv]
    zones = "ingress_zones as 1 ANY egress_zones as 1 HOST"
    assert " ".join(added[10:-1]) == f"sa{{sv}} lvs-in 5 target s CONTINUE priority i -1 {zones} rich_rules as 1"
    assert added[-1] == WEB


def cards(root, *names, kind="1", flags="0x1003"):
    for name in names:
        folder = root / "sys/class/net" / name
        folder.mkdir(parents=True)
        (folder / "type").write_text(f"{kind}\n")
        (folder / "flags").write_text(f"{flags}\n")


def test_cards_that_firewalld_lets_no_policy_decide_between_are_named(bring, firewalld, tmp_path):
    cards(tmp_path, "back", "front")
    sentence = (
        "firewalld: the cards back, front are in no zone by name, and firewalld 2.3.1 .* "
        "give all but one a zone, as by firewall-cmd --permanent --zone=ZONE --change-interface=front"
    )
    with pytest.raises(HostError, match=sentence):
        bring({"lvs-forward": policy(head=FORWARD)})
    assert firewalld.lasting == {}
    # What is meant for the host itself goes its own way.
    bring({"lvs-in": policy(SSH)})


@pytest.mark.parametrize("why", ["zone", "version", "down", "bridged", "tunnel"])
def test_cards_that_are_no_two_of_them_are_not(bring, firewalld, tmp_path, why):
    cards(tmp_path, "front")
    cards(tmp_path, "other", kind="768" if why == "tunnel" else "1", flags="0x1002" if why == "down" else "0x1003")
    if why == "zone":
        firewalld.zones["public"].append("other")
    if why == "version":
        firewalld.version = "1.3.3"
    if why == "bridged":
        (tmp_path / "sys/class/net/other/master").mkdir()
    assert bring({"lvs-forward": policy(head=FORWARD)}) == [("create", "lvs-forward")]
