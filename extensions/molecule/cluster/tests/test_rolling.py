# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers leave for work and come back: no request is lost, nothing under way is cut, and who is not healthy stays out."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager

import pytest
from whole_cluster import MODES, RIPS, SERVERS, VIP, whole

SIZE = 3_000_000
# Closed connections stay in the kernel for two minutes. They carry nothing any more, and waiting for them has a test of its own.
ACTIVE = ("-e", "drain_connections=active")
# Twenty requests a second would find the server away.
AWAY = "systemctl stop nginx && sleep 2 && systemctl start nginx"


@pytest.fixture
def work(tmp_path):
    """A file of tasks with one command for each real server."""

    def write(command: str) -> tuple[str, str]:
        file = tmp_path / "work.json"
        file.write_text(json.dumps([{"name": "Work", "ansible.builtin.shell": command}]))
        return "-e", f"rolling_update_tasks={file}"

    return write


@pytest.fixture(autouse=True)
def as_declared(lab, cluster):
    """Each test leaves what it found."""
    cluster.be("nat")
    yield
    for host in RIPS:
        lab[host].run("systemctl start nginx; rm -f /var/www/lvs/large")
    if differs(lab):
        back = lab.play("playbooks/restore.yml", "-e", "restore=web1,web2")
        assert back.code == 0, back.messages
    assert not differs(lab)


def differs(lab) -> bool:
    """Whether the director holds anything else than what is declared."""
    return lab["director1"].run("lvs-host status director").rc != 0


def weights(lab, host: str = "director1") -> dict[str, int]:
    """What a director's kernel has for the first service."""
    return {name: weight for name, (weight, _active) in table(lab, host).items()}


def table(lab, host: str) -> dict[str, tuple[int, int]]:
    """Weight and active connections of each real server. Any kernel says so, with ipvsadm or without."""
    names = {"{:02X}{:02X}{:02X}{:02X}:0050".format(*by_number(name)): name for name in RIPS}
    blocks = lab[host].check_output("cat /proc/net/ip_vs").split("TCP  ")
    (block,) = [block for block in blocks if block.startswith("0A000081:0050")]
    found = re.findall(r"-> (\S+) +\w+ +(\d+) +(\d+) ", block)
    return {names[server]: (int(weight), int(active)) for server, weight, active in found}


def by_number(host: str) -> tuple[int, ...]:
    return tuple(int(number) for number in RIPS[host].split("."))


def test_the_last_one_that_serves_is_not_taken_out(lab):
    refused = lab.play("playbooks/drain.yml", "-e", "drain=web1,web2", *ACTIVE)
    assert refused.code != 0
    assert refused.changes == []
    assert "Nothing was taken out of service.\ndirector1: web2, web1 are all that serves web" in refused.messages
    assert weights(lab) == {"web1": 1, "web2": 1}


@pytest.mark.parametrize("mode", ["nat", *(pytest.param(mode, marks=whole) for mode in MODES if mode != "nat")])
def test_a_rolling_update_is_not_noticed(lab, cluster, work, mode):
    cluster.be(mode)
    try:
        with cluster.steady() as client:
            done = lab.play("playbooks/rolling_update.yml", *work(AWAY), *ACTIVE, "-e", f"lvs_mode={mode}")
        assert done.code == 0, done.messages
        assert [change.host for change in done.changes if change.task == "Work"] == sorted(SERVERS[mode], key=by_number)
        print(f"{mode}: {client.result}")
        assert client.result["failures"] == []
        assert client.result["sent"] > 100
        assert set(client.result["answers"]) == set(SERVERS[mode])
        assert cluster.serves(mode)
    finally:
        cluster.be("nat")


@whole
def test_a_role_is_rolled_out_and_waited_for_to_the_last_connection(lab, cluster):
    """By default closed connections count as well."""
    lab["web1"].check_output("echo other > /var/www/lvs/index.html")
    with cluster.steady() as client:
        arguments = {"nginx_sites": [{"name": "lvs", "index": "{{ inventory_hostname }}", "listen": "80 default_server"}]}
        done = lab.play(
            "playbooks/rolling_update.yml", "-e", "rolling_update_role=lvs.cluster.nginx", "-e", json.dumps(arguments)
        )
    assert done.code == 0, done.messages
    assert client.result["failures"] == []
    assert cluster.serves("nat")


