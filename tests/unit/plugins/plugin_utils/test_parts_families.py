# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each part wants of a host for IPv6 services and for services of a firewall mark."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import parse_address
from ansible_collections.lvs.cluster.plugins.plugin_utils import parts, passes
from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.table import services
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.inventory_data import (
    ADDRESSES6,
    GROUPS,
    HOSTVARS,
    MARKED,
    SIX,
    WEB,
)

BOTH = {host: {**HOSTVARS[host], **ADDRESSES6.get(host, {})} for host in HOSTVARS}
# Real servers that IPv6 reaches through a tunnel over IPv4 only.
FOUR = {**BOTH, "web1": HOSTVARS["web1"], "web2": HOSTVARS["web2"]}
DIP, DIP6 = BOTH["director1"]["lvs_dip"], BOTH["director1"]["lvs_dip6"]
VIP6 = SIX["vip"]


def table(service, mode="nat", hostvars=BOTH):
    return services([service], GROUPS, hostvars, mode)


def director(service, mode="nat"):
    return parts.director(table(service, mode), "front", {}, DIP, snat_address6=DIP6)


def realserver(service, mode="nat", hostvars=BOTH, arp="sysctl"):
    return parts.realserver(table(service, mode, hostvars), "web1", DIP, arp, DIP6)


def accepts(service, host, mode="nat", hostvars=BOTH):
    return passes.accepts(table(service, mode, hostvars), GROUPS, hostvars, host)


def test_a_director_routes_the_family_that_it_translates():
    assert director(SIX)["address"] == {f"{VIP6}/128 dev front": "present"}
    assert director(SIX)["sysctl"] == {"net.ipv6.conf.all.forwarding": "1"}
    assert "net.ipv6.conf.all.forwarding" not in director(WEB)["sysctl"]
    assert director(SIX, "dr")["sysctl"] == {}
    assert sorted(director(SIX)["ipvs"]) == [
        "tcp [fd00:a::129]:80",
        "tcp [fd00:a::129]:80 > [fd00:b::137]:80",
        "tcp [fd00:a::129]:80 > [fd00:b::148]:80",
    ]


def test_full_nat_of_ipv6_has_the_address_of_that_family():
    wants = director(SIX, "fullnat")
    assert wants["chain"] == {
        "ip6tables nat LVS-DIRECTOR": "-m ipvs --vproto 6 --vaddr fd00:a::129 --vport 80 --vmethod MASQ -j SNAT --to-source fd00:b::152"
    }
    assert wants["jump"] == {"ip6tables nat POSTROUTING LVS-DIRECTOR": "ahead"}
    assert wants["sysctl"]["net.ipv4.vs.conntrack"] == "1"


def test_full_nat_of_a_mark_is_one_rule_for_each_vip_and_port():
    rules = director({**MARKED, "vip": ["10.0.0.129", "10.0.0.130"]}, "fullnat")["chain"][
        "iptables nat LVS-DIRECTOR"
    ].splitlines()
    assert rules == [
        f"-m ipvs --vproto 6 --vaddr 10.0.0.{host} --vport {port} --vmethod MASQ -j SNAT --to-source {DIP}"
        for host in (129, 130)
        for port in (80, 443)
    ]


def test_full_nat_of_every_port_names_none():
    rule = director({**WEB, "port": 0, "persistence_timeout": 60}, "fullnat")["chain"]["iptables nat LVS-DIRECTOR"]
    assert rule == f"-m ipvs --vproto 6 --vaddr 10.0.0.129 --vmethod MASQ -j SNAT --to-source {DIP}"


def test_marks_are_set_before_routing():
    wants = director({**MARKED, "fwmark": 10, "protocol": "udp"})
    assert wants["chain"] == {
        "iptables mangle LVS-DIRECTOR": "-d 10.0.0.129/32 -p udp -m multiport --dports 80,443 -j MARK --set-xmark 0xa/0xffffffff"
    }
    assert wants["jump"] == {"iptables mangle PREROUTING LVS-DIRECTOR": "ahead"}
    assert sorted(wants["ipvs"])[0] == "fwmark 10 ipv4"


