# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The argument spec, the documentation and the examples of ipvs_realserver say the same; what the module makes of its states."""

from __future__ import annotations

import json

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.testing import patch_module_args
from ansible_collections.lvs.cluster.plugins.doc_fragments.ipvs import ModuleDocFragment
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.drain_params import drain_policy
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.params import real_server_intent
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.plan import predict
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.statistics import (
    Connections,
    Counters,
    DestinationStatistics,
    ServiceStatistics,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.transport import Transport
from ansible_collections.lvs.cluster.plugins.modules import ipvs_realserver
from ansible_collections.lvs.cluster.plugins.modules.ipvs_realserver import SPEC

DOCUMENTED = {
    **yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"],
    **yaml.safe_load(ModuleDocFragment.BACKEND)["options"],
    **yaml.safe_load(ipvs_realserver.DOCUMENTATION)["options"],
}
TASKS = [task for task in yaml.safe_load(ipvs_realserver.EXAMPLES) if "lvs.cluster.ipvs_realserver" in task]


def test_options():
    assert sorted(DOCUMENTED) == sorted(SPEC)


@pytest.mark.parametrize("option", sorted(SPEC))
@pytest.mark.parametrize("aspect", ["type", "elements", "choices", "default", "required"])
def test_option(option, aspect):
    assert DOCUMENTED[option].get(aspect) == SPEC[option].get(aspect)


@pytest.mark.parametrize("task", TASKS, ids=[task["name"] for task in TASKS])
def test_examples_are_accepted(task):
    result = ArgumentSpecValidator(SPEC).validate(task["lvs.cluster.ipvs_realserver"])
    assert result.error_messages == []
    real_server_intent(result.validated_parameters)
    drain_policy(result.validated_parameters)


TCP = ServiceKey.at("tcp", "192.0.2.10", 80)
RIP = DestinationKey.at("198.51.100.11", 80)
TASK = {"service_address": "192.0.2.10", "service_port": 80, "address": "198.51.100.11", "drain_timeout": 0}


class Kernel(Transport):
    """One service with one real server that has an active connection."""

    def __init__(self):
        self.table = {TCP: Entry(Service(TCP), {RIP: Destination(RIP, weight=100)})}

    def read(self, keys):
        return {key: self.table[key] for key in keys if key in self.table}

    def read_all(self):
        return dict(self.table)

    def apply(self, actions):
        self.table = predict(self.table, actions)

    def statistics(self, keys):
        there = {key: DestinationStatistics(Connections(active=1), Counters()) for key in self.table[TCP].destinations}
        return {TCP: ServiceStatistics(Counters(), there)}


@pytest.fixture
def kernel(monkeypatch):
    kernel = Kernel()
    monkeypatch.setattr(ipvs_realserver, "open_transport", lambda backend, load_module: kernel)
    return kernel


@pytest.fixture
def run(kernel, capsys):
    def run(check_mode=False, **options):
        with patch_module_args({**TASK, **options, "_ansible_check_mode": check_mode}), pytest.raises(SystemExit):
            ipvs_realserver.main()
        return json.loads(capsys.readouterr().out)

    return run


def weights(kernel):
    return [destination.weight for destination in kernel.table[TCP].destinations.values()]


def test_present_and_absent_do_not_drain(run, kernel):
    result = run(weight=50)
    assert (result["changed"], weights(kernel), "drained" in result) == (True, [50], False)
    result = run(state="absent")
    assert (result["changed"], weights(kernel), "drained" in result) == (True, [], False)


def test_a_drain_that_is_late_is_reported(run, kernel):
    result = run(state="drained")
    assert (result["changed"], result["drained"], result.get("failed", False), weights(kernel)) == (True, False, False, [0])
    assert result["connections"] == {"active": 1, "inactive": 0, "persistent": 0}


def test_a_drain_that_is_late_fails_with_its_result(run, kernel):
    result = run(state="drained", drain_on_timeout="fail")
    assert (result["failed"], result["changed"], result["drained"], weights(kernel)) == (True, True, False, [0])
    assert "1 active and 0 inactive connections are left" in result["msg"]


def test_a_drain_in_check_mode_does_not_fail(run, kernel):
    result = run(check_mode=True, state="drained", drain_on_timeout="fail")
    assert (result.get("failed", False), result["changed"], result["real_server"]["weight"]) == (False, True, 0)
    assert weights(kernel) == [100]


@pytest.mark.parametrize("on_timeout", ["report", "remove"])
def test_a_removal_that_cuts_connections_is_asked_for(run, kernel, on_timeout):
    result = run(state="drained", drain_then="remove", drain_on_timeout=on_timeout)
    assert (result["drained"], weights(kernel)) == (False, [0] if on_timeout == "report" else [])


def test_contradictions_are_refused_before_anything_is_written(run, kernel):
    result = run(state="drained", drain_on_timeout="remove")
    assert (result["failed"], weights(kernel)) == (True, [100])
    assert result["msg"].startswith("drain_on_timeout: remove contradicts drain_then=leave")
