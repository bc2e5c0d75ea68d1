# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The how-to of NAT on three hosts."""

from __future__ import annotations

from documents import Capture, EveryDocument, get, table

INVENTORY = "nat_three_hosts"
VIP = "192.168.47.128"


class TestDocument(EveryDocument):
    pass


def test_the_table_is_that_of_the_how_tos_script(cluster):
    assert table(cluster, "hao-01") == [
        ["TCP", f"{VIP}:80", "rr"],
        ["192.168.211.129:80", "Masq", "1"],
        ["192.168.211.130:80", "Masq", "1"],
    ]


def test_real_servers_take_turns(cluster):
    seen = get(cluster, "windows", f"http://{VIP}", 6)
    assert seen in (["hao2", "hao3"] * 3, ["hao3", "hao2"] * 3)


def test_the_director_itself_may_ask(cluster):
    """As the how-to does it. With NAT that works; with DR and tunnels nobody would answer."""
    assert sorted(get(cluster, "hao-01", f"http://{VIP}", 2)) == ["hao2", "hao3"]


def test_each_real_server_says_who_it_is(cluster):
    for host, page in (("hao-02", "hao2"), ("hao-03", "hao3")):
        assert get(cluster, host, "http://localhost") == [page]


def test_the_settings_of_the_how_tos_script_hold(cluster):
    assert cluster.say("hao-01", "cat /proc/sys/net/ipv4/ip_forward").strip() == "1"
    settings = cluster.say("hao-01", "cd /proc/sys/net/ipv4/conf; cat {all,default,ens33,ens37}/send_redirects")
    assert settings.split() == ["0"] * 4


def test_the_desktop_reaches_the_directors_outer_card(cluster):
    cluster.say("windows", f"ping -q -c 1 -W 5 {VIP}")


def test_what_the_inner_network_sends_out_has_the_directors_address(cluster):
    """iptables -t nat -A POSTROUTING -s 192.168.211.0/24 -j MASQUERADE."""
    capture = Capture(cluster, "windows", "ens33", 1, "icmp[icmptype] == icmp-echo")
    cluster.say("hao-02", "ping -q -c 1 -W 5 192.168.47.1")
    [question] = capture.lines()
    assert f" {VIP} > 192.168.47.1: ICMP echo request" in question


def test_the_packet_filter_is_on_and_refuses_what_nobody_needs(cluster):
    """The how-to switches it off."""
    assert "-j LVS-IN" in cluster.say("hao-02", "iptables -S INPUT")
    assert cluster.run("hao-03", "timeout 5 bash -c 'exec 3<>/dev/tcp/192.168.211.129/9999'").returncode != 0
    # The director refuses, and says so: without a filter the answer would be that nobody listens.
    assert "REJECT" in cluster.say("hao-02", "iptables -S LVS-IN")
