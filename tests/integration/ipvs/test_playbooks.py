# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules as people use them, in playbooks: what they foretell, what they do, and that they do it once."""

from __future__ import annotations

import json
import os

import pytest
from ipvs_lab import ROOT, playbook

TASKS = """
- name: A service
  lvs.cluster.ipvs_service: {address: 192.0.2.10, port: 80, scheduler: wrr, persistence_timeout: 300}
- name: A real server
  lvs.cluster.ipvs_realserver:
    {service_address: 192.0.2.10, service_port: 80, address: 198.51.100.11, forward: masquerade, port: 8080, weight: 0}
- name: Another one
  lvs.cluster.ipvs_realserver:
    {service_address: 192.0.2.10, service_port: 80, address: 198.51.100.12, forward: tunnel, tunnel_type: gre, upper_threshold: 9}
- name: A table
  lvs.cluster.ipvs_table:
    scope: {addresses: ["2001:db8::10"], fwmarks: [4000000000-4294967295]}
    services:
      - {address: "2001:db8::10", port: 53, protocol: udp, one_packet: true, real_servers: [{address: "2001:db8::11"}]}
      - {fwmark: 4294967295, family: ipv6, real_servers: [{address: "2001:db8::12", forward: masquerade}]}
- name: Timeouts
  lvs.cluster.ipvs_timeouts: {tcp: 7200}
- name: A daemon
  lvs.cluster.ipvs_sync_daemon: {role: master, interface: eth1, sync_id: 9}
- name: What there is
  lvs.cluster.ipvs_info:
"""
CHANGING = ["A service", "A real server", "Another one", "A table", "Timeouts", "A daemon"]
CLEAN_UP = """
- lvs.cluster.ipvs_table: {services: [], scope: {all: true}}
- lvs.cluster.ipvs_timeouts: {tcp: 900}
- lvs.cluster.ipvs_sync_daemon: {role: master, state: absent}
"""


@pytest.fixture(scope="module")
def runs(director, tmp_path_factory):
    """The same playbook on a director without ip_vs: in check mode, then really, then once more."""
    folder = tmp_path_factory.mktemp("playbooks")
    director.forget_ip_vs()
    book = playbook(folder / "book.yml", TASKS)
    checked = director.play(book, "--check", "--diff")
    loaded_by_check_mode = director.ssh("ls /proc/net | grep -x ip_vs || true")
    done = director.play(book, "--diff")
    table = director.ssh("ipvsadm -Ln --thresholds")
    again = director.play(book, "--diff")
    yield {"checked": checked, "loaded": loaded_by_check_mode, "done": done, "table": table, "again": again}
    director.play(playbook(folder / "clean_up.yml", CLEAN_UP))


def test_check_mode_writes_nothing_and_does_not_load_ip_vs(runs):
    assert runs["loaded"] == ""
    assert runs["checked"]["What there is"]["loaded"] is False
    assert runs["checked"]["What there is"]["services"] == []


def test_check_mode_foretells_what_the_run_does(runs):
    assert runs["checked"].changed == runs["done"].changed == CHANGING
    for name in CHANGING:
        checked, done = runs["checked"][name], runs["done"][name]
        for part in ("operations", "operations_total", "summary", "service", "timeouts", "daemon"):
            # A table in check mode lacks what an earlier task has not really made.
            if part in done and not (name == "A table" and part == "summary"):
                assert checked[part] == done[part], (name, part)
        assert checked["diff"] == done["diff"], name


def test_the_run_makes_what_was_asked_for(runs):
    found = {
        json.dumps([each["protocol"], each["address"], each["fwmark"]]): each
        for each in runs["done"]["What there is"]["services"]
    }
    assert {*found} == {'["tcp", "192.0.2.10", null]', '["udp", "2001:db8::10", null]', "[null, null, 4294967295]"}
    web = found['["tcp", "192.0.2.10", null]']
    assert (web["scheduler"], web["persistence_timeout"]) == ("wrr", 300)
    assert [(each["address"], each["port"], each["forward"], each["weight"]) for each in web["real_servers"]] == [
        ("198.51.100.11", 8080, "masquerade", 0),
        ("198.51.100.12", 80, "tunnel", 1),
    ]
    assert runs["done"]["What there is"]["timeouts"] == {"tcp": 7200, "tcp_fin": 120, "udp": 300}
    assert runs["done"]["What there is"]["daemons"][0]["interface"] == "eth1"
    assert "192.0.2.10:80 wrr persistent 300" in runs["table"]


def test_a_second_run_changes_nothing(runs):
    assert runs["again"].changed == []
    for name in ("A service", "A real server", "Another one", "A table"):
        assert runs["again"][name]["operations"] == []
        for diff in diffs(runs["again"][name]):
            assert diff["before"] == diff["after"]


