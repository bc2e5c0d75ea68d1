# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipvs_sync_daemon: one spec for code, documentation and examples; its results in check mode and in a real run."""

from __future__ import annotations

import json

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.testing import patch_module_args
from ansible_collections.lvs.cluster.plugins.doc_fragments.ipvs_backend import ModuleDocFragment
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control import Control, Daemon
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control_params import DAEMON_SPEC, daemon_intent
from ansible_collections.lvs.cluster.plugins.modules import ipvs_sync_daemon

DOCUMENTED = {
    **yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"],
    **yaml.safe_load(ipvs_sync_daemon.DOCUMENTATION)["options"],
}
TASKS = [task for task in yaml.safe_load(ipvs_sync_daemon.EXAMPLES) if "lvs.cluster.ipvs_sync_daemon" in task]
RETURNED = yaml.safe_load(ipvs_sync_daemon.RETURN)
MASTER = Daemon("master", "eth1", 10, 1472)


def test_options():
    assert sorted(DOCUMENTED) == sorted(DAEMON_SPEC)


@pytest.mark.parametrize("option", sorted(DAEMON_SPEC))
@pytest.mark.parametrize("aspect", ["type", "elements", "choices", "default", "required"])
def test_option(option, aspect):
    assert DOCUMENTED[option].get(aspect) == DAEMON_SPEC[option].get(aspect)


@pytest.mark.parametrize("task", TASKS, ids=[task["name"] for task in TASKS])
@pytest.mark.parametrize("item", ["master", "backup"])
def test_examples_are_accepted(task, item):
    options = {name: item if value == "{{ item }}" else value for name, value in task["lvs.cluster.ipvs_sync_daemon"].items()}
    result = ArgumentSpecValidator(DAEMON_SPEC).validate(options)
    assert result.error_messages == []
    daemon_intent(result.validated_parameters)


class Kernel(Control):
    def __init__(self, *daemons):
        self.running = {daemon.role: daemon for daemon in daemons}
        self.calls = []

    def daemons(self):
        return dict(self.running)

    def start_daemon(self, daemon):
        self.calls.append("start")
        self.running[daemon.role] = daemon

    def stop_daemon(self, daemon):
        self.calls.append("stop")
        del self.running[daemon.role]

    def timeouts(self):
        raise NotImplementedError

    def set_timeouts(self, timeouts):
        raise NotImplementedError


@pytest.fixture
def run(monkeypatch, capsys):
    def run(kernel, check=False, **options):
        monkeypatch.setattr(ipvs_sync_daemon, "open_control", lambda backend, load_module: kernel)
        monkeypatch.setattr(ipvs_sync_daemon, "read_interfaces", lambda: {"eth0": 1500, "eth1": 1500})
        with patch_module_args({**options, "_ansible_check_mode": check}), pytest.raises(SystemExit):
            ipvs_sync_daemon.main()
        result = json.loads(capsys.readouterr().out)
        result.pop("invocation")
        return result

    return run


CASES = {
    "start": ((), {"interface": "eth1", "sync_id": 10, "max_length": 1472}, ["start"]),
    "restart": ((MASTER,), {"ttl": 5}, ["stop", "start"]),
    "stop": ((MASTER,), {"state": "absent"}, ["stop"]),
    "the same": ((MASTER,), {"interface": "eth1", "port": 8848}, []),
    "stopped": ((), {"state": "absent"}, []),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_check_mode_predicts_what_the_run_does_and_a_second_run_does_nothing(run, name):
    running, options, calls = CASES[name]
    kernel = Kernel(*running)
    predicted = run(kernel, check=True, role="master", **options)
    assert kernel.calls == []
    assert kernel.daemons() == {daemon.role: daemon for daemon in running}
    assert run(kernel, role="master", **options) == predicted
    assert kernel.calls == calls == predicted["operations"]
    assert predicted["changed"] == bool(calls)
    again = run(kernel, role="master", **options)
    assert not again["changed"]
    assert again["diff"]["before"] == again["diff"]["after"] == predicted["diff"]["after"]


def test_the_result_is_as_documented(run):
    result = run(Kernel(MASTER), role="master", ttl=5)
    assert set(result) == {*RETURNED, "changed", "diff"}
    assert set(result["daemon"]) == set(RETURNED["daemon"]["contains"]) == set(RETURNED["daemon"]["sample"])
    assert result["diff"]["before"]["ttl"] == 1
    assert result["diff"]["after"] == result["daemon"]


def test_a_refusal_is_the_modules_message(run):
    kernel = Kernel(MASTER)
    result = run(kernel, role="master", interface="eth7")
    assert result["failed"]
    assert result["msg"] == "interface: this host has no 'eth7': use one of eth0, eth1"
    assert kernel.calls == []