@contextmanager
def download(lab, rate: str):
    """A client that reads slowly; who serves it."""
    for host in SERVERS["nat"]:
        lab[host].check_output(f"head -c {SIZE} /dev/zero > /var/www/lvs/large")
    lab.begin("client1", "download", f"curl -s --limit-rate {rate} -o /dev/null -w %%{{size_download}} http://{VIP}/large")
    try:
        (server,) = lab.until(lambda: [name for name, (_weight, active) in table(lab, "director1").items() if active])
        yield server
    finally:
        lab["client1"].run("systemctl stop download")


@whole
def test_a_download_ends_unharmed_while_its_server_drains(lab, cluster):
    with download(lab, "60k") as server:
        drained = lab.play("playbooks/drain.yml", "-e", f"drain={server}", *ACTIVE)
        assert drained.code == 0, drained.messages
        assert lab.end("client1", "download") == str(SIZE)
    (other,) = set(SERVERS["nat"]) - {server}
    assert weights(lab) == {server: 0, other: 1}
    assert set(cluster.answers(6)) == {other}
    # Taken out once more it takes nothing away.
    assert lab.play("playbooks/drain.yml", "-e", f"drain={server}", *ACTIVE).changes == []


@whole
@pytest.mark.parametrize("playbook", ["drain", "rolling_update"])
def test_a_deadline_that_passes_is_told_with_what_is_left(lab, cluster, work, playbook):
    with download(lab, "10k") as server:
        names = ("-e", f"drain={server}") if playbook == "drain" else ("-e", f"rolling_update_hosts={server}", *work(AWAY))
        late = lab.play(f"playbooks/{playbook}.yml", *names, *ACTIVE, "-e", "drain_deadline=3")
        assert late.code != 0
        assert f"{server} of tcp {VIP}:80 on director1: 1 active and " in late.messages
        assert "Not drained after 3 seconds" in late.messages
        # Who drains only has asked for that; before an update nothing has been done yet.
        assert weights(lab)[server] == (0 if playbook == "drain" else 1)
        assert "Work" not in [change.task for change in late.changes]
        assert lab["client1"].run("systemctl is-active download").rc == 0


@whole
@pytest.mark.parametrize("command", ["systemctl stop nginx", "exit 3"])
def test_who_is_not_healthy_afterwards_stays_out_and_stops_the_run(lab, cluster, work, command):
    with cluster.steady() as client:
        stopped = lab.play("playbooks/rolling_update.yml", *work(command), *ACTIVE, "-e", "health_deadline=3")
    assert stopped.code != 0
    assert "web2 stays out of service (weight 0)" in stopped.messages
    assert "Not touched: web1." in stopped.messages
    assert weights(lab) == {"web1": 1, "web2": 0}
    assert client.result["failures"] == []
    if "stop" in command:
        refused = lab.play("playbooks/restore.yml", "-e", "restore=web2", "-e", "health_deadline=0")
        assert refused.code != 0
        assert "http://192.168.239.137:80/ is not healthy: ConnectionRefusedError" in refused.messages
        assert weights(lab) == {"web1": 1, "web2": 0}
        lab["web2"].check_output("systemctl start nginx")
    # The one that is out comes first, or the other would be the last one.
    again = lab.play("playbooks/rolling_update.yml", *work(AWAY), *ACTIVE, "-e", "rolling_update_hosts=web1,web2")
    assert again.code == 0, again.messages
    assert [change.host for change in again.changes if change.task == "Work"] == ["web2", "web1"]


@whole
def test_nothing_begins_while_one_that_serves_is_ill(lab, work):
    lab["web1"].check_output("systemctl stop nginx")
    refused = lab.play("playbooks/rolling_update.yml", *work(AWAY), *ACTIVE)
    assert refused.code != 0
    assert refused.changes == []
    assert "web1: http://192.168.239.148:80/ is not healthy" in refused.messages


