# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules from their options to their results, over a table in memory."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.modules import ipvs_realserver, ipvs_service, ipvs_table
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.memory_transport import MemoryTransport

TCP = ServiceKey.at("tcp", "192.0.2.10", 80)
FOREIGN = ServiceKey.marked(9)
RIP = DestinationKey.at("198.51.100.1", 80)
HAVE = {
    TCP: Entry(Service(TCP), {RIP: Destination(RIP)}),
    FOREIGN: Entry(Service(FOREIGN), {RIP: Destination(RIP, weight=5)}),
}
SERVICE = {"address": "192.0.2.10", "port": 80}
REAL_SERVER = {"service_address": "192.0.2.10", "service_port": 80, "address": "198.51.100.1"}
TABLE = {"services": [{**SERVICE, "real_servers": [{"address": "198.51.100.1"}]}]}


@pytest.fixture
def kernel(monkeypatch):
    transport = MemoryTransport(HAVE)
    asked = []

    def open_transport(backend, load_module):
        asked.append((backend, load_module))
        return transport

    for module in (ipvs_service, ipvs_realserver, ipvs_table):
        monkeypatch.setattr(module, "open_transport", open_transport)
    transport.asked = asked
    return transport


def run(capsys, module, options, check_mode=False):
    with patch_module_args({**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}), pytest.raises(SystemExit):
        module.main()
    result = json.loads(capsys.readouterr().out)
    result.pop("invocation")
    return result


CHANGES = [
    (ipvs_service, {**SERVICE, "scheduler": "rr"}),
    (ipvs_service, {**SERVICE, "state": "absent"}),
    (ipvs_service, {"fwmark": 7}),
    (ipvs_realserver, {**REAL_SERVER, "weight": 0}),
    (ipvs_realserver, {**REAL_SERVER, "state": "absent"}),
    (ipvs_realserver, {**REAL_SERVER, "address": "198.51.100.2"}),
    (ipvs_table, {"services": [{**SERVICE, "scheduler": "rr"}, {"fwmark": 7}]}),
    (ipvs_table, {"services": [], "scope": {"addresses": ["192.0.2.10"]}}),
]


@pytest.mark.parametrize(("module", "options"), CHANGES)
def test_check_mode_predicts_what_the_run_does(kernel, capsys, module, options):
    predicted = run(capsys, module, options, check_mode=True)
    assert (kernel.table, kernel.executed) == (HAVE, [])
    done = run(capsys, module, options)
    assert done == predicted
    assert done["changed"]
    assert len(kernel.executed) == len(done["operations"])
    assert kernel.table[FOREIGN] is HAVE[FOREIGN]
    again = run(capsys, module, options)
    assert (again["changed"], again["operations"], again["diff"]["before"]) == (False, [], again["diff"]["after"])


@pytest.mark.parametrize(
    ("module", "options"),
    [
        (ipvs_service, SERVICE),
        (ipvs_realserver, REAL_SERVER),
        (ipvs_table, TABLE),
        (ipvs_table, {**TABLE, "scope": {"services": ["tcp 192.0.2.10:80"]}}),
    ],
)
def test_nothing_to_do(kernel, capsys, module, options):
    assert not run(capsys, module, options)["changed"]
    assert kernel.executed == []


@pytest.mark.parametrize(
    ("module", "options", "message"),
    [
        (ipvs_service, {**SERVICE, "port": 0}, "port: 0 (every port) needs persistence: set persistence_timeout, or name a port"),
        (ipvs_service, {**SERVICE, "address": "::"}, "address: :: cannot be a VIP: use the address of one host"),
        (
            ipvs_realserver,
            {**REAL_SERVER, "port": 8080},
            "port: 8080 differs from the service's 80, and forward=direct cannot rewrite ports: leave port out, or set forward to"
            " masquerade",
        ),
        (
            ipvs_table,
            {"services": [SERVICE, {**SERVICE, "protocl": "tcp"}]},
            "services[1].protocl: unknown; did you mean protocol?\nservices[1]: duplicate tcp 192.0.2.10:80, first at services[0]",
        ),
        (
            ipvs_table,
            {"services": [], "scope": {"all": True}, "max_delete": 0},
            "2 services and 2 real servers would be deleted, and max_delete allows 0 in all, so nothing was changed; if it is meant,"
            " raise max_delete (-1 is any number). These would go: delete service tcp 192.0.2.10:80; delete service fwmark 9 ipv4",
        ),
        (ipvs_table, {}, "one of the following is required: services, file"),
    ],
)
def test_refusals(kernel, capsys, module, options, message):
    result = run(capsys, module, options)
    assert (result["failed"], result["msg"]) == (True, message)
    assert kernel.executed == []


@pytest.mark.parametrize(("module", "options"), [(ipvs_service, SERVICE), (ipvs_realserver, REAL_SERVER), (ipvs_table, TABLE)])
def test_the_backend_is_the_one_asked_for(kernel, capsys, module, options):
    run(capsys, module, options)
    run(capsys, module, {**options, "backend": "ipvsadm", "load_module": False})
    assert kernel.asked == [("auto", True), ("ipvsadm", False)]


def test_the_declared_table_is_what_is_expected(kernel, capsys):
    run(capsys, ipvs_table, TABLE)
    assert kernel.expected == {TCP: HAVE[TCP]}


def test_without_diff_there_are_no_copies_of_the_table(kernel, capsys):
    with patch_module_args({"services": []}), pytest.raises(SystemExit):
        ipvs_table.main()
    assert "diff" not in json.loads(capsys.readouterr().out)


def test_result_of_a_table(kernel, capsys):
    result = run(
        capsys,
        ipvs_table,
        {
            "services": [{**SERVICE, "real_servers": [{"address": "198.51.100.1", "weight": 0}, {"address": "198.51.100.2"}]}],
            "scope": {"addresses": ["192.0.2.10"]},
        },
    )
    assert result["operations"][0] == {
        "action": "update",
        "service": "tcp 192.0.2.10:80",
        "real_server": "198.51.100.1:80",
        "before": {"weight": 1},
        "after": {"weight": 0},
    }
    assert result["operations_total"] == len(result["operations"]) == 2
    assert result["summary"] == {
        "services": 2,
        "real_servers": 3,
        "services_created": 0,
        "services_updated": 0,
        "services_deleted": 0,
        "real_servers_created": 1,
        "real_servers_updated": 1,
        "real_servers_deleted": 0,
    }
    # The service that differs as a whole, and no other.
    assert list(result["diff"]["before"]) == list(result["diff"]["after"]) == ["tcp 192.0.2.10:80"]
    weights = {
        when: [server["weight"] for server in result["diff"][when]["tcp 192.0.2.10:80"]["real_servers"]]
        for when in ("before", "after")
    }
    assert weights == {"before": [1], "after": [0, 1]}
