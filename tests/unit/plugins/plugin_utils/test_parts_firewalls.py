# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packet filter's part for hosts that have firewalld or nftables."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.module_utils.host.report import wanted
from ansible_collections.lvs.cluster.plugins.plugin_utils import parts

WEB = {"destination": "10.0.0.129", "protocol": "tcp", "port": 80}
REPLY = {"source": "192.168.239.148/32", "protocol": "tcp", "source_port": 80}
# What is let through, by rich rule and by rule of nftables, each as its tool prints it.
RULES = [
    (WEB, 'family="ipv4" destination address="10.0.0.129" port port="80" protocol="tcp"', "ip daddr 10.0.0.129 tcp dport 80"),
    (
        REPLY,
        'family="ipv4" source address="192.168.239.148" source-port port="80" protocol="tcp"',
        "ip saddr 192.168.239.148 tcp sport 80",
    ),
    ({"source": "10.0.0.0/24"}, 'family="ipv4" source address="10.0.0.0/24"', "ip saddr 10.0.0.0/24"),
    ({"source": "10.0.0.9/24"}, 'family="ipv4" source address="10.0.0.0/24"', "ip saddr 10.0.0.0/24"),
    (
        {"source": "fd00:0::1", "destination": "fd00:0::/64", "protocol": "udp", "port": 53},
        'family="ipv6" source address="fd00::1" destination address="fd00::/64" port port="53" protocol="udp"',
        "ip6 saddr fd00::1 ip6 daddr fd00::/64 udp dport 53",
    ),
    (
        {"source": "10.0.0.1", "protocol": "4"},
        'family="ipv4" source address="10.0.0.1" protocol value="4"',
        "ip saddr 10.0.0.1 meta l4proto 4",
    ),
    # All ports; a name would need a list of protocols on the host.
    (
        {"destination": "10.0.0.129", "protocol": "tcp"},
        'family="ipv4" destination address="10.0.0.129" protocol value="6"',
        "ip daddr 10.0.0.129 meta l4proto 6",
    ),
    # No address: for IPv4, as with iptables.
    ({"protocol": "tcp", "port": 8080}, 'family="ipv4" port port="8080" protocol="tcp"', "meta nfproto ipv4 tcp dport 8080"),
    ({"protocol": "47"}, 'family="ipv4" protocol value="47"', "meta nfproto ipv4 meta l4proto 47"),
]
ONLY_NFTABLES = [
    (
        {"source": "10.0.0.1", "interface": "back", "fwmark": 2},
        'ip saddr 10.0.0.1 iifname "back" meta mark 0x00000002',
    ),
    ({"protocol": "udp", "port": 2, "source_port": 1}, "meta nfproto ipv4 udp sport 1 udp dport 2"),
]


@pytest.mark.parametrize(("accept", "rich", "nft"), RULES)
def test_rules_stand_as_each_tool_prints_them(accept, rich, nft):
    wants = parts.firewall([accept], [accept], 22, True, "firewalld")
    for policy in ("lvs-in", "lvs-forward"):
        assert wants["policy"][policy].split("\n")[-1] == f"rule {rich} accept"
    wants = parts.firewall([accept], [accept], 22, True, "nftables")
    for hook in ("input", "forward"):
        assert wants["nft_chain"][f"inet lvs_cluster {hook}"].split("\n")[-2] == f"{nft} accept"
        assert wants["nft_pass"][hook].split("\n")[-1] == f"{nft} accept"


@pytest.mark.parametrize(("accept", "nft"), ONLY_NFTABLES)
def test_what_firewalld_cannot_say_is_refused(accept, nft):
    wants = parts.firewall([accept], [], 22, False, "nftables")
    assert wants["nft_chain"]["inet lvs_cluster input"].split("\n")[-2] == f"{nft} accept"
    with pytest.raises(AnsibleFilterError, match="a rule of firewalld tells neither cards nor marks apart, and has one port"):
        parts.firewall([accept], [], 22, False, "firewalld")


