# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections through the director: what is changed around them, what they are counted as, and how they end."""

from __future__ import annotations

import json
import select
import subprocess
import sys

import pytest
from awaiting import until
from ipvs_lab import HERE, Client, playbook

PORT = 8000
RIP = "172.30.{}.2"
SERVICE = f"{{service_address: 10.0.0.80, service_port: {PORT}, address: 172.30.1.2"


@pytest.fixture(scope="module")
def servers(director):
    """Three real servers, and a kernel that drops a connection as soon as its real server is gone."""
    director.ssh(f"sh /root/lvs/net.sh {director.vip} {PORT} 1 2 3")
    director.ssh(
        "ipvsadm -C; modprobe ip_vs; sysctl -qw net.ipv4.vs.expire_nodest_conn=1 net.ipv4.vs.expire_quiescent_template=1"
    )
    until(lambda: director.ssh("for n in 1 2 3; do ip netns exec rs$n ss -Hltn | wc -l; done").split() == ["1"] * 3, 30)
    yield
    director.ssh("ipvsadm -C; for n in 1 2 3; do systemctl stop rs$n; ip link delete rs$n; ip netns delete rs$n; done")


@pytest.fixture
def web(director, servers):
    """A service with one real server, to which a client is connected."""
    director.ssh(
        f"ipvsadm -C; ipvsadm -A -t {director.vip}:{PORT} -s rr; ipvsadm -a -t {director.vip}:{PORT} -r 172.30.1.2:{PORT} -m"
    )
    client = Client(director, PORT)
    assert client.server == "rs1"
    yield client
    client.process.kill()
    client.process.wait()


def test_a_download_goes_on_while_everything_around_it_is_changed(director, web, tmp_path):
    book = playbook(
        tmp_path / "book.yml",
        f"""
- name: Another scheduler, other weights, more real servers, more services
  lvs.cluster.ipvs_table:
    scope: {{all: true}}
    services:
      - address: {director.vip}
        port: {PORT}
        scheduler: mh
        scheduler_flags: [mh-port]
        real_servers:
          - {{address: 172.30.1.2, forward: masquerade, weight: 5, upper_threshold: 100, lower_threshold: 10}}
          - {{address: 172.30.2.2, forward: masquerade, weight: 50}}
          - {{address: 172.30.3.2, forward: masquerade, weight: 500}}
      - {{address: {director.vip}, port: 1, real_servers: [{{address: 172.30.1.2}}, {{address: 172.30.2.2}}]}}
      - {{fwmark: 7}}
- name: All of it another way again
  lvs.cluster.ipvs_table:
    scope: {{all: true}}
    services:
      - address: {director.vip}
        port: {PORT}
        scheduler: wlc
        persistence_timeout: 60
        real_servers:
          - {{address: 172.30.3.2, forward: masquerade}}
          - {{address: 172.30.1.2, forward: masquerade, weight: 0}}
      - {{address: {director.vip}, port: 2, scheduler: sh, real_servers: [{{address: 172.30.2.2}}]}}
""",
    )
    first = int(web.line())
    done = director.play(book)
    expected = [("services_created", 2), ("services_updated", 1), ("real_servers_created", 4), ("real_servers_updated", 1)]
    assert [done.tasks[0][2]["summary"][name] for name, _count in expected] == [count for _name, count in expected]
    expected = [("services_deleted", 2), ("services_updated", 1), ("real_servers_deleted", 3), ("real_servers_updated", 2)]
    assert [done.tasks[1][2]["summary"][name] for name, _count in expected] == [count for _name, count in expected]
    assert director.ssh("ipvsadm -Lcn | grep -c 'ESTABLISHED.*172.30.1.2'") == "1"
    *numbers, last = web.end().split()
    # Every line came, each once, from before the changes until the client had enough.
    assert last == "bye"
    assert numbers == [str(number) for number in range(first + 1, first + 1 + len(numbers))]
    assert len(numbers) > 50


