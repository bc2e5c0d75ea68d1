# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each part wants of its host in each mode, for the lab's addresses."""

from __future__ import annotations

import copy
import inspect
import json

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.filter import (
    accepts,
    director_wants,
    firewall_wants,
    forwards,
    gateway_wants,
    realserver_wants,
)
from ansible_collections.lvs.cluster.plugins.module_utils.host.report import wanted
from ansible_collections.lvs.cluster.plugins.plugin_utils import parts, passes

VIP, DIP, REMOTE = "10.0.0.129", "192.168.239.152", "172.25.3.13"
RIPS = {"web1": "192.168.239.148", "web2": "192.168.239.137", "web3": REMOTE}
FORWARDS = {"nat": "masquerade", "dr": "direct", "tun": "tunnel", "fullnat": "masquerade"}
ROUTER = {
    "net.ipv4.ip_forward": "1",
    "net/ipv4/conf/all/send_redirects": "0",
    "net/ipv4/conf/default/send_redirects": "0",
    "net/ipv4/conf/*/send_redirects": "0",
}
FILTERS = [
    (director_wants, "director_wants", parts.director),
    (realserver_wants, "realserver_wants", parts.realserver),
    (gateway_wants, "gateway_wants", parts.gateway),
    (firewall_wants, "firewall_wants", parts.firewall),
    (accepts, "accepts", passes.accepts),
    (forwards, "forwards", passes.forwards),
]


def service(mode, hosts=("web1", "web2"), name="web", port=80, real_port=0, protocol="tcp", **more):
    """A service as the filter `services` makes it."""
    tunnel = {key: more.pop(key) for key in list(more) if key.startswith("tunnel_")}
    return {
        "name": name,
        "mode": mode,
        "protocol": protocol,
        "address": VIP,
        "vips": [VIP],
        "port": port,
        "scheduler": "rr",
        "real_servers": [
            {
                "host": host,
                "address": RIPS[host],
                "port": real_port or port,
                "weight": 1,
                "forward": FORWARDS[mode],
                **tunnel,
            }
            for host in hosts
        ],
        **more,
    }


def director(*services, settings=None, **options):
    return parts.director(services, "front", settings or {}, **options)


def realserver(*services, host="web1", **options):
    return parts.realserver(services, host, DIP, **options)


def rules(wants, chain):
    return wants["chain"][chain].split("\n")


class TestFilters:
    @pytest.mark.parametrize(("module", "name", "function"), FILTERS, ids=[case[1] for case in FILTERS])
    def test_filters_are_thin(self, module, name, function):
        assert module.FilterModule().filters() == {name: function}

    @pytest.mark.parametrize(("module", "name", "function"), FILTERS, ids=[case[1] for case in FILTERS])
    def test_options_are_the_parameters(self, module, name, function):
        documented = yaml.safe_load(module.DOCUMENTATION)
        options = {key: option for key, option in documented["options"].items() if key != "_input"}
        parameters = list(inspect.signature(function).parameters.values())[1:]
        assert documented["name"] == name
        assert documented["positional"].split(", ") == list(options) == [parameter.name for parameter in parameters]
        for parameter in parameters:
            option = options[parameter.name]
            assert option.get("required", False) is (parameter.default is inspect.Parameter.empty), parameter.name
            if not option.get("required"):
                default = parameter.default
                assert option["default"] == (list(default) if isinstance(default, tuple) else default), parameter.name

    @pytest.mark.parametrize(("module", "name", "function"), FILTERS, ids=[case[1] for case in FILTERS])
    def test_examples_and_results_are_documented(self, module, name, function):
        [task] = yaml.safe_load(module.EXAMPLES)
        assert f"lvs.cluster.{name}(" in str(task)
        assert yaml.safe_load(module.RETURN)["_value"]["sample"]

    def test_the_sample_of_the_packet_filter_is_what_its_example_makes(self):
        sample = yaml.safe_load(firewall_wants.RETURN)["_value"]["sample"]
        made = parts.firewall([{"destination": VIP, "protocol": "tcp", "port": 80}], [], 22, False)
        assert {kind: {name: made[kind][name] for name in items} for kind, items in sample.items()} == sample

    def test_the_sample_of_the_gateway_is_what_its_example_makes(self):
        sample = yaml.safe_load(gateway_wants.RETURN)["_value"]["sample"]
        made = parts.gateway("192.168.239.0/24", "front")
        assert {kind: {name: made[kind][name] for name in items} for kind, items in sample.items()} == sample


