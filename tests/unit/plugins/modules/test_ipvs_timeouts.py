# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipvs_timeouts: one spec for code, documentation and examples; its results in check mode and in a real run."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.testing import patch_module_args
from ansible_collections.lvs.cluster.plugins.doc_fragments.ipvs_backend import ModuleDocFragment
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control import Control, Timeouts
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control_params import TIMEOUTS_SPEC, timeout_changes
from ansible_collections.lvs.cluster.plugins.modules import ipvs_timeouts

DOCUMENTED = {
    **yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"],
    **yaml.safe_load(ipvs_timeouts.DOCUMENTATION)["options"],
}
TASKS = [task for task in yaml.safe_load(ipvs_timeouts.EXAMPLES) if "lvs.cluster.ipvs_timeouts" in task]
RETURNED = yaml.safe_load(ipvs_timeouts.RETURN)


def test_options():
    assert sorted(DOCUMENTED) == sorted(TIMEOUTS_SPEC)


@pytest.mark.parametrize("option", sorted(TIMEOUTS_SPEC))
@pytest.mark.parametrize("aspect", ["type", "elements", "choices", "default", "required"])
def test_option(option, aspect):
    assert DOCUMENTED[option].get(aspect) == TIMEOUTS_SPEC[option].get(aspect)


@pytest.mark.parametrize("task", TASKS, ids=[task["name"] for task in TASKS])
def test_examples_are_accepted(task):
    result = ArgumentSpecValidator(TIMEOUTS_SPEC).validate(task["lvs.cluster.ipvs_timeouts"] or {})
    assert result.error_messages == []
    timeout_changes(result.validated_parameters)


class Kernel(Control):
    def __init__(self):
        self.current = Timeouts(900, 120, 300)
        self.sent = []

    def daemons(self):
        raise NotImplementedError

    def start_daemon(self, daemon):
        raise NotImplementedError

    def stop_daemon(self, daemon):
        raise NotImplementedError

    def timeouts(self):
        return self.current

    def set_timeouts(self, timeouts):
        self.sent.append(timeouts)
        self.current = replace(self.current, **{name: value for name, value in asdict(timeouts).items() if value})


@pytest.fixture
def run(monkeypatch, capsys):
    def run(kernel, check=False, **options):
        monkeypatch.setattr(ipvs_timeouts, "open_control", lambda backend, load_module: kernel)
        with patch_module_args({**options, "_ansible_check_mode": check}), pytest.raises(SystemExit):
            ipvs_timeouts.main()
        result = json.loads(capsys.readouterr().out)
        result.pop("invocation")
        return result

    return run


@pytest.mark.parametrize("options", [{}, {"tcp": 7200}, {"tcp": 900, "udp": 300}, {"tcp": 1, "tcp_fin": 2, "udp": 3}])
def test_check_mode_predicts_what_the_run_does_and_a_second_run_does_nothing(run, options):
    kernel = Kernel()
    predicted = run(kernel, check=True, **options)
    assert kernel.sent == []
    assert run(kernel, **options) == predicted
    assert asdict(kernel.current) == {**asdict(Timeouts()), **options} == predicted["timeouts"]
    assert predicted["changed"] == bool(kernel.sent)
    sent = len(kernel.sent)
    assert not run(kernel, **options)["changed"]
    assert len(kernel.sent) == sent


def test_the_result_is_as_documented(run):
    result = run(Kernel(), tcp=7200)
    assert set(result) == {*RETURNED, "changed", "diff"}
    assert set(result["timeouts"]) == set(RETURNED["timeouts"]["contains"]) == set(RETURNED["timeouts"]["sample"])
    assert (result["diff"]["before"]["tcp"], result["diff"]["after"]["tcp"]) == (900, 7200)


def test_a_refusal_is_the_modules_message(run):
    kernel = Kernel()
    result = run(kernel, udp=0)
    assert result["failed"]
    assert result["msg"].startswith("udp: 0 is out of range: use 1..2147483 seconds")
    assert kernel.sent == []
