# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as people and machines get them, through the filters that the playbook uses, and the page that explains them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import ClassVar

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.filter import diagnosis, diagnosis_table, doctor_questions
from ansible_collections.lvs.cluster.plugins.module_utils.look.client import CLIENT_SPEC
from ansible_collections.lvs.cluster.plugins.module_utils.look.host import HOST_SPEC
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.defaults import director_defaults
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.registry import AREAS, CHECKS
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.doctor.planted_faults import PLANTED
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.doctor.sound_cluster import (
    ALL,
    CIP,
    GROUPS,
    HOSTVARS,
    VIP,
    described,
    sound,
)

ROOT = Path(__file__).resolve().parents[5]
HOSTS = {host: {**ALL, "lvs_mode": "dr", **own} for host, own in HOSTVARS.items()}
judged = diagnosis.FilterModule().filters()["diagnosis"]
table = diagnosis_table.FilterModule().filters()["diagnosis_table"]
questions = doctor_questions.FilterModule().filters()["doctor_questions"]


@pytest.fixture
def broken():
    looks = sound(described("dr"))
    next(planted for planted in PLANTED["daemons"] if planted.mode == "dr").plant(looks)
    return judged(GROUPS, HOSTS, looks)


def test_a_sound_cluster_is_healthy():
    found = judged(GROUPS, HOSTS, sound(described("dr")))
    assert found["healthy"]
    assert found["counts"]["fault"] == 0
    assert found["counts"]["ok"] > 50
    assert "FAULT" not in table(found)
    assert table(found).endswith("ok")


def test_a_fault_is_not(broken):
    assert not broken["healthy"]
    assert broken["counts"] == {**broken["counts"], "fault": 1, "follows": 4}


def test_the_data_is_plain(broken):
    assert json.loads(json.dumps(broken)) == broken
    assert set(broken["findings"][0]) == {"check", "host", "state", "seen", "remedy", "because", "now"}


def test_the_table_has_every_check_once_and_says_what_was_seen_and_what_to_do(broken):
    lines = table(broken).splitlines()
    for check in CHECKS.values():
        assert sum(1 for line in lines if f" {check.name} " in line and line.endswith(check.question)) == 1
    at = next(place for place, line in enumerate(lines) if line.startswith("  FAULT"))
    assert "daemons" in lines[at]
    assert lines[at + 1].strip() == "web2: FAULT: web server: nginx.service does not run"
    assert lines[at + 2].strip() == f"Remedy: {CHECKS['daemons'].remedy}."
    follows = next(line for line in lines if "client1: follows" in line)
    assert follows.endswith("(because of daemons on web2)")
    assert lines[-1].startswith("1 fault, 4 that follow from them, ")


def test_what_could_not_be_looked_at_is_counted():
    looks = sound(described("dr"))
    looks["hosts"]["nfs1"] = {"msg": "no answer"}
    assert "could not be looked at" in table(judged(GROUPS, HOSTS, looks)).splitlines()[-1]


@pytest.mark.parametrize("host", HOSTVARS)
def test_questions_are_options_of_the_modules(host):
    asked = questions(GROUPS, HOSTS, host)
    assert set(asked["host"]) == set(HOST_SPEC)
    assert set(asked["client"]) == set(CLIENT_SPEC) - {"requests", "sizes"}


def test_real_servers_are_asked_for_their_way_to_the_clients():
    clients = {"client1": {"look": {"ways": [{"to": VIP, "own": CIP, "error": ""}]}}, "client2": {"msg": "no answer"}}
    assert questions(GROUPS, HOSTS, "web1", clients)["host"]["ways"] == [{"to": CIP, "source": VIP}]


def test_settings_are_those_of_the_role():
    defaults = yaml.safe_load((ROOT / "roles/director/defaults/main.yml").read_text(encoding="utf-8"))
    assert director_defaults() == {name: defaults[name] for name in ("director_settings", "director_tracking_settings")}


def test_the_page_lists_the_checks_as_they_are():
    page = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    listed = page.partition("## All checks")[2]
    rows = [line for line in listed.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{check.name}` | {check.question} | {check.about} |" for checks in AREAS.values() for check in checks]


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_is_there_for_a_symptom(check):
    page = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    assert f"`{check}`" in page.partition("## By symptom")[2].partition("## All checks")[0]


def test_no_symptom_points_at_a_check_that_is_not():
    page = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    symptoms = page.partition("## By symptom")[2].partition("## All checks")[0]
    first_cells = [line.split("|")[1] for line in symptoms.splitlines() if line.startswith("| `")]
    named = {name.strip() for cell in first_cells for name in cell.split("`")[1::2]}
    assert named <= set(CHECKS)


class Asked(dict):
    """A host's variables, and which of them somebody asked for."""

    names: ClassVar[set[str]] = set()

    def __contains__(self, name):
        self.names.add(name)
        return super().__contains__(name)

    def get(self, name, default=None):
        self.names.add(name)
        return super().get(name, default)


def test_the_playbook_works_out_every_variable_that_the_doctor_goes_by():
    plays = yaml.safe_load((ROOT / "playbooks/verify.yml").read_text(encoding="utf-8"))
    known = next(play["vars"]["verify_known"] for play in plays if "verify_known" in play.get("vars", {}))
    variables = {host: Asked(own) for host, own in HOSTS.items()}
    for host in HOSTS:
        questions(GROUPS, variables, host)
    judged(GROUPS, variables, sound(described("dr")))
    assert len(Asked.names) > 30
    assert [name for name in sorted(Asked.names) if not re.fullmatch("|".join(known), name)] == []