def test_marks_of_ipv6_are_set_by_its_own_tool():
    wants = director({**MARKED, "vip": VIP6})
    assert wants["chain"] == {
        "ip6tables mangle LVS-DIRECTOR": "-d fd00:a::129/128 -p tcp -m multiport --dports 80,443 -j MARK --set-xmark 0x1/0xffffffff"
    }
    assert sorted(wants["ipvs"])[0] == "fwmark 1 ipv6"


def test_many_ports_are_several_rules():
    rules = director({**MARKED, "ports": list(range(1, 18))})["chain"]["iptables mangle LVS-DIRECTOR"].splitlines()
    assert [rule.split()[7] for rule in rules] == [",".join(map(str, range(1, 16))), "16,17"]


def test_nat_answers_of_ipv6_take_the_director():
    wants = realserver(SIX)
    assert wants == {
        "rule": {
            "4241 from fd00:b::148 lookup main suppress_prefixlength 0": "present",
            "4242 from fd00:b::148 lookup 4242": "present",
        },
        "route": {"::/0 table 4242": "via fd00:b::152", "::/0 metric 4242": "via fd00:b::152"},
    }


def test_direct_routing_of_ipv6_needs_the_vip_alone():
    assert realserver(SIX, "dr", arp="arptables") == {"address": {f"{VIP6}/128 dev lo": "present"}}


def clamp(limit):
    return f"-s {VIP6}/128 -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss {limit}"


GUE = {"tunnel_type": "gue", "tunnel_port": 6080}
TUNNELS = [
    # tunnel, real servers, modules, device, decapsulator, largest segment
    ({}, BOTH, {"ip6_tunnel"}, "ip6tnl0", None, 1400),
    ({}, FOUR, {"sit"}, "sit0", None, 1420),
    (GUE, BOTH, {"ip6_tunnel", "fou"}, "ip6tnl0", "6080 -6", 1388),
    (GUE, FOUR, {"sit", "fou"}, "sit0", "6080", 1408),
    ({**GUE, "tunnel_checksum": "remcsum"}, FOUR, {"sit", "fou"}, "sit0", "6080", 1400),
    ({"tunnel_type": "gre"}, BOTH, {"ip6_gre"}, "ip6gre0", None, 1396),
    ({"tunnel_type": "gre"}, FOUR, {"ip_gre"}, "gre0", None, 1416),
]


@pytest.mark.parametrize(("tunnel", "hostvars", "modules", "device", "decapsulator", "limit"), TUNNELS)
def test_tunnels_of_ipv6_end_where_the_kernel_unwraps_them(tunnel, hostvars, modules, device, decapsulator, limit):
    wants = realserver({**SIX, **tunnel}, "tun", hostvars, arp="arptables")
    assert wants.pop("decapsulator", None) == ({decapsulator: "gue"} if decapsulator else None)
    assert wants == {
        "module": dict.fromkeys(modules, "loaded"),
        "link": {device: "up"},
        "address": {f"{VIP6}/128 dev {device}": "present"},
        "chain": {"ip6tables mangle LVS-REALSERVER": clamp(limit)},
        "jump": {"ip6tables mangle POSTROUTING LVS-REALSERVER": "ahead"},
    }


def test_both_families_live_side_by_side():
    both = services([WEB, SIX], GROUPS, BOTH, "nat")
    assert parts.realserver(both, "web1", DIP, "sysctl", DIP6)["route"] == {
        "default table 4242": f"via {DIP}",
        "default metric 4242": f"via {DIP}",
        "::/0 table 4242": f"via {DIP6}",
        "::/0 metric 4242": f"via {DIP6}",
    }
    assert sorted(parts.director(both, "front", {})["sysctl"])[-1] == "net/ipv4/conf/default/send_redirects"
    assert parts.director(both, "front", {})["sysctl"]["net.ipv6.conf.all.forwarding"] == "1"


def test_a_gateway_may_route_both_families():
    wants = parts.gateway("192.168.239.0/24", "front", network6="fd00:b::/64")
    assert wants["chain"] == {
        "iptables nat LVS-GATEWAY": "-s 192.168.239.0/24 ! -d 192.168.239.0/24 -o front -j MASQUERADE",
        "ip6tables nat LVS-GATEWAY": "-s fd00:b::/64 ! -d fd00:b::/64 -o front -j MASQUERADE",
    }
    assert wants["sysctl"]["net.ipv6.conf.all.forwarding"] == "1"
    assert "net.ipv6.conf.all.forwarding" not in parts.gateway("192.168.239.0/24")["sysctl"]