def test_firewalld_is_told_what_to_let_through_and_nothing_else():
    wants = parts.firewall([WEB], [REPLY], 2222, True, "firewalld")
    assert wants == {
        "policy": {
            "lvs-in": "\n".join(
                [
                    "from ANY to HOST",
                    'rule port port="2222" protocol="tcp" accept',
                    'rule protocol value="1" accept',
                    'rule protocol value="58" accept',
                    f"rule {RULES[0][1]} accept",
                ]
            ),
            "lvs-forward": f"from ANY to ANY\nrule {RULES[1][1]} accept",
        }
    }
    assert set(parts.firewall([WEB], [REPLY], 22, False, "firewalld")["policy"]) == {"lvs-in"}


def test_what_ipvs_keeps_from_tracking_is_kept_from_it_before_firewalld_drops_it_for_invalid():
    half, six = {**WEB, "untracked": True}, {"source": "fd00::1", "protocol": "udp", "source_port": 53, "untracked": True}
    wants = parts.firewall([half, REPLY], [six], 22, True, "firewalld")
    assert wants["chain"] == {
        "iptables raw LVS-UNTRACKED": "-d 10.0.0.129/32 -p tcp -m tcp --dport 80 -j CT --notrack",
        "ip6tables raw LVS-UNTRACKED": "-s fd00::1/128 -p udp -m udp --sport 53 -j CT --notrack",
    }
    assert wants["jump"] == {f"{tool} raw PREROUTING LVS-UNTRACKED": "ahead" for tool in ("iptables", "ip6tables")}
    # Let through all the same.
    assert f"rule {RULES[0][1]} accept" in wants["policy"]["lvs-in"]
    # Elsewhere our rules come before any that look at the state.
    assert parts.firewall([half], [six], 22, True, "nftables") == parts.firewall(
        [WEB], [{key: six[key] for key in six if key != "untracked"}], 22, True, "nftables"
    )


def test_addresses_have_one_form():
    chain = parts.firewall([{"source": "fd00:0::1", "destination": "fd00:0::/64"}], [], 22, False)["chain"][
        "ip6tables filter LVS-IN"
    ]
    assert chain.split("\n")[-2] == "-s fd00::1/128 -d fd00::/64 -j ACCEPT"


def test_nftables_lets_ssh_in_first_and_refuses_last():
    wants = parts.firewall([WEB], [REPLY], 2222, True, "nftables")
    known, refuse = "ct state established,related accept", "reject with icmpx admin-prohibited"
    passes = {
        "input": [
            'iifname "lo" accept',
            "tcp dport 2222 accept",
            known,
            "meta l4proto 1 accept",
            "meta l4proto 58 accept",
            "ip daddr 10.0.0.129 tcp dport 80 accept",
        ],
        "forward": [known, "ip saddr 192.168.239.148 tcp sport 80 accept"],
    }
    assert wants == {
        "nft_chain": {
            f"inet lvs_cluster {hook}": "\n".join([f"type filter hook {hook} priority filter; policy accept;", *rules, refuse])
            for hook, rules in passes.items()
        },
        # The host's own chains refuse by themselves.
        "nft_pass": {hook: "\n".join(rules) for hook, rules in passes.items()},
    }
    for items in parts.firewall([WEB], [REPLY], 22, False, "nftables").values():
        assert not any("forward" in name for name in items)


@pytest.mark.parametrize("backend", ["iptables", "firewalld", "nftables"])
@pytest.mark.parametrize("routes", [False, True])
def test_the_module_takes_what_is_wanted(backend, routes):
    wants = parts.firewall([WEB], [REPLY], 22, routes, backend)
    assert wanted(wants) == wants


def test_iptables_is_what_there_was():
    assert parts.firewall([WEB], [REPLY], 22, True) == parts.firewall([WEB], [REPLY], 22, True, "iptables")


@pytest.mark.parametrize("backend", ["none", "auto", "ufw"])
def test_there_is_no_other(backend):
    with pytest.raises(AnsibleFilterError, match=f"'{backend}' is no packet filter: use one of iptables, firewalld, nftables"):
        parts.firewall([], [], 22, False, backend)