class TestDirector:
    ADDRESS = {f"{VIP}/32 dev front": "present"}  # noqa: RUF012

    @staticmethod
    def table(wants):
        return {name: {key: value for key, value in json.loads(text).items() if value} for name, text in wants["ipvs"].items()}

    @pytest.mark.parametrize("mode", sorted(FORWARDS))
    def test_vips_and_table(self, mode):
        wants = director(service(mode), snat_address=DIP)
        assert wants["address"] == self.ADDRESS
        assert wants["module"] == {"ip_vs": "loaded", "ip_vs_rr": "loaded"}
        real_server = {"forward": FORWARDS[mode], "weight": 1, "tunnel_type": "ipip", "tunnel_checksum": "none"}
        assert self.table(wants) == {
            f"tcp {VIP}:80": {"scheduler": "rr", "persistence_netmask": "255.255.255.255"},
            f"tcp {VIP}:80 > 192.168.239.148:80": real_server,
            f"tcp {VIP}:80 > 192.168.239.137:80": real_server,
        }

    @pytest.mark.parametrize(
        ("mode", "kinds"),
        [
            ("nat", {"module", "address", "ipvs", "sysctl"}),
            ("dr", {"module", "address", "ipvs", "sysctl", "route"}),
            ("tun", {"module", "address", "ipvs", "sysctl"}),
            ("fullnat", {"module", "address", "ipvs", "sysctl", "chain", "jump"}),
        ],
    )
    def test_nothing_else(self, mode, kinds):
        assert set(director(service(mode), snat_address=DIP)) == kinds

    def test_nat_routes_and_sends_no_redirects(self):
        assert director(service("nat"))["sysctl"] == ROUTER

    @pytest.mark.parametrize("mode", ["dr", "tun"])
    def test_dr_and_tun_do_not_route(self, mode):
        assert director(service(mode), settings={"conn_reuse_mode": 1})["sysctl"] == {"net.ipv4.vs.conn_reuse_mode": "1"}

    def test_dr_reaches_each_real_server_by_a_route_with_a_next_hop(self):
        wants = director(service("dr"), snat_address=DIP)
        assert wants["route"] == {rip: f"via {rip} onlink" for rip in (RIPS["web1"], RIPS["web2"])}

    def test_a_director_that_serves_itself_is_no_next_hop(self):
        wants = director(service("dr"), snat_address=RIPS["web1"])
        assert set(wants["route"]) == {RIPS["web2"]}

    def test_full_nat_is_tracked_and_given_the_own_address(self):
        wants = director(service("fullnat", real_port=8080), snat_address=DIP)
        assert wants["sysctl"] == {**ROUTER, "net.ipv4.vs.conntrack": "1"}
        assert rules(wants, "iptables nat LVS-DIRECTOR") == [
            f"-m ipvs --vproto 6 --vaddr {VIP} --vport 80 --vmethod MASQ -j SNAT --to-source {DIP}"
        ]
        assert wants["jump"] == {"iptables nat POSTROUTING LVS-DIRECTOR": "ahead"}

    @pytest.mark.parametrize(("protocol", "number"), [("tcp", 6), ("udp", 17), ("sctp", 132)])
    def test_full_nat_knows_each_protocol(self, protocol, number):
        [rule] = rules(director(service("fullnat", protocol=protocol), snat_address=DIP), "iptables nat LVS-DIRECTOR")
        assert f"--vproto {number} " in rule

    def test_full_nat_needs_tracking_whatever_the_settings_say(self):
        wants = director(service("fullnat"), settings={"conntrack": 0}, snat_address=DIP)
        assert wants["sysctl"]["net.ipv4.vs.conntrack"] == "1"

    def test_the_size_of_the_tracking_s_table_is_full_nat_s_alone(self):
        tracking = {"nf_conntrack_tcp_timeout_time_wait": 30}
        settings = {mode: director(service(mode), snat_address=DIP, tracking=tracking)["sysctl"] for mode in ("nat", "fullnat")}
        name = "net.netfilter.nf_conntrack_tcp_timeout_time_wait"
        assert (settings["fullnat"][name], name in settings["nat"]) == ("30", False)

    def test_cards_by_name(self):
        wants = director(service("nat"), card_settings=["eth0.5"])
        assert wants["sysctl"] == {**ROUTER, "net/ipv4/conf/eth0.5/send_redirects": "0"}

    def test_mixed_modes_want_all_that_each_wants_and_a_shared_vip_once(self):
        services = [service("nat"), service("dr", name="dns", port=53, protocol="udp"), service("fullnat", name="late", port=443)]
        services.append(service("tun", ["web3"], name="far", port=8000))
        wants = director(*services, snat_address=DIP)
        assert wants["address"] == self.ADDRESS
        assert wants["sysctl"] == {**ROUTER, "net.ipv4.vs.conntrack": "1"}
        assert len(rules(wants, "iptables nat LVS-DIRECTOR")) == 1
        assert {name: fields["forward"] for name, fields in self.table(wants).items() if ">" in name} == {
            f"tcp {VIP}:80 > 192.168.239.148:80": "masquerade",
            f"tcp {VIP}:80 > 192.168.239.137:80": "masquerade",
            f"udp {VIP}:53 > 192.168.239.148:53": "direct",
            f"udp {VIP}:53 > 192.168.239.137:53": "direct",
            f"tcp {VIP}:443 > 192.168.239.148:443": "masquerade",
            f"tcp {VIP}:443 > 192.168.239.137:443": "masquerade",
            f"tcp {VIP}:8000 > {REMOTE}:8000": "tunnel",
        }

    def test_options_of_services_and_real_servers_reach_the_table(self):
        persistent = service("nat", persistence_timeout=300, persistence_netmask="255.255.255.0", persistence_engine="sip")
        persistent["scheduler"], persistent["scheduler_flags"] = "sh", 3
        persistent["real_servers"][0].update(weight=0, upper_threshold=10, lower_threshold=5)
        wants = director(persistent)
        table = self.table(wants)
        assert table[f"tcp {VIP}:80"] == {
            "scheduler": "sh",
            "scheduler_flags": 3,
            "persistence_timeout": 300,
            "persistence_netmask": "255.255.255.0",
            "persistence_engine": "sip",
        }
        real_server = table[f"tcp {VIP}:80 > 192.168.239.148:80"]
        assert (real_server.get("weight"), real_server["upper_threshold"], real_server["lower_threshold"]) == (None, 10, 5)
        assert set(wants["module"]) == {"ip_vs", "ip_vs_sh", "ip_vs_pe_sip"}

    def test_every_scheduler_is_a_module(self):
        services = [service("nat", name=name, port=port) for port, name in enumerate(("rr", "mh"), 1)]
        services[1]["scheduler"] = "mh"
        assert set(director(*services)["module"]) == {"ip_vs", "ip_vs_rr", "ip_vs_mh"}

    def test_without_services_there_is_only_the_module(self):
        assert director() == {"module": {"ip_vs": "loaded"}, "sysctl": {}}