def test_ipv6_is_let_through_to_whom_it_is_meant_for():
    assert accepts(SIX, "director1") == [{"destination": VIP6, "protocol": "tcp", "port": 80, "untracked": True}]
    assert accepts(SIX, "web1") == [{"destination": "fd00:b::148", "protocol": "tcp", "port": 80}]
    checked = {"source": DIP6, "destination": "fd00:b::148", "protocol": "tcp", "port": 80}
    assert accepts(SIX, "web1", "fullnat") == [checked]
    assert accepts(SIX, "web1", "dr") == [checked, {"destination": VIP6, "protocol": "tcp", "port": 80}]


def test_tunnels_are_let_through_from_the_directors_addresses_of_their_family():
    hostvars = {**BOTH, "director1": {**BOTH["director1"], "lvs_addresses": ["10.0.0.128", "fd00:a::128"]}}
    over6 = [one for one in accepts(SIX, "web1", "tun", hostvars) if one["protocol"] != "tcp"]
    assert over6 == [{"source": DIP6, "protocol": "41"}, {"source": "fd00:a::128", "protocol": "41"}]
    four = {**hostvars, "web1": HOSTVARS["web1"]}
    over4 = [one for one in accepts(SIX, "web1", "tun", four) if one["protocol"] != "tcp"]
    assert over4 == [{"source": DIP, "protocol": "41"}, {"source": "10.0.0.128", "protocol": "41"}]
    assert {"source": DIP, "protocol": "47"} in accepts({**SIX, "tunnel_type": "gre"}, "web1", "tun", four)
    assert {"source": DIP6, "protocol": "udp", "port": 6080} in accepts({**SIX, **GUE}, "web1", "tun", hostvars)


def test_answers_pass_a_director():
    assert passes.forwards(table(SIX), GROUPS, "director1", "192.168.239.0/24", "fd00:b::/64") == [
        {"source": "fd00:b::137", "protocol": "tcp", "source_port": 80, "untracked": True},
        {"source": "fd00:b::148", "protocol": "tcp", "source_port": 80, "untracked": True},
        {"source": "192.168.239.0/24"},
        {"source": "fd00:b::/64"},
    ]
    # A mark keeps the ports that clients asked for, and every port has none.
    assert [one["source_port"] for one in passes.forwards(table(MARKED), {**GROUPS, "gateways": []}, "director1")] == [
        80,
        443,
    ] * 2
    every = table({**WEB, "port": 0, "persistence_timeout": 60})
    assert {"source": "192.168.239.148", "protocol": "tcp", "untracked": True} in passes.forwards(every, GROUPS, "director1")


@pytest.mark.parametrize("mode", ["nat", "dr", "tun", "fullnat"])
@pytest.mark.parametrize("service", [SIX, {**MARKED, "vip": VIP6}])
def test_no_rule_mixes_families(mode, service):
    """Each rule of IPv6 has no IPv4 address in it, and the other way round, whatever stands beside it."""
    made = services([{**WEB, "port": 8080}, {**service, "name": "six"}], GROUPS, BOTH, mode)
    wanted = [parts.director(made, "front", {}, DIP, snat_address6=DIP6), parts.realserver(made, "web1", DIP, "sysctl", DIP6)]
    for host in ("director1", "web1"):
        taken, passed = (
            passes.accepts(made, GROUPS, BOTH, host),
            passes.forwards(made, GROUPS, host, "192.168.239.0/24", "fd00:b::/64"),
        )
        wanted.append(parts.firewall(taken, passed, 22, True))
    chains = [(name, rules) for wants in wanted for name, rules in wants.get("chain", {}).items()]
    assert any(name.startswith("ip6tables") for name, _rules in chains)
    for name, rules in chains:
        for word in rules.split():
            assert family_of(word) in ("", "ipv6" if name.startswith("ip6tables") else "ipv4"), (name, word)


def family_of(word):
    try:
        return parse_address(word.split("/")[0])[0]
    except ValueError:
        return ""