def test_what_belongs_to_others_stays_byte_for_byte(director, web, tmp_path):
    """Their services on the same director, with their statistics."""
    web.end()
    director.ssh(f"ipvsadm -A -t {director.vip}:2 -s wrr -p 60 && ipvsadm -a -t {director.vip}:2 -r 172.30.2.2:2 -m -w 9 -x 7")
    director.ssh("ipvsadm -A -f 7 -s sh -b sh-port && ipvsadm -a -f 7 -r 172.30.2.2 -i --tun-type gue --tun-port 6080")
    foreign = {f"tcp {director.vip}:{PORT}", f"tcp {director.vip}:2", "fwmark 7 ipv4"}
    # The kernel's estimate of the rates would die down for a minute.
    director.ssh("sysctl -qw net.ipv4.vs.run_estimation=0")
    before = until(lambda: at_rest(director), 30)
    assert {*before} == foreign
    book = playbook(
        tmp_path / "book.yml",
        """
- {name: Two services, lvs.cluster.ipvs_table: {scope: {networks: [192.0.2.0/24], fwmarks: [8-9]}, services: [
    {address: 192.0.2.1, port: 80, real_servers: [{address: 172.30.2.2}]}, {fwmark: 8}]}}
- {name: Another one instead, lvs.cluster.ipvs_table: {scope: {networks: [192.0.2.0/24], fwmarks: [8-9]}, services: [{fwmark: 9}]}}
- {name: No scope, lvs.cluster.ipvs_table: {services: [{fwmark: 10}]}}
- {name: None, lvs.cluster.ipvs_table: {scope: {networks: [192.0.2.0/24], fwmarks: [8-10]}, services: []}}
""",
    )
    done = director.play(book)
    assert len(done.changed) == 4
    assert done["Another one instead"]["summary"]["services_deleted"] == 2
    assert director.script("raw") == before
    director.ssh("sysctl -qw net.ipv4.vs.run_estimation=1")


def test_statistics_are_those_of_ipvsadm(director, web, tmp_path):
    book = playbook(tmp_path / "book.yml", "- {name: Info, lvs.cluster.ipvs_info: {port: " + str(PORT) + "}}")
    held = director.play(book)["Info"]["services"][0]["real_servers"][0]
    assert held["connections"] == {"active": 1, "inactive": 0, "persistent": 0}
    web.end()
    (service,) = director.play(book)["Info"]["services"]
    (real_server,) = service["real_servers"]
    assert real_server["connections"] == {"active": 0, "inactive": 1, "persistent": 0}
    counted = director.ssh(f"ipvsadm -Ln --stats --exact -t {director.vip}:{PORT}").splitlines()[-2:]
    names = ("connections", "incoming_packets", "outgoing_packets", "incoming_bytes", "outgoing_bytes")
    for line, found in zip(counted, (service, real_server)):
        assert [int(text) for text in line.split()[2:]] == [found["statistics"][name] for name in names]
    assert service["statistics"]["connections"] == 1
    assert service["statistics"]["outgoing_bytes"] > service["statistics"]["incoming_bytes"] > 0