class TestRealServer:
    NAT = {  # noqa: RUF012
        "rule": {
            "4241 from 192.168.239.148 lookup main suppress_prefixlength 0": "present",
            "4242 from 192.168.239.148 lookup 4242": "present",
        },
        "route": {"default table 4242": f"via {DIP}", "default metric 4242": f"via {DIP}"},
    }
    DR = {"address": {f"{VIP}/32 dev lo": "present"}, "route": {VIP: "dev lo"}}  # noqa: RUF012
    ARP = {  # noqa: RUF012
        "chain": {
            "arptables filter LVS-ARP-IN": f"-j DROP -d {VIP}",
            "arptables filter LVS-ARP-OUT": f"-j mangle -s {VIP} --mangle-ip-s 192.168.239.148",
        },
        "jump": {
            "arptables filter INPUT LVS-ARP-IN": "ahead",
            "arptables filter OUTPUT LVS-ARP-OUT": "ahead",
        },
    }

    @staticmethod
    def tunnel(device, mss):
        return {
            "link": {device: "up"},
            "sysctl": {f"net.ipv4.conf.{device}.rp_filter": "2"},
            "address": {f"{VIP}/32 dev {device}": "present"},
            "chain": {
                "iptables mangle LVS-REALSERVER": f"-s {VIP}/32 -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss {mss}"
            },
            "jump": {"iptables mangle POSTROUTING LVS-REALSERVER": "ahead"},
        }

    def test_nat_answers_through_the_director(self):
        assert realserver(service("nat")) == self.NAT

    def test_dr_carries_the_vip(self):
        assert realserver(service("dr")) == self.DR

    def test_tun_unwraps(self):
        assert realserver(service("tun", ["web3"]), host="web3") == {"module": {"ipip": "loaded"}, **self.tunnel("tunl0", 1440)}

    def test_tun_unwraps_gre(self):
        wants = realserver(service("tun", ["web3"], tunnel_type="gre"), host="web3")
        assert wants == {"module": {"ip_gre": "loaded"}, **self.tunnel("gre0", 1436)}

    def test_tun_unwraps_gue(self):
        wants = realserver(service("tun", ["web3"], tunnel_type="gue", tunnel_port=6080), host="web3")
        assert wants == {
            "module": {"ipip": "loaded", "fou": "loaded"},
            "decapsulator": {"6080": "gue"},
            **self.tunnel("tunl0", 1428),
        }

    def test_full_nat_needs_nothing(self):
        assert realserver(service("fullnat")) == {}
        assert realserver(service("fullnat"), arp="arptables") == {}

    @pytest.mark.parametrize("mode", sorted(FORWARDS))
    def test_whoever_serves_nothing_wants_nothing(self, mode):
        assert realserver(service(mode), host="web3", arp="arptables") == {}

    def test_arptables(self):
        assert realserver(service("dr"), arp="arptables") == {**self.DR, **self.ARP}
        assert realserver(service("nat"), arp="arptables") == self.NAT
        tun = realserver(service("tun"), arp="arptables")
        expected = self.tunnel("tunl0", 1440)
        assert tun["chain"] == {**expected["chain"], **self.ARP["chain"]}
        assert tun["jump"] == {**expected["jump"], **self.ARP["jump"]}

    def test_mixed_modes_want_what_each_wants(self):
        wants = realserver(service("nat"), service("dr", name="dns", port=53), service("tun", name="far", port=8000))
        assert wants["rule"] == self.NAT["rule"]
        assert wants["route"] == {**self.NAT["route"], **self.DR["route"]}
        assert wants["address"] == {f"{VIP}/32 dev lo": "present", f"{VIP}/32 dev tunl0": "present"}

    def test_services_of_one_vip_say_each_rule_once(self):
        once = realserver(service("tun"), arp="arptables")
        assert realserver(service("tun"), service("tun", name="late", port=443), arp="arptables") == once

    def test_replies_of_udp_are_looked_up_again_with_their_source(self):
        """Most UDP sockets have no address of their own when the way is looked up."""
        assert "chain" not in realserver(service("nat"))
        wants = realserver(service("nat", protocol="udp", port=53))
        assert rules(wants, "iptables mangle LVS-REPLIES") == [
            "-s 192.168.239.148/32 -p udp -m udp --sport 53 -j MARK --set-xmark 0x1092/0xffffffff"
        ]
        assert wants["jump"] == {"iptables mangle OUTPUT LVS-REPLIES": "ahead"}
        assert "chain" not in realserver(service("fullnat", protocol="udp"))


