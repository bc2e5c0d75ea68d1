# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The how-to of tunnels: its three servers, and the chain from its introduction, proxies between the VIP and the web hosts."""

from __future__ import annotations

from collections import Counter

import pytest
from documents import EveryDocument, answers_through, get, table
from inventory_lab import ROOT

INVENTORY = "tunnel_proxies"
VIP = "172.25.3.100"
PROXIES = {"server2": "172.25.3.2", "server3": "172.25.3.3"}


class TestDocument(EveryDocument):
    pass


def test_the_table_is_what_the_how_to_types(cluster):
    assert table(cluster, "server1") == [
        ["TCP", f"{VIP}:80", "rr"],
        ["172.25.3.2:80", "Tunnel", "1"],
        ["172.25.3.3:80", "Tunnel", "1"],
    ]


def test_each_proxy_gets_half_and_both_web_hosts_answer(cluster):
    before = {host: requests(cluster, host) for host in PROXIES}
    seen = Counter(get(cluster, "client1", f"http://{VIP}", 8))
    assert {host: requests(cluster, host) - before[host] for host in PROXIES} == {"server2": 4, "server3": 4}
    assert seen == {"app1": 4, "app2": 4}


def requests(cluster, proxy: str) -> int:
    return int(cluster.say(proxy, "grep -c 'GET / ' /var/log/nginx/lvs-proxy.log || true"))


def test_answers_do_not_pass_the_director(cluster):
    assert answers_through(cluster, "server1", "client1", VIP) == 0


@pytest.mark.parametrize("host", PROXIES)
def test_the_vip_is_on_the_tunnel_device(cluster, host):
    assert f" {VIP}/32 " in cluster.say(host, "ip -o -4 address show dev tunl0")
    assert ",UP" in cluster.say(host, "ip -o link show dev tunl0")


@pytest.mark.parametrize("host", PROXIES)
def test_arptables_have_the_rules_of_the_how_to(cluster, host):
    rules = [line.strip() for line in cluster.say(host, "arptables-save").splitlines()]
    assert f"-A LVS-ARP-IN -j DROP -d {VIP}" in rules
    [mangle] = [rule for rule in rules if rule.startswith("-A LVS-ARP-OUT ")]
    assert mangle.split()[2:] == ["-j", "mangle", "-s", VIP, "--mangle-ip-s", PROXIES[host]]
    # Nothing else hides it.
    assert cluster.say(host, "cd /proc/sys/net/ipv4/conf; cat all/arp_ignore eth0/arp_ignore").split() == ["0", "0"]


def test_only_the_director_answers_who_has_the_vip(cluster):
    question = (ROOT / "tests" / "support" / "arp_question.py").read_text(encoding="utf-8")
    answers = cluster.say("client1", f"python3 - eth0 {VIP}", question).split()
    assert answers == [cluster.say("server1", "cat /sys/class/net/eth0/address").strip()]


def test_web_hosts_are_told_who_the_client_is(cluster):
    get(cluster, "client1", f"http://{VIP}/?whoami", 4)
    for host in ("app1", "app2"):
        lines = cluster.say(host, "grep whoami /var/log/nginx/access.log").splitlines()
        assert {line.split()[0] for line in lines} == {"172.25.3.250"}


def test_nobody_but_the_proxies_reaches_the_web_hosts(cluster):
    connect = "timeout 5 bash -c 'exec 3<>/dev/tcp/172.25.3.11/80'"
    assert cluster.run("client1", connect).returncode != 0
    assert cluster.run("server2", connect).returncode == 0


def test_a_web_host_that_dies_is_not_missed(cluster):
    cluster.say("app1", "systemctl stop nginx")
    try:
        assert get(cluster, "client1", f"http://{VIP}", 8) == ["app2"] * 8
    finally:
        cluster.say("app1", "systemctl start nginx")
    cluster.until(lambda: "app1" in get(cluster, "client1", f"http://{VIP}", 4))
