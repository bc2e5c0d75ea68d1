# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leaves the inventory leaves the hosts, and what others made there stays."""

from __future__ import annotations

import json

import pytest
from whole_cluster import HOSTS, VIP, representative, whole

FOREIGN = {
    "director1": [
        "ipvsadm -A -t 10.0.0.77:99 -s rr",
        "ipvsadm -a -t 10.0.0.77:99 -r 192.168.239.148:99 -m -w 7",
        "ip address add 10.0.0.77/32 dev front",
        "iptables -A INPUT -s 203.0.113.9 -j DROP",
        "iptables -t nat -A POSTROUTING -s 203.0.113.9 -j ACCEPT",
    ],
    "web1": [
        "ip address add 10.0.0.78/32 dev lo",
        "ip route add 203.0.113.0/24 via 192.168.239.1",
        "ip rule add priority 999 from 203.0.113.9 lookup main",
    ],
}
FOREIGN_TABLE = ["-A -t 10.0.0.77:99 -s rr", "-a -t 10.0.0.77:99 -r 192.168.239.148:99 -m -w 7"]
SETTINGS = "/proc/sys/net/ipv4/conf/back/send_redirects /proc/sys/net/ipv4/ip_forward"


@pytest.fixture(scope="module", autouse=True)
def foreign(lab) -> None:
    for host, commands in FOREIGN.items():
        lab[host].check_output(" && ".join(commands))


def foreign_stays(lab) -> None:
    director, server = lab["director1"], lab["web1"]
    table = director.check_output("ipvsadm -Sn").splitlines()
    assert [line.strip() for line in table if "10.0.0.77" in line] == FOREIGN_TABLE
    assert "10.0.0.77/32" in director.check_output("ip -4 address show dev front")
    rules = director.check_output("iptables-save")
    assert "-A INPUT -s 203.0.113.9/32 -j DROP" in rules
    assert "-A POSTROUTING -s 203.0.113.9/32 -j ACCEPT" in rules
    assert "10.0.0.78/32" in server.check_output("ip address show dev lo")
    assert "203.0.113.0/24 via 192.168.239.1" in server.check_output("ip route show")
    assert "999:" in server.check_output("ip rule show")


def services(*ports: int, group: str = "near_real_servers") -> tuple[str, str]:
    listed = [
        {"name": f"web{port}", "vip": VIP, "port": port, "scheduler": "rr", "real_port": 80, "real_servers": group}
        for port in ports
    ]
    return "-e", json.dumps({"lvs_services": listed})


@whole
def test_a_service_that_leaves_the_inventory_leaves_the_director(lab, cluster):
    cluster.mode = ""
    assert lab.play("site.yml", *services(80, 81)).code == 0
    assert "web" in lab.get("client1", f"http://{VIP}:81")
    assert lab.play("site.yml", *services(80)).code == 0
    assert ":81 " not in lab["director1"].check_output("ipvsadm -Sn")
    assert lab["client1"].run(f"curl --silent --max-time 3 http://{VIP}:81").rc != 0
    assert "web" in lab.get("client1", f"http://{VIP}")
    foreign_stays(lab)


def test_a_real_server_that_retires_leaves_the_cluster(lab, cluster, tmp_path):
    """It is still a host of the inventory, in the group `retired`, and no service names it any more."""
    inventory = tmp_path / "retired.yml"
    inventory.write_text(
        "all: {children: {retired: {hosts: {web2: }}, few: {hosts: {web1: }}, real_servers: {children: {few: }}}}"
    )
    cluster.be("nat")
    assert "realserver.json" in lab["web2"].check_output("ls /etc/lvs-cluster")
    cluster.mode = ""
    left = lab.play("site.yml", "-i", str(inventory), *services(80, group="few"))
    assert left.code == 0, left.messages
    assert set(cluster.answers(6)) == {"web1"}
    nothing_is_left(lab, "web2")
    foreign_stays(lab)


@representative
def test_a_cluster_that_is_taken_down_leaves_nothing(lab, cluster):
    cluster.mode = ""
    gone = lab.play("site.yml", "-e", "lvs_state=absent")
    assert gone.code == 0, gone.messages
    for host in HOSTS:
        nothing_is_left(lab, host)
    foreign_stays(lab)


@whole
def test_a_cluster_that_is_taken_down_leaves_hosts_as_they_were(lab, cluster):
    """Through two modes, so that all that any of them makes has to go; with settings of the host's own that have to come back."""
    down = ("-e", "lvs_state=absent")
    assert lab.play("site.yml", *down).code == 0
    lab["director1"].check_output("sysctl -qw net.ipv4.conf.back.send_redirects=1 net.ipv4.ip_forward=0")
    assert cluster.site("nat").code == 0
    assert lab["director1"].check_output(f"cat {SETTINGS}").split() == ["0", "1"]
    assert cluster.site("tun").code == 0
    cluster.mode = ""
    gone = lab.play("site.yml", *down)
    assert gone.code == 0, gone.messages
    for host in HOSTS:
        nothing_is_left(lab, host)
    assert lab["director1"].check_output(f"cat {SETTINGS}").split() == ["1", "0"]
    foreign_stays(lab)
    assert lab.play("site.yml", *down).changes == []
    cluster.be("nat")
    assert cluster.serves("nat")


def nothing_is_left(lab, host: str) -> None:
    ours = "/etc/lvs-cluster /etc/sysctl.d/60-lvs-* /etc/systemd/system/lvs-* /usr/local/lib/lvs-cluster /usr/local/sbin/lvs-host"
    assert lab[host].run(f"ls -d {ours}").stdout == ""
    assert "LVS" not in lab[host].check_output("iptables-save; ip6tables-save")
    assert VIP not in lab[host].check_output("ip address show; ip route show table all")
    assert "4242" not in lab[host].check_output("ip rule show; ip route show table all")
    assert lab[host].check_output("systemctl list-units --all --no-legend 'lvs-*'") == ""