class TestGateway:
    def test_the_inner_network_is_masqueraded(self):
        assert parts.gateway("192.168.239.0/24", "front") == {
            "sysctl": ROUTER,
            "chain": {"iptables nat LVS-GATEWAY": "-s 192.168.239.0/24 ! -d 192.168.239.0/24 -o front -j MASQUERADE"},
            "jump": {"iptables nat POSTROUTING LVS-GATEWAY": "ahead"},
        }

    def test_by_any_card(self):
        wants = parts.gateway("192.168.239.0/24")
        assert rules(wants, "iptables nat LVS-GATEWAY") == ["-s 192.168.239.0/24 ! -d 192.168.239.0/24 -j MASQUERADE"]


class TestFirewall:
    SSH, KNOWN = "-p tcp -m tcp --dport 22 -j ACCEPT", "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
    REFUSE = "-j REJECT --reject-with icmp-admin-prohibited"
    WEB = {"destination": VIP, "protocol": "tcp", "port": 80}  # noqa: RUF012

    @pytest.mark.parametrize("accepts", [[], [WEB], [WEB, {"protocol": "4", "source": DIP}]])
    @pytest.mark.parametrize("routes", [False, True])
    @pytest.mark.parametrize("tool", ["iptables", "ip6tables"])
    def test_ssh_is_always_there_and_nothing_that_refuses_stands_before_it(self, accepts, routes, tool):
        chain = rules(parts.firewall(accepts, [], 22, routes), f"{tool} filter LVS-IN")
        assert chain.index(self.SSH) == 1
        assert all(rule.endswith("-j ACCEPT") for rule in chain[:-1])
        assert chain[-1].startswith("-j REJECT")

    def test_ssh_may_have_another_port(self):
        assert "-p tcp -m tcp --dport 2222 -j ACCEPT" in rules(parts.firewall([], [], 2222, False), "iptables filter LVS-IN")

    def test_what_is_listed_and_nothing_else_passes(self):
        wants = parts.firewall([self.WEB], [], 22, False)
        assert rules(wants, "iptables filter LVS-IN") == [
            "-i lo -j ACCEPT",
            self.SSH,
            self.KNOWN,
            "-p icmp -j ACCEPT",
            f"-d {VIP}/32 -p tcp -m tcp --dport 80 -j ACCEPT",
            self.REFUSE,
        ]
        assert rules(wants, "ip6tables filter LVS-IN") == [
            "-i lo -j ACCEPT",
            self.SSH,
            self.KNOWN,
            "-p ipv6-icmp -j ACCEPT",
            "-j REJECT --reject-with icmp6-adm-prohibited",
        ]
        assert wants["jump"] == {"iptables filter INPUT LVS-IN": "ahead", "ip6tables filter INPUT LVS-IN": "ahead"}

    def test_a_router_filters_what_passes_through(self):
        forwards = [{"source": RIPS["web1"], "protocol": "tcp", "source_port": 80}, {"source": "192.168.239.0/24"}]
        wants = parts.firewall([], forwards, 22, True)
        assert rules(wants, "iptables filter LVS-FORWARD") == [
            self.KNOWN,
            "-s 192.168.239.148/32 -p tcp -m tcp --sport 80 -j ACCEPT",
            "-s 192.168.239.0/24 -j ACCEPT",
            self.REFUSE,
        ]
        assert wants["jump"]["iptables filter FORWARD LVS-FORWARD"] == "ahead"
        assert not any("FORWARD" in name for name in parts.firewall([], forwards, 22, False)["chain"])

    @pytest.mark.parametrize(
        ("accept", "rule"),
        [
            ({"source": DIP, "protocol": "4"}, f"-s {DIP}/32 -p 4 -j ACCEPT"),
            ({"interface": "back"}, "-i back -j ACCEPT"),
            ({"protocol": "udp", "port": 6080, "source": DIP}, f"-s {DIP}/32 -p udp -m udp --dport 6080 -j ACCEPT"),
            ({"protocol": "tcp", "source_port": 1, "port": 2}, "-p tcp -m tcp --sport 1 --dport 2 -j ACCEPT"),
            (
                {"port": 80, "protocol": "sctp", "interface": "back", "destination": VIP, "source": "10.0.0.0/24"},
                f"-s 10.0.0.0/24 -d {VIP}/32 -i back -p sctp -m sctp --dport 80 -j ACCEPT",
            ),
        ],
    )
    def test_options_stand_as_iptables_save_prints_them(self, accept, rule):
        assert rules(parts.firewall([accept], [], 22, False), "iptables filter LVS-IN")[-2] == rule


@pytest.mark.parametrize(
    "wants",
    [
        director(*(service(mode, name=mode, port=port) for port, mode in enumerate(FORWARDS, 1)), snat_address=DIP),
        realserver(*(service(mode, name=mode, port=port) for port, mode in enumerate(FORWARDS, 1)), arp="arptables"),
        parts.gateway("192.168.239.0/24"),
        parts.firewall([], [], 22, True),
    ],
    ids=["director", "realserver", "gateway", "firewall"],
)
def test_the_module_takes_what_is_wanted(wants):
    assert wanted(wants) == wants
    # Every jump leads to a chain that is wanted, too, and every chain is reached.
    targets = {" ".join([*name.split()[:2], name.split()[3]]) for name in wants.get("jump", {})}
    assert targets == set(wants.get("chain", {}))


def test_the_input_is_not_changed():
    services = [service(mode, name=mode, port=port) for port, mode in enumerate(FORWARDS, 1)]
    before = copy.deepcopy(services)
    director(*services, snat_address=DIP)
    realserver(*services, arp="arptables")
    assert services == before
