# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""host_part says the same in its argument spec, documentation and examples, and does it on a folder that stands for a host."""

from __future__ import annotations

import functools
import json

import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.text.converters import to_bytes
from ansible_collections.lvs.cluster.plugins.module_utils.host import part
from ansible_collections.lvs.cluster.plugins.module_utils.host.part import Host
from ansible_collections.lvs.cluster.plugins.module_utils.host.report import KINDS, wanted
from ansible_collections.lvs.cluster.plugins.modules import host_part
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.host.simulated_host import SimulatedHost
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.memory_transport import MemoryTransport

DOCUMENTED = yaml.safe_load(host_part.DOCUMENTATION)["options"]
RETURNED = yaml.safe_load(host_part.RETURN)
TASKS = yaml.safe_load(host_part.EXAMPLES)
VIP = "192.0.2.10/32 dev lo"
PRESENT = {"name": "vip", "description": "A VIP", "wants": {"address": {VIP: "present"}, "sysctl": {"net.ipv4.ip_forward": 1}}}
ABSENT = {"name": "vip", "state": "absent"}


@pytest.fixture
def host(tmp_path_factory, monkeypatch):
    simulated = SimulatedHost(tmp_path_factory.mktemp("host"))
    monkeypatch.setattr(part, "open_transport", lambda backend, load_module: MemoryTransport({}))
    monkeypatch.setattr(host_part, "Host", functools.partial(Host, runner=simulated, root=str(simulated.root)))
    return simulated


@pytest.fixture
def run(host, tmp_path, monkeypatch, capsys):
    def task(check=False, **options):
        arguments = {**options, "_ansible_check_mode": check, "_ansible_remote_tmp": str(tmp_path)}
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", to_bytes(json.dumps({"ANSIBLE_MODULE_ARGS": arguments})))
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        with pytest.raises(SystemExit):
            host_part.main()
        return json.loads(capsys.readouterr().out)

    return task


def kinds(result):
    return list(dict.fromkeys(change["kind"] for change in result["changes"] if change["kind"] != "file"))


def test_options():
    assert sorted(DOCUMENTED) == sorted(host_part.SPEC)


@pytest.mark.parametrize("option", sorted(host_part.SPEC))
@pytest.mark.parametrize("aspect", ["type", "choices", "default", "required"])
def test_option(option, aspect):
    assert DOCUMENTED[option].get(aspect) == host_part.SPEC[option].get(aspect)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_documented(kind):
    assert any(sentence.startswith(f"C({kind}), ") for sentence in DOCUMENTED["wants"]["description"])


@pytest.mark.parametrize("task", TASKS, ids=[task["name"] for task in TASKS])
def test_examples_are_accepted(task):
    result = ArgumentSpecValidator(host_part.SPEC).validate(task["lvs.cluster.host_part"])
    assert result.error_messages == []
    wanted(result.validated_parameters["wants"])


def test_examples_run_in_their_order(run, host):
    before = host.everything()
    results = [run(**task["lvs.cluster.host_part"]) for task in TASKS]
    assert [result["changed"] for result in results] == [True, True, False]
    for task, result in zip(TASKS, results):
        left = {"absent"} if task["lvs.cluster.host_part"].get("state") == "absent" else set()
        assert set(RETURNED) - {"absent"} | left <= set(result)
    assert host.everything() == before


def test_a_part_comes_and_goes(run, host):
    before = host.everything()
    result = run(**PRESENT)
    assert (result["changed"], kinds(result)) == (True, ["sysctl", "address", "unit"])
    assert result["ansible_facts"] == {"lvs_parts": ["vip"]}
    assert VIP in host.addresses
    assert run(**PRESENT)["changed"] is False
    result = run(**ABSENT)
    assert (result["changed"], kinds(result)) == (True, ["address", "sysctl", "unit"])
    assert result["ansible_facts"] == {"lvs_parts": []}
    assert run(**ABSENT)["changed"] is False
    assert host.everything() == before


def test_several_parts_go_together(run, host):
    before = host.everything()
    run(**PRESENT)
    run(**{**PRESENT, "name": "other", "wants": {"address": {"192.0.2.11/32 dev lo": "present"}}})
    result = run(name=["other", "none", "vip"], state="absent")
    assert (result["changed"], result["absent"]) == (True, ["other", "none", "vip"])
    assert result["ansible_facts"] == {"lvs_parts": []}
    assert host.everything() == before


def test_check_mode_writes_nothing_and_says_what_the_run_does(run, host):
    other = {"address": {"192.0.2.11/32 dev lo": "present"}}
    for options in (PRESENT, {**PRESENT, "wants": other, "prune": False}, {**PRESENT, "wants": other}, ABSENT):
        before = host.everything()
        predicted = run(check=True, **options)
        assert host.everything() == before
        real = run(**options)
        assert {**predicted, "ansible_facts": None} == {**real, "ansible_facts": None}
        assert real["changed"]
        assert run(check=True, **options)["changed"] is False


def test_the_old_way_stays_without_pruning(run, host):
    run(**PRESENT)
    result = run(**{**PRESENT, "wants": {}, "prune": False})
    assert result["left_over"] == ["sysctl net.ipv4.ip_forward", f"address {VIP}"]
    assert VIP in host.addresses
    assert run(**{**PRESENT, "wants": {}})["left_over"] == []
    assert VIP not in host.addresses


def test_the_program_is_there(run, host):
    run(**PRESENT)
    program = host.root / "usr/local/sbin/lvs-host"
    assert program.stat().st_mode & 0o777 == 0o755
    assert (host.root / "usr/local/lib/lvs-cluster/lvs_cluster/host/program.py").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"name": "a/b"}, "name: 'a/b' is no name for a part: use small letters, digits and -"),
        ({"name": [""]}, "name: '' is no name for a part: use small letters, digits and -"),
        ({"name": []}, "name: a part is taken up by a task of its own, and not 0 of them: write one name"),
        ({"name": ["vip", "dip"]}, "name: a part is taken up by a task of its own, and not 2 of them: write one name"),
        ({"wants": {"sysctls": {}}}, f"wants.sysctls: there is no such kind: use {', '.join(KINDS)}"),
        ({"wants": {"address": [VIP]}}, f"wants.address: ['{VIP}'] is no dictionary: write names with values"),
        (
            {"wants": {"sysctl": {"net.ipv4.none": 1}}},
            "this kernel has no setting net.ipv4.none: leave it out, or load the module that it belongs to",
        ),
    ],
)
def test_errors_are_sentences(run, options, sentence):
    result = run(**{**PRESENT, **options})
    assert (result["failed"], result["msg"]) == (True, sentence)


def test_a_part_that_is_there_has_a_description(run):
    assert run(name="vip")["msg"] == "state is present but all of the following are missing: description"


@pytest.mark.parametrize("options", [{"name": "a/b"}, {"wants": {"sysctls": {}}}, {"wants": {"address": [VIP]}}])
def test_wrong_options_are_refused_before_anything_is_written(run, host, options):
    before = host.everything()
    assert run(**{**PRESENT, **options})["failed"]
    assert host.everything() == before
