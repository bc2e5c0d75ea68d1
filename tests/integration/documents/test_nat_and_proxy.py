# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first half of the how-to of NAT, DR and the proxy: NAT with weights. And its second half: nginx before virtual hosts."""

from __future__ import annotations

from collections import Counter

import pytest
from documents import EveryDocument, get, table

INVENTORY = "nat_and_proxy"
NAMES = ("www.myserver.com", "bbs.myserver.com")


class TestDocument(EveryDocument):
    pass


def test_the_table_is_what_the_how_to_types(cluster):
    assert table(cluster, "director1") == [
        ["TCP", "172.16.0.10:80", "wrr"],
        ["192.168.10.11:80", "Masq", "2"],
        ["192.168.10.12:80", "Masq", "3"],
    ]


def test_of_twenty_requests_each_real_server_gets_its_weights_share(cluster):
    assert Counter(get(cluster, "client1", "http://172.16.0.10/test.html", 20)) == {"rs1": 8, "rs2": 12}


def test_the_director_forwards_and_is_the_real_servers_gateway(cluster):
    assert cluster.say("director1", "cat /proc/sys/net/ipv4/ip_forward").strip() == "1"
    for host in ("rs1", "rs2"):
        assert cluster.say(host, "ip route show default").split()[:3] == ["default", "via", "192.168.10.1"]


@pytest.mark.parametrize(("host", "source"), [("rs1", "192.168.10.1"), ("rs2", "192.168.10.1"), ("client1", "172.16.0.10")])
def test_clocks_are_in_step(cluster, host, source):
    cluster.until(lambda: f"^* {source} " in cluster.say(host, "chronyc -n sources"), 120)


def test_one_web_host_is_nginx_and_the_other_apache(cluster):
    assert cluster.say("rs1", "systemctl is-active nginx").strip() == "active"
    assert cluster.say("rs2", "systemctl is-active apache2").strip() == "active"
    assert cluster.run("rs2", "systemctl is-active nginx").returncode != 0


@pytest.mark.parametrize("name", NAMES)
def test_the_proxy_asks_the_virtual_host_of_that_name_by_weight(cluster, name):
    seen = Counter(get(cluster, "client1", f"http://{name}/", 9))
    assert seen == {f"{name} on rs1": 6, f"{name} on rs2": 3}


def test_the_backup_answers_while_nobody_else_does(cluster):
    cluster.say("rs1", "systemctl stop nginx")
    cluster.say("rs2", "systemctl stop apache2")
    try:
        assert get(cluster, "client1", "http://www.myserver.com/") == ["Sorry"]
    finally:
        cluster.say("rs1", "systemctl start nginx")
        cluster.say("rs2", "systemctl start apache2")
    cluster.until(lambda: len(set(get(cluster, "client1", "http://www.myserver.com/", 3))) == 2)


def test_logs_of_the_web_hosts_name_the_client(cluster):
    get(cluster, "client1", "http://www.myserver.com/?whoami", 9)
    for host, log in (("rs1", "/var/log/nginx/access.log"), ("rs2", "/var/log/apache2/lvs-sites.log")):
        lines = cluster.say(host, f"grep whoami {log}").splitlines()
        assert {line.split()[0] for line in lines} == {"172.16.0.201"}