def test_draining_waits_for_the_connections(director, web, tmp_path):
    director.ssh(f"ipvsadm -a -t {director.vip}:{PORT} -r 172.30.2.2:{PORT} -m")
    late = playbook(
        tmp_path / "late.yml",
        f"""
- {{name: Foretell, check_mode: true, lvs.cluster.ipvs_realserver: {SERVICE}, state: drained, drain_timeout: 900}}}}
- {{name: Report, lvs.cluster.ipvs_realserver: {SERVICE}, state: drained, drain_timeout: 2}}}}
- {{name: Fail, ignore_errors: true, lvs.cluster.ipvs_realserver:
    {SERVICE}, state: drained, drain_timeout: 1, drain_then: remove, drain_on_timeout: fail}}}}
""",
    )
    done = director.play(late)
    one = {"active": 1, "inactive": 0, "persistent": 0}
    for name, drained, waited in (("Foretell", False, 0), ("Report", False, 2), ("Fail", False, 1)):
        assert (done[name]["drained"], done[name]["connections"], done[name]["waited"]) == (drained, one, waited), name
    assert done.changed == ["Foretell", "Report"]
    weight = {"before": {"weight": 1}, "after": {"weight": 0}}
    assert [weight.items() <= done[name]["operations"][0].items() for name in ("Foretell", "Report")] == [True, True]
    assert done["Fail"]["failed"] is True
    assert "is not drained after 1 seconds: 1 active and 0 inactive connections are left" in done["Fail"]["msg"]
    # New clients go elsewhere, and the old one is served.
    assert [quick(director) for _client in range(3)] == ["rs2"] * 3
    assert web.line()

    waiting = playbook(
        tmp_path / "waiting.yml",
        f"""
- {{name: Active, lvs.cluster.ipvs_realserver: {SERVICE}, state: drained, drain_connections: active, drain_timeout: 120}}}}
- {{name: All, lvs.cluster.ipvs_realserver: {SERVICE}, state: drained, drain_then: remove, drain_timeout: 120}}}}
""",
    )
    director.ssh(f"ipvsadm -e -t {director.vip}:{PORT} -r 172.30.1.2:{PORT} -m -w 1")
    running = director.start(waiting)
    until(lambda: "172.30.1.2:8000 -m -w 0" in director.ssh("ipvsadm -Sn"), 30)
    # It waits as long as the connection does.
    assert not select.select([running.stdout], [], [], 3)[0], "it did not wait"
    assert running.poll() is None
    web.reset()
    done = director.finish(running)
    assert done["Active"]["drained"] is True
    assert done["Active"]["connections"] == {"active": 0, "inactive": 1, "persistent": 0}
    assert [operation["after"] for operation in done["Active"]["operations"]] == [{"weight": 0}]
    assert done["Active"]["waited"] >= 3
    # What is reset is forgotten after 10 seconds.
    assert done["All"]["drained"] is True
    assert done["All"]["connections"] == {"active": 0, "inactive": 0, "persistent": 0}
    assert done["All"]["operations"][0]["action"] == "delete"
    assert 3 <= done["All"]["waited"] <= 12
    assert RIP.format(1) not in director.ssh("ipvsadm -Ln")


def test_removal_at_the_deadline_cuts_what_is_left(director, web, tmp_path):
    book = playbook(
        tmp_path / "book.yml",
        f"- {{name: Cut, lvs.cluster.ipvs_realserver: {SERVICE}, state: drained, drain_timeout: 1, drain_then: remove,"
        " drain_on_timeout: remove}}",
    )
    done = director.play(book)["Cut"]
    assert (done["drained"], done["connections"]["active"], done["real_server"]) == (False, 1, None)
    assert [operation["action"] for operation in done["operations"]] == ["update", "delete"]
    assert RIP.format(1) not in director.ssh("ipvsadm -Ln")


def test_a_master_announces_connections(director, web, tmp_path):
    """On the card that was named, to the group, with the number that were asked for."""
    listener = subprocess.Popen(
        [*director.outside, sys.executable, str(HERE / "listener.py"), "10.0.0.254", "224.1.2.3", "9999"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        task = "lvs.cluster.ipvs_sync_daemon: {role: master, interface: eth0, sync_id: 42, group: 224.1.2.3, port: 9999}"
        director.play(playbook(tmp_path / "book.yml", f"- {{name: Master, {task}}}"))
        clients = [Client(director, PORT) for _client in range(2)]
        output = listener.communicate(timeout=30)[0]
        assert json.loads(output) == {"from": "10.0.0.21", "sync_id": 42, "vip": director.vip}
        for client in clients:
            client.end()
    finally:
        listener.kill()
        director.ssh("ipvsadm --stop-daemon master")


def at_rest(director):
    """All that stands in the kernel, if it does not change any more."""
    one, other = director.script("raw"), director.script("raw")
    return one if one == other else None


def quick(director):
    client = Client(director, PORT)
    client.end()
    return client.server