@whole
def test_persistent_clients_go_elsewhere_once_their_server_drains(lab, cluster):
    """Because of a setting of the directors; without it they would come back to it for as long as they do not rest."""
    listed = [{"name": "web", "vip": VIP, "port": 80, "real_servers": "near_real_servers", "persistence_timeout": 300}]
    described = ("-e", json.dumps({"lvs_services": listed}))
    assert cluster.site("nat", *described).code == 0
    setting = "/proc/sys/net/ipv4/vs/expire_quiescent_template"
    try:
        (server,) = set(cluster.answers(4))
        (other,) = set(SERVERS["nat"]) - {server}
        lab["director1"].check_output(f"echo 0 > {setting}")
        assert lab.play("playbooks/drain.yml", "-e", f"drain={server}", *ACTIVE, *described).code == 0
        assert weights(lab)[server] == 0
        assert set(cluster.answers(4)) == {server}
        lab["director1"].check_output(f"echo 1 > {setting}")
        assert set(cluster.answers(4)) == {other}
    finally:
        lab["director1"].run(f"echo 1 > {setting}")
        assert cluster.site("nat").code == 0


@whole
def test_what_was_removed_comes_back_as_declared_in_every_service(lab, cluster):
    listed = [
        {"name": name, "vip": VIP, "port": port, "real_port": 80, "real_servers": "near_real_servers", **more}
        for name, port, more in (("web", 80, {}), ("limited", 81, {"upper_threshold": 50, "lower_threshold": 20}))
    ]
    described = ("-e", json.dumps({"lvs_services": listed}))
    assert cluster.site("nat", *described).code == 0
    try:
        gone = lab.play("playbooks/drain.yml", "-e", "drain=web1", "-e", "drain_then=remove", *ACTIVE, *described)
        assert gone.code == 0, gone.messages
        assert RIPS["web1"] not in lab["director1"].check_output("ipvsadm -Sn")
        assert differs(lab)
        assert lab.play("playbooks/restore.yml", "-e", "restore=web1", *described).code == 0
        assert not differs(lab)
    finally:
        assert cluster.site("nat").code == 0


SECOND = {"directors": {"hosts": {"router1": {"lvs_dip": "192.168.239.1", "lvs_vip_interface": "front"}}}}


@whole
def test_every_director_is_told(lab, tmp_path):
    """The router has the same table for this test, and no client."""
    inventory, table = tmp_path / "second.json", tmp_path / "table.yml"
    inventory.write_text(json.dumps({"all": {"children": SECOND}}))

    def have(servers: list[str]) -> None:
        listed = [
            {"address": VIP, "port": 80, "real_servers": [{"address": RIPS[name], "forward": "masquerade"} for name in servers]}
        ]
        task = {"lvs.cluster.ipvs_table": {"services": listed if servers else [], "scope": {"addresses": [VIP]}}}
        table.write_text(json.dumps([{"name": "Table", "hosts": "router1", "gather_facts": False, "tasks": [task]}]))
        assert lab.play(str(table)).code == 0

    have(["web1", "web2"])
    try:
        drained = lab.play("playbooks/drain.yml", "-i", str(inventory), "-e", "drain=web1", *ACTIVE)
        assert drained.code == 0, drained.messages
        assert weights(lab) == weights(lab, "router1") == {"web1": 0, "web2": 1}
        refused = lab.play("playbooks/drain.yml", "-i", str(inventory), "-e", "drain=web2", *ACTIVE)
        assert {line for line in refused.messages.splitlines() if "is all that serves" in line} == {
            f"{host}: web2 is all that serves web (tcp {VIP}:80): put another real server back first"
            for host in ("director1", "router1")
        }
        assert lab.play("playbooks/restore.yml", "-i", str(inventory), "-e", "restore=web1").code == 0
    finally:
        have([])


@whole
def test_a_check_says_what_would_be_done_and_does_nothing(lab):
    predicted = lab.play("playbooks/drain.yml", "-e", "drain=web1", "--check")
    assert predicted.code == 0, predicted.messages
    assert [change.task for change in predicted.changes] == [
        "Send no new connections there",
        "Wait until no connections are left",
    ]
    assert weights(lab) == {"web1": 1, "web2": 1}


@whole
@pytest.mark.parametrize("how", ["site.yml", "reboot"])
def test_the_declared_weight_comes_back(lab, cluster, how):
    """And not before: a change of the network has the director's part done again."""
    assert lab.play("playbooks/drain.yml", "-e", "drain=web1", *ACTIVE).code == 0
    lab["director1"].check_output("systemctl reload lvs-director")
    assert weights(lab) == {"web1": 0, "web2": 1}
    if how == "reboot":
        lab.reboot("director1")
    else:
        assert {item.name for item in cluster.site("nat").items} == {f"tcp {VIP}:80 > {RIPS['web1']}:80"}
    assert weights(lab) == {"web1": 1, "web2": 1}