def test_the_diff_shows_before_and_after(runs):
    (diff,) = diffs(runs["done"]["A real server"])
    assert diff["before_header"] == diff["after_header"] == "198.51.100.11:8080 of tcp 192.0.2.10:80"
    assert (diff["before"], diff["after"]["weight"]) == (None, 0)
    (diff,) = diffs(runs["done"]["A table"])
    assert (diff["before"], sorted(diff["after"])) == ({}, ["fwmark 4294967295 ipv6", "udp [2001:db8::10]:53"])


def diffs(result):
    return result["diff"] if isinstance(result["diff"], list) else [result["diff"]]


@pytest.mark.skipif(not os.environ.get("LVS_TEST_ALL"), reason="the scripts do the same at a greater speed: needs LVS_TEST_ALL")
def test_several_playbook_runs_on_one_table(director, tmp_path):
    """One host by several names, so that Ansible runs the same task several times at once."""
    names = [f"director{number}" for number in range(1, 4)]
    address = {"ansible_host": "director", "ansible_ssh_common_args": f"-F {director.ssh_config}"}
    inventory = tmp_path / "crowd.json"
    inventory.write_text(json.dumps({"crowd": {"hosts": {name: {**address, "number": name[8:]} for name in names}}}))
    book = playbook(
        tmp_path / "crowd.yml",
        """
- name: The same service
  lvs.cluster.ipvs_service: {address: 192.0.2.10, port: 80, scheduler: rr}
- name: A real server each
  lvs.cluster.ipvs_realserver:
    {service_address: 192.0.2.10, service_port: 80, address: "198.51.100.{{ number }}", weight: "{{ number }}"}
- name: A service each
  lvs.cluster.ipvs_table:
    scope: {addresses: ["192.0.2.2{{ number }}"]}
    services: [{address: "192.0.2.2{{ number }}", port: 80, real_servers: [{address: "198.51.100.{{ number }}"}]}]
""",
        hosts="crowd",
    )
    director.ssh("ipvsadm -C")
    try:
        done = director.play(book, "-i", str(inventory))
        assert done.changed.count("A real server each") == done.changed.count("A service each") == len(names)
        listed = director.ssh("ipvsadm -Sn").splitlines()
        expected = ["-A -t 192.0.2.10:80 -s rr"]
        for number in range(1, 1 + len(names)):
            expected += [
                f"-a -t 192.0.2.10:80 -r 198.51.100.{number}:80 -g -w {number}",
                f"-A -t 192.0.2.2{number}:80 -s wlc",
                f"-a -t 192.0.2.2{number}:80 -r 198.51.100.{number}:80 -g -w 1",
            ]
        assert sorted(listed) == sorted(expected)
    finally:
        director.ssh("ipvsadm -C")


def test_10000_real_servers(director, tmp_path):
    """From a file on the host, as a boot would take it."""
    director.ssh(
        "ipvsadm -C; python3 -c \"import json; print(json.dumps({'services': [{'address': f'192.0.2.{s}', 'port': 80, 'real_servers':"
        " [{'address': f'198.51.{s}.{r}'} for r in range(1, 101)]} for s in range(1, 101)]}))\" > /root/table.json"
    )
    book = playbook(
        tmp_path / "large.yml",
        """
- {name: Create, lvs.cluster.ipvs_table: {file: /root/table.json, scope: {networks: [192.0.2.0/24]}}}
- {name: Nothing, lvs.cluster.ipvs_table: {file: /root/table.json, scope: {networks: [192.0.2.0/24]}}}
- name: One is taken out of service by somebody
  ansible.builtin.command: ipvsadm -e -t 192.0.2.50:80 -r 198.51.50.50 -w 0
- {name: Repair, lvs.cluster.ipvs_table: {file: /root/table.json, scope: {networks: [192.0.2.0/24]}}}
- {name: Refuse to empty it, lvs.cluster.ipvs_table: {services: [], scope: {all: true}}, ignore_errors: true}
""",
    )
    try:
        done = director.play(book)
        counts = {"services": 100, "real_servers": 10000}
        assert counts.items() <= done["Create"]["summary"].items()
        assert done["Create"]["summary"]["real_servers_created"] == done["Create"]["operations_total"] - 100 == 10000
        assert len(done["Create"]["operations"]) == 1000
        assert not done["Nothing"]["changed"]
        assert done["Repair"]["operations"] == [
            {
                "action": "update",
                "service": "tcp 192.0.2.50:80",
                "real_server": "198.51.50.50:80",
                "before": {"weight": 0},
                "after": {"weight": 1},
            }
        ]
        said = done["Refuse to empty it"]["msg"]
        assert (
            "100 services and 10000 real servers would be deleted, and max_delete allows 5050 in all, so nothing was changed"
            in said
        )
        assert director.ssh("ipvsadm -Ln | grep -c Route") == "10000"
    finally:
        director.ssh("ipvsadm -C")


def test_the_modules_ask_for_nothing_but_python():
    """What the scripts prove holds for the modules: they are made of the same code, which needs nothing of Ansible."""
    package = ROOT / "plugins/module_utils/ipvs"
    assert not [path.name for path in package.glob("*.py") if "ansible" in path.read_text()]
