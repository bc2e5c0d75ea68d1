# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leaves the inventory leaves the hosts, and what others made there stays."""

from __future__ import annotations

import json

import pytest
from whole_cluster import HOSTS, VIP

FOREIGN = {
    "director1": "ipvsadm -A -t 10.0.0.77:99 -s rr; ipvsadm -a -t 10.0.0.77:99 -r 192.168.239.148:99 -m -w 7; "
    "ip address add 10.0.0.77/32 dev front; iptables -A INPUT -s 203.0.113.9 -j DROP; iptables -t nat -A POSTROUTING -s 203.0.113.9 -j ACCEPT",
    "web1": "ip address add 10.0.0.78/32 dev lo; ip route add 203.0.113.0/24 via 192.168.239.1; ip rule add priority 999 from 203.0.113.9 lookup main",
}
FOREIGN_TABLE = ["-A -t 10.0.0.77:99 -s rr", "-a -t 10.0.0.77:99 -r 192.168.239.148:99 -m -w 7"]


@pytest.fixture(scope="module", autouse=True)
def foreign(lab) -> None:
    for host, commands in FOREIGN.items():
        lab[host].check_output(commands)


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


def test_a_service_that_leaves_the_inventory_leaves_the_director(lab):
    assert lab.play("site.yml", *services(80, 81)).code == 0
    assert "web" in lab.get("client1", f"http://{VIP}:81")
    assert lab.play("site.yml", *services(80)).code == 0
    assert ":81 " not in lab["director1"].check_output("ipvsadm -Sn")
    assert lab["client1"].run(f"curl --silent --max-time 3 http://{VIP}:81").rc != 0
    assert "web" in lab.get("client1", f"http://{VIP}")
    foreign_stays(lab)


def test_a_real_server_that_leaves_its_group_leaves_the_cluster(lab, cluster, tmp_path):
    """It is still a host of the inventory, in the group `retired`."""
    retired = tmp_path / "retired.yml"
    retired.write_text(
        "all:\n  children:\n    retired:\n      hosts:\n        web2:\n    few:\n      hosts:\n        web1:\n    real_servers:\n      children:\n        few:\n"
    )
    before = lab["web2"].check_output("ls /etc/lvs-cluster")
    assert "realserver.json" in before
    left = lab.play("site.yml", "-i", str(retired), *services(80, group="few"))
    assert left.code == 0, left.messages
    assert set(cluster.answers(6)) == {"web1"}
    assert lab["web2"].run("ls /etc/lvs-cluster/*").rc != 0
    assert "LVS" not in lab["web2"].check_output("iptables-save")
    assert "4242" not in lab["web2"].check_output("ip rule show; ip route show table all")
    foreign_stays(lab)
    assert lab.play("site.yml").code == 0
    assert cluster.serves("nat")


def test_a_cluster_that_is_taken_down_leaves_hosts_as_they_were(lab, cluster):
    lab["director1"].check_output("sysctl -qw net.ipv4.conf.back.send_redirects=1 net.ipv4.ip_forward=0")
    lab.play("site.yml", "-e", "lvs_state=absent")
    lab["director1"].check_output("sysctl -qw net.ipv4.conf.back.send_redirects=1 net.ipv4.ip_forward=0")
    assert cluster.site("tun").code == 0
    gone = lab.play("site.yml", "-e", "lvs_state=absent")
    assert gone.code == 0, gone.messages
    for host in HOSTS:
        assert lab[host].run(
            "find /etc /usr/local /var/lib -name '*lvs-*' -not -path '*/nginx/*' -newer /etc/hostname"
        ).stdout.split() == ["/var/lib/lvs-cluster"]
        assert "LVS" not in lab[host].check_output("iptables-save; ip6tables-save")
        assert VIP not in lab[host].check_output("ip address show; ip route show table all")
        assert lab[host].check_output("systemctl list-units --all --no-legend 'lvs-*'") == ""
    assert lab["director1"].check_output(
        "cat /proc/sys/net/ipv4/conf/back/send_redirects /proc/sys/net/ipv4/ip_forward"
    ).split() == ["1", "0"]
    foreign_stays(lab)
    assert lab.play("site.yml", "-e", "lvs_state=absent").changes == []
    assert lab.play("site.yml").code == 0
    assert cluster.serves("nat")
