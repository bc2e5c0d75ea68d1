# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first half of the how-to of NAT, DR and the proxy: direct routing."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from documents import EveryDocument, answers_through, get, table
from inventory_lab import ROOT

INVENTORY = "direct_routing"
VIP = "172.16.0.99"


class TestDocument(EveryDocument):
    pass


def test_the_table_is_what_the_how_to_types(cluster):
    assert table(cluster, "director1") == [
        ["TCP", f"{VIP}:80", "wrr"],
        ["172.16.0.20:80", "Route", "1"],
        ["172.16.0.30:80", "Route", "1"],
    ]


def test_of_twenty_requests_each_real_server_gets_half(cluster):
    assert Counter(get(cluster, "client1", f"http://{VIP}/test.html", 20)) == {"rs1": 10, "rs2": 10}


def test_answers_do_not_pass_the_director(cluster):
    assert answers_through(cluster, "director1", "client1", VIP) == 0


def test_the_vip_is_on_the_directors_card_and_on_the_real_servers_loopback(cluster):
    for host, card in (("director1", "ens33"), ("rs1", "lo"), ("rs2", "lo")):
        assert f" {VIP}/32 " in cluster.say(host, f"ip -o -4 address show dev {card}")
    for host in ("rs1", "rs2"):
        assert f"local {VIP} dev lo" in cluster.say(host, f"ip -4 route show table local {VIP}")


@pytest.mark.parametrize(("setting", "value"), [("arp_ignore", "1"), ("arp_announce", "2")])
def test_real_servers_keep_silent_by_the_settings_of_the_how_to(cluster, setting, value):
    for host in ("rs1", "rs2"):
        settings = cluster.say(host, f"cd /proc/sys/net/ipv4/conf; cat all/{setting} ens33/{setting}")
        assert settings.split() == [value, value]


def test_only_the_director_answers_who_has_the_vip(cluster):
    question = (ROOT / "tests" / "support" / "arp_question.py").read_text(encoding="utf-8")
    answers = cluster.say("client1", f"python3 - ens33 {VIP}", question).split()
    assert answers == [cluster.say("director1", "cat /sys/class/net/ens33/address").strip()]


def test_mapping_a_port_is_refused(cluster):
    """不支持端口映射."""
    services = [{"name": "web", "vip": VIP, "port": 80, "real_port": 8080}]
    done = cluster.playbook(
        "site.yml", "--extra-vars", json.dumps({"lvs_services": services}), ANSIBLE_STDOUT_CALLBACK="ansible.posix.json"
    )
    assert done.returncode != 0
    assert "mode dr cannot rewrite ports" in done.stdout


@pytest.mark.parametrize("host", ["rs1", "rs2", "client1"])
def test_clocks_are_in_step(cluster, host):
    cluster.until(lambda: "^* 172.16.0.10 " in cluster.say(host, "chronyc -n sources"), 120)
