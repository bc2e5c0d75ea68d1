# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check of the registry finds the faults that are its own in looks that are sound otherwise, and no other check finds them."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.items import check_of
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.registry import AREAS, CHECKS
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.doctor.planted_faults import PLANTED, differs
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.doctor.sound_cluster import (
    GROUPS,
    MODES,
    VIP,
    described,
    judge,
    sound,
)

ALL_PLANTED = [(check, planted) for check, every in PLANTED.items() for planted in every]
# Items that no mode of the sound cluster has, or that others of its mode stand for.
VARIANTS = {
    "the sound cluster": {},
    "arptables": {"lvs_arp": "arptables"},
    "nftables": {"lvs_firewall": "nftables"},
    "gue": {
        "lvs_services": [{"name": "web", "vip": VIP, "port": 80, "mode": "tun", "tunnel_type": "gue", "tunnel_port": 6080}],
    },
    "udp": {"lvs_services": [{"name": "dns", "vip": VIP, "port": 53, "protocol": "udp"}]},
}


def faults(findings):
    return {(finding.check, finding.host) for finding in findings if finding.state == "fault"}


def test_no_check_has_the_name_of_another():
    assert sum(len(checks) for checks in AREAS.values()) == len(CHECKS)


def test_every_check_has_planted_faults():
    assert sorted(PLANTED) == sorted(CHECKS)
    assert all(PLANTED.values())


@pytest.mark.parametrize("mode", MODES)
def test_nothing_is_wrong_with_a_sound_cluster(mode):
    cluster = described(mode)
    states = {finding.state for finding in judge(cluster, sound(cluster))}
    assert states == {"ok", "not applicable"}


@pytest.mark.parametrize(("check", "planted"), ALL_PLANTED, ids=[f"{check}: {planted.name}" for check, planted in ALL_PLANTED])
def test_a_planted_fault_is_found_by_its_check_and_by_no_other(check, planted):
    cluster = described(planted.mode)
    looks = sound(cluster)
    planted.plant(looks)
    findings = judge(cluster, looks)
    assert faults(findings) == {(check, planted.host)}
    found = next(finding for finding in findings if finding.state == "fault")
    assert found.seen
    assert found.remedy == CHECKS[check].remedy


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_says_what_it_asks_of_whom_and_what_to_do(check):
    assert CHECKS[check].question.endswith((".", "?"))
    assert CHECKS[check].about
    assert CHECKS[check].remedy


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_is_about_somebody_in_some_mode(check):
    assert any(CHECKS[check].hosts(described(mode)) for mode in MODES)


@pytest.mark.parametrize("check", CHECKS)
def test_no_fault_follows_from_itself(check):
    def causes(name, above):
        assert name not in above, " > ".join([*above, name])
        for cause in (*CHECKS[name].here, *CHECKS[name].anywhere):
            causes(cause, (*above, name))

    causes(check, ())


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("mode", MODES)
def test_whatever_the_roles_want_of_a_host_is_missed_by_one_check(mode, variant):
    cluster = described(mode, **VARIANTS[variant])
    looks = sound(cluster)
    for host in cluster.hosts:
        for item in cluster.items(host):
            check = check_of(item.part, item.kind, item.name)
            assert check in CHECKS, item
            broken = copy.deepcopy(looks)
            differs(host, item.part, item.kind, item.name, None, item.value)(broken)
            assert faults(judge(cluster, broken)) == {(check, host)}, item


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("host", sorted({host for hosts in GROUPS.values() for host in hosts}))
def test_a_host_that_does_not_answer_is_one_fault_and_the_rest_is_not_known(mode, host):
    cluster = described(mode)
    looks = sound(cluster)
    for kind in ("hosts", "clients", "sizes"):
        if host in looks[kind]:
            looks[kind][host] = {"unreachable": True, "msg": "Failed to connect to the host via ssh: timed out\nmore"}
    findings = judge(cluster, looks)
    assert faults(findings) == {("reach", host)}
    assert {finding.state for finding in findings if finding.host == host and finding.check != "reach"} <= {
        "could not look",
        "not applicable",
    }
    assert all("\n" not in finding.seen for finding in findings)


@pytest.mark.parametrize("mode", MODES)
def test_a_piece_that_could_not_be_looked_at_is_no_fault(mode):
    cluster = described(mode)
    for piece in sound(cluster)["hosts"]["web1"]["look"]:
        looks = sound(cluster)
        look = looks["hosts"]["web1"]["look"]
        if piece in ("errors", "cards", "units", "firewall", "clock"):
            continue
        del look[piece]
        look["errors"][piece] = "permission denied"
        findings = judge(cluster, looks)
        assert faults(findings) == set(), piece
        assert all(finding.seen == "permission denied" for finding in findings if finding.state == "could not look")


@pytest.mark.parametrize("mode", MODES)
def test_a_cluster_that_is_taken_down_has_nothing_but_what_is_left_over(mode):
    cluster = described(mode, lvs_state="absent")
    assert not any(list(cluster.items(host)) for host in cluster.hosts)
    looks = sound(cluster)
    looks["hosts"]["web1"]["look"]["played"] = ["realserver"]
    looks["clients"]["client1"]["look"]["heard"] = []
    assert faults(judge(cluster, looks)) == {("left_over", "web1")}


def test_what_follows_names_its_cause():
    cluster = described("dr")
    looks = sound(cluster)
    next(planted for planted in PLANTED["daemons"] if planted.mode == "dr").plant(looks)
    follows = {finding.check: finding.because for finding in judge(cluster, looks) if finding.state == "follows"}
    assert set(follows) == {"application", "wordpress", "vip_answers", "distribution"}
    assert all(because == ("daemons on web2",) for because in follows.values())


def test_what_happens_on_one_host_explains_nothing_on_another():
    cluster = described("dr")
    looks = sound(cluster)
    differs("web1", "realserver", "unit", "lvs-realserver.service", None, "enabled, active")(looks)
    differs("web2", "realserver", "address", f"{VIP}/32 dev lo", None, "present")(looks)
    assert faults(judge(cluster, looks)) == {("boot", "web1"), ("vip", "web2")}


@pytest.mark.parametrize(
    ("check", "name"), [("boot", "disabled"), ("daemons", "not enabled"), ("other_managers", "Debian's own unit")]
)
def test_what_the_next_boot_will_bring_explains_nothing_now(check, name):
    cluster = described("nat")
    looks = sound(cluster)
    planted = next(planted for planted in PLANTED[check] if planted.name == name)
    planted.plant(looks)
    PLANTED["vip_answers"][0].plant(looks)
    assert faults(judge(cluster, looks)) == {(check, planted.host), ("vip_answers", "client1")}
