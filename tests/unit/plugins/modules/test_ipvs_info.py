# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The argument spec, the documentation, the examples and the results of ipvs_info say the same."""

from __future__ import annotations

import json

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.testing import patch_module_args
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import info
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control import Control, Daemon, Timeouts
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import TransportError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.info_params import INFO_SPEC, selection
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.info_report import info_result
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.kernel_info import KernelInfo
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.selection import Selection
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.statistics import (
    Connections,
    Counters,
    DestinationStatistics,
    ServiceStatistics,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.transport import Transport
from ansible_collections.lvs.cluster.plugins.modules import ipvs_info

DOCUMENTED = yaml.safe_load(ipvs_info.DOCUMENTATION)
RETURN = yaml.safe_load(ipvs_info.RETURN)
TASKS = [task for task in yaml.safe_load(ipvs_info.EXAMPLES) if "lvs.cluster.ipvs_info" in task]

WEB = ServiceKey.at("tcp", "192.0.2.10", 80)
LATER = ServiceKey.at("tcp", "192.0.2.9", 443)
MARK = ServiceKey.marked(1)
EVERYTHING = Selection()
RIPS = [DestinationKey.at(f"198.51.100.{host}", 80) for host in (10, 9)]
TABLE = {
    MARK: Entry(Service(MARK), {}),
    WEB: Entry(Service(WEB), {key: Destination(key) for key in RIPS}),
    LATER: Entry(Service(LATER), {}),
}
COUNTED = {
    key: ServiceStatistics(
        Counters(connections=7), {name: DestinationStatistics(Connections(1, 2, 3), Counters(5)) for name in entry.destinations}
    )
    for key, entry in TABLE.items()
}
MASTER, BACKUP = Daemon("master", "eth1", 10), Daemon("backup", "eth1", 10)


class ReadOnly(Transport):
    def __init__(self, counted=COUNTED):
        self.counted = counted

    def read(self, keys):
        return {key: TABLE[key] for key in keys if key in TABLE}

    def read_all(self):
        return dict(TABLE)

    def apply(self, actions):
        raise AssertionError(f"nothing is to be changed: {actions}")

    def statistics(self, keys):
        return {key: self.counted[key] for key in keys if key in self.counted}


class ReadOnlyControl(Control):
    def daemons(self):
        return {"master": MASTER, "backup": BACKUP}

    def timeouts(self):
        return Timeouts(1, 2, 3)

    def start_daemon(self, daemon):
        raise AssertionError("nothing is to be changed")

    stop_daemon = set_timeouts = start_daemon


class Modules:
    """All that gathering may ask of the host's modules: it has no way to load one."""

    def __init__(self, present=True):
        self.present = present

    def ip_vs_present(self):
        return self.present

    def schedulers(self):
        return ["rr", "wlc"]

    def engines(self):
        return ["sip"]


def gathered(chosen=EVERYTHING, counted=COUNTED):
    return info_result(
        info.gather(chosen, lambda: ReadOnly(counted), ReadOnlyControl, Modules(), lambda: KernelInfo("1.2.1", 4096))
    )


def test_options():
    assert sorted(DOCUMENTED["options"]) == sorted(INFO_SPEC)


@pytest.mark.parametrize("option", sorted(INFO_SPEC))
@pytest.mark.parametrize("aspect", ["type", "elements", "choices", "default", "required"])
def test_option(option, aspect):
    assert DOCUMENTED["options"][option].get(aspect) == INFO_SPEC[option].get(aspect)


@pytest.mark.parametrize("task", TASKS, ids=[task["name"] for task in TASKS])
def test_examples_are_accepted(task):
    result = ArgumentSpecValidator(INFO_SPEC).validate(task["lvs.cluster.ipvs_info"] or {})
    assert result.error_messages == []
    selection(result.validated_parameters)


def documented(fields):
    return {name: documented(field["contains"]) if "contains" in field else None for name, field in fields.items()}


def returned(value):
    """The names in a result, as deep as it goes."""
    if isinstance(value, list):
        deepest = [returned(item) for item in value]
        return deepest[-1] if deepest else None
    return {name: returned(item) for name, item in value.items()} if isinstance(value, dict) else None


def test_every_field_is_documented():
    result = gathered(Selection(protocol="tcp", address="192.0.2.10", port=80))
    del result["changed"]
    assert returned(result) == documented(RETURN)


@pytest.mark.parametrize("name", sorted(RETURN))
def test_samples_have_every_field(name):
    assert returned({name: RETURN[name]["sample"]}) == documented({name: RETURN[name]})


def test_the_result_is_sorted():
    result = gathered()
    assert [(service["fwmark"], service["address"]) for service in result["services"]] == [
        (None, "192.0.2.9"),
        (None, "192.0.2.10"),
        (1, None),
    ]
    assert [server["address"] for server in result["services"][1]["real_servers"]] == ["198.51.100.9", "198.51.100.10"]
    assert [daemon["role"] for daemon in result["daemons"]] == ["backup", "master"]


def test_numbers_are_in_their_places():
    result = gathered()
    server = result["services"][1]["real_servers"][0]
    assert result["services"][1]["statistics"]["connections"] == 7
    assert server["statistics"]["connections"] == 5
    assert server["connections"] == {"active": 1, "inactive": 2, "persistent": 3}
    assert result["timeouts"] == {"tcp": 1, "tcp_fin": 2, "udp": 3}
    assert (result["version"], result["connection_table_size"], result["changed"]) == ("1.2.1", 4096, False)
    assert (result["schedulers"], result["persistence_engines"]) == (["rr", "wlc"], ["sip"])


def test_what_goes_away_while_it_is_read_has_no_numbers():
    counted = {WEB: ServiceStatistics(Counters(), {RIPS[0]: COUNTED[WEB].destinations[RIPS[0]]})}
    services = gathered(counted=counted)["services"]
    assert [service["statistics"] is None for service in services] == [True, False, True]
    assert [server["connections"] is None for server in services[1]["real_servers"]] == [True, False]


def test_without_the_module_nobody_is_asked():
    def ask():
        raise AssertionError("a question can load the module")

    result = info_result(info.gather(EVERYTHING, ask, ask, Modules(present=False), ask))
    assert result == {
        "changed": False,
        "loaded": False,
        "version": None,
        "connection_table_size": None,
        "schedulers": ["rr", "wlc"],
        "persistence_engines": ["sip"],
        "services": [],
        "daemons": [],
        "timeouts": None,
    }


@pytest.fixture
def run(monkeypatch, capsys):
    """The module on a host whose ip_vs is there or not."""

    def run(options, present=True, transport=ReadOnly):
        opened = []

        def opener(make):
            def open_it(backend, load_module):
                opened.append((backend, load_module))
                return make()

            return open_it

        monkeypatch.setattr(ipvs_info, "open_transport", opener(transport))
        monkeypatch.setattr(ipvs_info, "open_control", opener(ReadOnlyControl))
        monkeypatch.setattr(ipvs_info, "KernelModules", lambda: Modules(present))
        with patch_module_args(options), pytest.raises(SystemExit):
            ipvs_info.main()
        return json.loads(capsys.readouterr().out), opened

    return run


@pytest.mark.parametrize("check_mode", [True, False])
def test_the_module_may_never_be_loaded(run, check_mode):
    result, opened = run({"backend": "netlink", "fwmark": 1, "_ansible_check_mode": check_mode})
    assert opened == [("netlink", False), ("netlink", False)]
    assert (result["loaded"], result["changed"], len(result["services"])) == (True, False, 1)


def test_a_host_without_the_module(run):
    result, opened = run({}, present=False)
    assert (result["loaded"], result["services"], opened) == (False, [], [])


def test_errors_are_sentences(run):
    def broken():
        raise TransportError("this host does not allow generic netlink sockets: no")

    result, _opened = run({}, transport=broken)
    assert (result["failed"], result["msg"]) == (True, "this host does not allow generic netlink sockets: no")
    result, opened = run({"fwmark": 1, "port": 80})
    assert (result["failed"], opened) == (True, [])
