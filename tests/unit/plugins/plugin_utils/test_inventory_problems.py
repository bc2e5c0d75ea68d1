# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from copy import deepcopy

import pytest
from ansible.errors import AnsibleFilterError, AnsibleUndefinedVariable
from ansible_collections.lvs.cluster.plugins.filter import problems as problems_filter
from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory import values
from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.problems import problems
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.inventory_data import (
    ADDRESSES6,
    GROUPS,
    HOSTVARS,
    MARKED,
    NETWORK,
    SIX,
    WEB,
)
from jinja2.exceptions import UndefinedError


class Undefined(dict):
    """Variables of which each refers to an undefined one. Ansible says so in one way, Jinja in another."""

    error = AnsibleUndefinedVariable

    def __getitem__(self, key):
        raise self.error("'elsewhere' is undefined")


class UndefinedInJinja(Undefined):
    error = UndefinedError


def look(service=None, lvs_services=None, mode="nat", network=NETWORK, groups=None, six=False, **hosts):
    hostvars = deepcopy(HOSTVARS)
    for changes in (ADDRESSES6 if six else {}, hosts):
        for host, variables in changes.items():
            hostvars.setdefault(host, {}).update(variables)
    everything = [{**WEB, **(service or {})}] if lvs_services is None else lvs_services
    return problems(everything, {**GROUPS, **(groups or {})}, hostvars, mode, network)


def without(*keys):
    return [{key: value for key, value in WEB.items() if key not in keys}]


REMOTE = {"lvs_rip": "172.25.3.13"}
RIGHT = [
    {},
    {"web1": {"lvs_weight": 0}, "web2": {"lvs_weight": 2147483647}},
    {"web1": {"lvs_weight": "3", "lvs_upper_threshold": 10, "lvs_lower_threshold": 10}},
    {"lvs_services": [WEB, {**WEB, "name": "dns", "protocol": "udp"}]},
    # Real servers of tunnels and full NAT are anywhere.
    {"mode": "tun", "web1": REMOTE},
    {"mode": "fullnat", "web1": REMOTE},
    {"mode": "dr", "service": {"mode": "tun"}, "web1": REMOTE, "network": ""},
    {"mode": "fullnat", "network": ""},
    {"service": {"real_port": 8080}},
    {"mode": "fullnat", "service": {"real_port": "8080"}},
    {"mode": "dr", "service": {"real_port": 80}},
    {"service": {"port": 0, "persistence_timeout": 300, "persistence_netmask": 24}},
    {"service": {"scheduler": "sh", "scheduler_flags": ["sh-port", "sh-fallback"]}},
    {"mode": "dr", "service": {"protocol": "udp", "one_packet": True}},
    # What is for tunnels waits until there are some.
    {"service": {"tunnel_type": "gre", "tunnel_checksum": "csum"}},
    {"service": {"tunnel_type": "gue"}},
    {"mode": "tun", "service": {"tunnel_type": "gue", "tunnel_port": 6080, "tunnel_checksum": "remcsum"}},
    {"lvs_services": [MARKED]},
    {"mode": "dr", "lvs_services": [{**MARKED, "vip": ["10.0.0.129", "10.0.0.130"]}]},
    {"lvs_services": [{**MARKED, "real_port": 8080}]},
    {"lvs_services": [MARKED, {**MARKED, "name": "six", "vip": "fd00:a::129"}], "six": True},
    *({"mode": mode, "lvs_services": [WEB, SIX], "six": True} for mode in ("nat", "dr", "tun", "fullnat")),
    # A tunnel leads to IPv4 real servers, too, and nobody needs an IPv6 address in the inner network then.
    {"mode": "tun", "lvs_services": [SIX]},
    {"mode": "dr", "lvs_services": [SIX], "web1": {"lvs_rip6": "fd00:b::1"}, "web2": {"lvs_rip6": "fd00:b::2"}},
    # No IPv4 real server, so no inner network of IPv4.
    {"lvs_services": [SIX], "six": True, "network": "", "web1": {"lvs_rip": None}},
    {"director1": {"lvs_back_network6": "fd00:b::/64"}, "six": True, "lvs_services": [WEB, SIX]},
    {"director1": {"lvs_addresses": ["10.0.0.128", "192.168.239.152"], "lvs_firewall": "none", "lvs_arp": "arptables"}},
    {"director1": {"lvs_back_network": NETWORK, "lvs_state": "absent"}},
    {"groups": {"gateways": ["gateway1"]}, "gateway1": {"lvs_dip": "192.168.239.1"}},
    {"groups": {"near": ["web2"]}, "service": {"real_servers": "near"}},
]


@pytest.mark.parametrize("right", RIGHT)
def test_a_right_description_has_no_problems(right):
    assert look(**right) == []


KEYS = (
    "name, mode, vip, port, protocol, fwmark, ports, real_servers, real_port, scheduler, scheduler_flags, persistence_timeout, "
    "persistence_netmask, persistence_engine, one_packet, upper_threshold, lower_threshold, tunnel_type, tunnel_port, tunnel_checksum"
)
SCHEDULERS = "rr, wrr, lc, wlc, lblc, lblcr, dh, sh, sed, nq, fo, ovf, mh"
WEIGHTS = "use 0..2147483647; 0 means no new connections"
NO_ADDRESS = "is no IP address: write one such as 10.0.0.129, without prefix length"
ONE_OWNER = "an address belongs to one host only, change one of them"
OUTSIDE = "is outside lvs_back_network 192.168.239.0/24: correct the address or the network"
CASES = [
    # The cluster.
    ({"mode": "natt"}, "lvs_mode: 'natt' is no mode (did you mean nat?): use one of nat, dr, tun, fullnat"),
    (
        {"lvs_services": []},
        "lvs_services: there is no service: list at least one, such as {name: web, vip: 10.0.0.129, port: 80}",
    ),
    (
        {"lvs_services": ["web"]},
        "lvs_services[0]: 'web' is no dictionary: write one such as {name: web, vip: 10.0.0.129, port: 80}",
    ),
    ({"groups": {"directors": []}}, "directors: the inventory has no director: put a host into the group directors"),
    # Keys of a service, one by one.
    (
        {"service": {"schedular": "rr"}},
        f"lvs_services[0].schedular: there is no such key (did you mean scheduler?): use {KEYS}",
    ),
    ({"lvs_services": without("name")}, "lvs_services[0].name: is missing: give the service a name of its own"),
    ({"service": {"name": ["web"]}}, "lvs_services[0].name: ['web'] is no name: give the service a name of its own"),
    (
        {"service": {"mode": "tunnel"}},
        "lvs_services[0].mode: 'tunnel' is no mode (did you mean tun?): use one of nat, dr, tun, fullnat",
    ),
    ({"lvs_services": without("vip")}, "lvs_services[0].vip: is missing: write the address that clients connect to"),
    ({"service": {"vip": ""}}, "lvs_services[0].vip: is missing: write the address that clients connect to"),
    ({"service": {"vip": []}}, "lvs_services[0].vip: is empty: write the address that clients connect to"),
    ({"service": {"vip": "10.0.0.300"}}, f"lvs_services[0].vip: '10.0.0.300' {NO_ADDRESS}"),
    ({"service": {"vip": "10.1"}}, f"lvs_services[0].vip: '10.1' {NO_ADDRESS}"),
    ({"service": {"vip": 10}}, f"lvs_services[0].vip: '10' {NO_ADDRESS}"),
    ({"service": {"vip": "224.0.0.1"}}, "lvs_services[0].vip: 224.0.0.1 cannot be a VIP: use the address of one host"),
    (
        {"service": {"vip": ["10.0.0.129", "10.0.0.130"]}},
        "lvs_services[0].vip: only fwmark services have several: write one address, or set fwmark",
    ),
    (
        {"lvs_services": without("port")},
        "lvs_services[0].port: is missing: write the port that clients connect to, 1 to 65535, or 0 for every port",
    ),
    (
        {"service": {"port": 0}},
        "lvs_services[0].port: 0 (every port) needs persistence: set persistence_timeout, or name a port",
    ),
    ({"service": {"port": 65536}}, "lvs_services[0].port: 65536 is out of range: use 0..65535"),
    ({"service": {"port": True}}, "lvs_services[0].port: True is not a whole number: write one"),
    ({"service": {"real_port": "x"}}, "lvs_services[0].real_port: 'x' is not a whole number: write one"),
    ({"service": {"real_port": 0}}, "lvs_services[0].real_port: 0 is out of range: use 1..65535"),
    ({"service": {"ports": [80]}}, "lvs_services[0].ports: only fwmark services have several: write port, or set fwmark"),
    ({"service": {"protocol": "icmp"}}, "lvs_services[0].protocol: 'icmp' is no protocol: use one of tcp, udp, sctp"),
    (
        {"service": {"scheduler": "wrrr"}},
        f"lvs_services[0].scheduler: 'wrrr' is no scheduler (did you mean wrr?): use one of {SCHEDULERS}",
    ),
    (
        {"service": {"scheduler_flags": "sh-port"}},
        "lvs_services[0].scheduler_flags: 'sh-port' is not a list: "
        "use a list of sh-fallback, sh-port, mh-fallback, mh-port, flag-1, flag-2, flag-3",
    ),
    (
        {"service": {"scheduler_flags": ["sh-port"]}},
        "lvs_services[0].scheduler_flags: the flags of scheduler sh do not fit scheduler rr: set scheduler, or use other flags",
    ),
    (
        {"service": {"persistence_timeout": -1}},
        "lvs_services[0].persistence_timeout: -1 is out of range: use 0..2678400 seconds (31 days); 0 means no persistence",
    ),
    (
        {"service": {"persistence_netmask": "255.255.255.0"}},
        "lvs_services[0].persistence_netmask: has no effect without persistence: set persistence_timeout, too, or leave it out",
    ),
    (
        {"service": {"persistence_netmask": "255.0.255.0", "persistence_timeout": 9}},
        "lvs_services[0].persistence_netmask: '255.0.255.0' does not fit an IPv4 service: "
        "use a netmask like 255.255.255.0, or a prefix length, 0..32",
    ),
    (
        {"service": {"persistence_engine": "SIP"}},
        "lvs_services[0].persistence_engine: 'SIP' is not a name of the kernel's: "
        "use 1 to 15 lower case letters, digits or underscores",
    ),
    ({"service": {"one_packet": "maybe"}}, "lvs_services[0].one_packet: 'maybe' is neither true nor false: write one"),
    (
        {"service": {"one_packet": True}},
        "lvs_services[0].one_packet: one-packet scheduling is for udp and fwmark services, not for tcp: leave it out",
    ),
    (
        {"mode": "fullnat", "service": {"one_packet": True, "protocol": "udp"}},
        "lvs_services[0].one_packet: full NAT needs connection tracking, which one-packet scheduling goes past: leave it out",
    ),
    (
        {"service": {"one_packet": True, "protocol": "udp"}},
        "lvs_services[0].one_packet: by then one-packet scheduling has forgotten where an answer belongs, which NAT has to rewrite: "
        "set mode to dr or tun, or leave it out",
    ),
    (
        {"service": {"upper_threshold": -1}},
        "lvs_services[0].upper_threshold: -1 is out of range: use 0..2147483647 connections; 0 means no limit",
    ),
    # Marks.
    ({"lvs_services": [{**MARKED, "fwmark": 0}]}, "lvs_services[0].fwmark: 0 is out of range: use 1..4294967295"),
    (
        {"lvs_services": [{**MARKED, "port": 80}]},
        "lvs_services[0].port: a fwmark service is known by its mark: list its ports as ports",
    ),
    (
        {"lvs_services": [{"name": "web", "vip": "10.0.0.129", "fwmark": 1}]},
        "lvs_services[0].ports: is missing: list the ports that clients connect to, such as [80, 443]",
    ),
    (
        {"lvs_services": [{**MARKED, "ports": 80}]},
        "lvs_services[0].ports: 80 is no list of ports: write one such as [80, 443]",
    ),
    ({"lvs_services": [{**MARKED, "ports": [80, 0]}]}, "lvs_services[0].ports: 0 is out of range: use 1..65535"),
    (
        {"lvs_services": [{**MARKED, "vip": ["10.0.0.129", "fd00:a::129"]}], "six": True},
        "lvs_services[0].vip: a service is of one family: "
        "make another service of the addresses of the other family, with the same mark",
    ),
    (
        {"lvs_services": [{**MARKED, "vip": ["10.0.0.129", "224.0.0.1"]}]},
        "lvs_services[0].vip: 224.0.0.1 cannot be a VIP: use the address of one host",
    ),
    (
        {"mode": "dr", "lvs_services": [{**MARKED, "one_packet": True}]},
        "lvs_services[0].one_packet: one-packet scheduling is for udp services, not for tcp: leave it out",
    ),
    (
        {"lvs_services": [MARKED, {**MARKED, "name": "again", "vip": "10.0.0.130"}]},
        "lvs_services[1].fwmark: 1 is already the mark of lvs_services[0]: choose another",
    ),
    (
        {"lvs_services": [MARKED, {**MARKED, "name": "again", "fwmark": 2, "ports": [443, 444]}]},
        "lvs_services[1]: tcp 10.0.0.129:443 is already lvs_services[0]: change the protocol, VIP or port of one",
    ),
    (
        {"lvs_services": [MARKED, {**WEB, "name": "again"}]},
        "lvs_services[1]: tcp 10.0.0.129:80 is already lvs_services[0]: change the protocol, VIP or port of one",
    ),
    # Services among each other.
    (
        {"lvs_services": [WEB, {**WEB, "port": 81}]},
        "lvs_services[1].name: 'web' is already the name of lvs_services[0]: rename one",
    ),
    (
        {"lvs_services": [WEB, {**WEB, "name": "again"}]},
        "lvs_services[1]: tcp 10.0.0.129:80 is already lvs_services[0]: change the protocol, VIP or port of one",
    ),
    (
        {"lvs_services": [SIX, {**SIX, "name": "again", "vip": "FD00:a:0::129"}], "six": True},
        "lvs_services[1]: tcp [fd00:a::129]:80 is already lvs_services[0]: change the protocol, VIP or port of one",
    ),
    # Ports.
    (
        {"mode": "dr", "service": {"real_port": 8080}},
        "lvs_services[0].real_port: 8080 is not the port that clients connect to, and mode dr cannot rewrite ports: "
        "leave real_port out, or set mode to nat or fullnat",
    ),
    (
        {"lvs_services": [{**MARKED, "mode": "tun", "real_port": 80}]},
        "lvs_services[0].real_port: 80 is not the port that clients connect to, and mode tun cannot rewrite ports: "
        "leave real_port out, or set mode to nat or fullnat",
    ),
    (
        {"lvs_services": [{**MARKED, "real_port": 8080, "persistence_timeout": 60}]},
        "lvs_services[0].real_port: persistence over several ports leaves each as it is: "
        "leave real_port out, or make a service for each port",
    ),
    # Tunnels.
    (
        {"mode": "tun", "service": {"tunnel_type": "vxlan"}},
        "lvs_services[0].tunnel_type: 'vxlan' is not known: use one of ipip, gue, gre",
    ),
    (
        {"mode": "tun", "service": {"tunnel_type": "gue"}},
        "lvs_services[0].tunnel_port: a gue tunnel needs the UDP port that the real server decapsulates on, 1..65535",
    ),
    (
        {"mode": "tun", "service": {"tunnel_port": 6080}},
        "lvs_services[0].tunnel_port: only gue tunnels have a port: set mode to tun and tunnel_type to gue, or leave it out",
    ),
    (
        {"mode": "tun", "service": {"tunnel_type": "gre", "tunnel_checksum": "csum"}},
        "lvs_services[0].tunnel_checksum: the real servers' gre0 takes packets without checksum only: "
        "leave it out, or set tunnel_type to gue",
    ),
    # Groups.
    (
        {"service": {"real_servers": "real_server"}},
        "lvs_services[0].real_servers: the inventory has no group 'real_server' (did you mean real_servers?): "
        "make the group, or name the one that holds the service's real servers",
    ),
    (
        {"service": {"real_servers": ["web1"]}},
        "lvs_services[0].real_servers: ['web1'] is no name of a group: name the one that holds the service's real servers",
    ),
    (
        {"service": {"real_servers": "empty"}},
        "lvs_services[0].real_servers: the service has no real servers, group empty is empty: put hosts into the group",
    ),
    (
        {
            "service": {"real_servers": "elsewhere"},
            "groups": {"elsewhere": ["web1", "web3"]},
            "web3": {"lvs_rip": "192.168.239.9"},
        },
        "lvs_services[0].real_servers: web3 of group elsewhere is not in group real_servers, whose hosts are configured: "
        "make elsewhere a child of real_servers",
    ),
    (
        {"groups": {"real_servers": ["web1", "director1"]}, "director1": {"lvs_rip": "192.168.239.152"}},
        "director1: is a director and a real server of lvs_services[0]: take it out of group directors or out of that service's",
    ),
    # Directors.
    (
        {"director1": {"lvs_vip_interface": ""}},
        "director1: lvs_vip_interface: is missing: name the card that carries the VIP, such as eth0",
    ),
    (
        {"director1": {"lvs_dip": ""}},
        "director1: lvs_dip: is missing: write the director's or gateway's address in the inner network",
    ),
    (
        {"director1": {"lvs_dip": "fd00:b::152"}},
        "director1: lvs_dip: fd00:b::152 is an IPv6 address: write it as lvs_dip6, and an IPv4 address here",
    ),
    *(
        (
            {"mode": mode, "lvs_services": [SIX], "six": True, "director1": {"lvs_dip6": None}},
            "director1: lvs_dip6: is missing: write the director's IPv6 address in the inner network, "
            "for lvs_services[0] is an IPv6 service",
        )
        for mode in ("nat", "tun", "fullnat")
    ),
    (
        {"director1": {"lvs_addresses": "10.0.0.128"}},
        "director1: lvs_addresses: '10.0.0.128' is no list: write one such as [10.0.0.128], without prefix lengths",
    ),
    ({"director1": {"lvs_addresses": ["10.0.0.128/24"]}}, f"director1: lvs_addresses: '10.0.0.128/24' {NO_ADDRESS}"),
    # Real servers.
    ({"web1": {"lvs_rip": ""}}, "web1: lvs_rip: is missing: write the real server's address in the inner network"),
    ({"web1": {"lvs_rip": "web1"}}, f"web1: lvs_rip: 'web1' {NO_ADDRESS}"),
    (
        {"web1": {"lvs_rip": "255.255.255.255"}, "mode": "tun"},
        "web1: lvs_rip: 255.255.255.255 cannot be a real server: use the address of one host",
    ),
    (
        {"web1": {"lvs_rip": "fd00::1"}},
        "web1: lvs_rip: fd00::1 is an IPv6 address: write it as lvs_rip6, and an IPv4 address here",
    ),
    (
        {"web1": {"lvs_rip6": "fe80::1"}, "lvs_services": [SIX], "six": True},
        "web1: lvs_rip6: fe80::1 is valid on one link only: write a global or unique local address",
    ),
    (
        {"web1": {"lvs_rip6": ""}, "lvs_services": [WEB, SIX], "six": True},
        "web1: lvs_rip6: is missing: write the real server's IPv6 address, for lvs_services[1] is an IPv6 service, "
        "and only tunnels lead to IPv4 real servers",
    ),
    (
        {"web1": {"lvs_rip": ""}, "lvs_services": [SIX], "mode": "tun"},
        "web1: lvs_rip: is missing: write the real server's address, or its IPv6 address as lvs_rip6, "
        "which lvs_services[0] reaches by a tunnel",
    ),
    ({"web1": {"lvs_weight": -1}}, f"web1: lvs_weight: -1 is out of range: {WEIGHTS}"),
    ({"web1": {"lvs_weight": 2147483648}}, f"web1: lvs_weight: 2147483648 is out of range: {WEIGHTS}"),
    ({"web1": {"lvs_weight": 1.5}}, "web1: lvs_weight: 1.5 is not a whole number: write one"),
    (
        {"web1": {"lvs_upper_threshold": 5, "lvs_lower_threshold": 6}},
        "web1: lvs_lower_threshold: 6 is above web1's lvs_upper_threshold, which is 5: "
        "raise web1's lvs_upper_threshold, or set web1's lvs_lower_threshold to 0",
    ),
    (
        {"web1": {"lvs_upper_threshold": 5}, "service": {"upper_threshold": 9, "lower_threshold": 6}},
        "lvs_services[0].lower_threshold: 6 is above web1's lvs_upper_threshold, which is 5: "
        "raise web1's lvs_upper_threshold, or set lvs_services[0].lower_threshold to 0",
    ),
    # Addresses.
    ({"web2": {"lvs_rip": "192.168.239.148"}}, f"web2: lvs_rip: 192.168.239.148 is also web1: lvs_rip: {ONE_OWNER}"),
    ({"web2": {"lvs_rip": "192.168.239.152"}}, f"director1: lvs_dip: 192.168.239.152 is also web2: lvs_rip: {ONE_OWNER}"),
    ({"service": {"vip": "192.168.239.148"}}, f"web1: lvs_rip: 192.168.239.148 is also lvs_services[0].vip: {ONE_OWNER}"),
    ({"service": {"vip": "192.168.239.152"}}, f"director1: lvs_dip: 192.168.239.152 is also lvs_services[0].vip: {ONE_OWNER}"),
    ({"service": {"vip": "10.0.0.128"}}, f"director1: lvs_addresses: 10.0.0.128 is also lvs_services[0].vip: {ONE_OWNER}"),
    (
        {"lvs_services": [{**SIX, "vip": "fd00:b::0:137"}], "six": True},
        f"web2: lvs_rip6: fd00:b::137 is also lvs_services[0].vip: {ONE_OWNER}",
    ),
    # Networks.
    ({"web1": {"lvs_rip": "192.168.238.148"}}, f"web1: lvs_rip: 192.168.238.148 {OUTSIDE}"),
    ({"mode": "dr", "web1": REMOTE}, f"web1: lvs_rip: 172.25.3.13 {OUTSIDE}"),
    ({"mode": "tun", "service": {"mode": "dr"}, "web1": REMOTE}, f"web1: lvs_rip: 172.25.3.13 {OUTSIDE}"),
    ({"mode": "tun", "director1": {"lvs_dip": "10.0.0.127"}}, f"director1: lvs_dip: 10.0.0.127 {OUTSIDE}"),
    ({"network": "192.168.239.1/24"}, "lvs_back_network: 192.168.239.1/24 has host bits set: write 192.168.239.0/24"),
    ({"network": "inner"}, "lvs_back_network: 'inner' is no network: write one such as 192.168.239.0/24"),
    ({"network": ""}, "lvs_back_network: is missing: write the inner network, such as 192.168.239.0/24"),
    (
        {"network": "192.168.239.0"},
        "lvs_back_network: 192.168.239.0 has no prefix length: write the inner network such as 192.168.239.0/24",
    ),
    ({"network": "fd00:b::/64"}, "lvs_back_network: fd00:b::/64 is no IPv4 network: write one, and this as lvs_back_network6"),
    (
        {
            "director1": {"lvs_back_network6": "fd00:c::/64", "lvs_dip6": "fd00:c::1"},
            "lvs_services": [SIX],
            "six": True,
            "web2": {"lvs_rip6": "fd00:c::2"},
        },
        "web1: lvs_rip6: fd00:b::148 is outside lvs_back_network6 fd00:c::/64: correct the address or the network",
    ),
    (
        {"web2": {"lvs_back_network": "192.168.0.0/16"}},
        "web2: lvs_back_network: 192.168.0.0/16 overlaps 192.168.239.0/24, which is lvs_back_network elsewhere: "
        "write the same network for all hosts",
    ),
    # A few words to choose from.
    (
        {"web1": {"lvs_firewall": "iptable"}},
        "web1: lvs_firewall: 'iptable' is no packet filter (did you mean iptables?): use one of auto, firewalld, nftables, iptables, none",
    ),
    (
        {host: {"lvs_arp": "sysctls"} for host in HOSTVARS},
        "director1, web1, web2: lvs_arp: 'sysctls' is no ARP policy (did you mean sysctl?): use one of sysctl, arptables",
    ),
    ({"web2": {"lvs_state": "gone"}}, "web2: lvs_state: 'gone' is no state: use one of present, absent"),
]


@pytest.mark.parametrize(("wrong", "sentence"), CASES, ids=[f"{at}-{case[1].split(': ')[0]}" for at, case in enumerate(CASES)])
def test_each_problem_is_one_sentence(wrong, sentence):
    assert look(**wrong) == [sentence]


UNKNOWN = "cannot be worked out ('elsewhere' is undefined): define what it refers to"
VARIABLES = ["lvs_rip", "lvs_rip6", "lvs_weight", "lvs_upper_threshold", "lvs_lower_threshold", "lvs_addresses", "lvs_arp"]


@pytest.mark.parametrize("kind", [Undefined, UndefinedInJinja])
def test_values_that_cannot_be_worked_out_are_problems(kind):
    hostvars = {**HOSTVARS, "web1": kind.fromkeys(VARIABLES)}
    assert sorted(problems([WEB], GROUPS, hostvars, "nat", NETWORK)) == sorted(f"web1: {name}: {UNKNOWN}" for name in VARIABLES)
    hostvars = {**HOSTVARS, "director1": kind.fromkeys(["lvs_vip_interface", "lvs_dip", "lvs_back_network6"])}
    assert sorted(problems([WEB], GROUPS, hostvars, "nat", NETWORK)) == sorted(
        f"director1: {name}: {UNKNOWN}" for name in ("lvs_vip_interface", "lvs_dip", "lvs_back_network6")
    )


@pytest.mark.parametrize("kind", [Undefined, UndefinedInJinja])
def test_services_that_cannot_be_worked_out_are_problems(kind):
    class Unknown(list):
        def __getitem__(self, index):
            raise kind.error("'elsewhere' is undefined")

    assert problems([kind(WEB)], GROUPS, HOSTVARS) == [f"lvs_services[0].{key}: {UNKNOWN}" for key in WEB]
    assert problems(Unknown([WEB]), GROUPS, HOSTVARS) == [f"lvs_services[0]: {UNKNOWN}"]


def test_all_is_told_at_once():
    described = [{**WEB, "scheduler": "x", "port": "y"}, {**MARKED, "name": "late", "mode": "dr", "real_port": 81}, "z"]
    found = look(lvs_services=described, mode="no", director1={"lvs_dip": "1"}, web2={"lvs_weight": "w"}, network="n")
    assert [sentence.split(": ")[:2] for sentence in found] == [
        ["lvs_mode", "'no' is no mode"],
        ["lvs_services[0].port", "'y' is not a whole number"],
        ["lvs_services[0].scheduler", "'x' is no scheduler"],
        ["lvs_services[2]", "'z' is no dictionary"],
        ["director1", "lvs_dip"],
        ["lvs_services[1].real_port", found[5].split(": ")[1]],
        ["web2", "lvs_weight"],
        ["lvs_back_network", "'n' is no network"],
    ]


def test_nothing_follows_from_what_is_not_known():
    """A key with a problem is no key with its default."""
    described = [WEB, *({**WEB, "name": name, "protocol": "tpc"} for name in ("second", "third"))]
    assert look(lvs_services=described) == [
        f"lvs_services[{index}].protocol: 'tpc' is no protocol (did you mean tcp?): use one of tcp, udp, sctp" for index in (1, 2)
    ]
    wrong = "lvs_services[0].real_servers: 1 is no name of a group: name the one that holds the service's real servers"
    assert look(service={"real_servers": 1}, web1={"lvs_rip": None}) == [wrong]
    mode = "lvs_services[0].mode: 'no' is no mode: use one of nat, dr, tun, fullnat"
    assert look(service={"mode": "no", "real_port": 8080}, web1=REMOTE, network="") == [mode]


def test_a_mistake_of_a_group_is_told_once():
    hosts = [f"web{number}" for number in range(1, 9)]
    hostvars = {host: {"lvs_rip": f"192.168.239.{host[3:]}", "lvs_arp": "off"} for host in hosts}
    found = look(groups={"real_servers": hosts}, **hostvars)
    assert found == ["web1, web2, web3 and 5 more: lvs_arp: 'off' is no ARP policy: use one of sysctl, arptables"]


def test_without_a_network_addresses_are_not_compared_with_it():
    hostvars = {**HOSTVARS, "web1": REMOTE}
    assert problems([WEB], GROUPS, hostvars, "nat") == []


def test_a_controller_without_netaddr_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(values, "netaddr", None)
    with pytest.raises(AnsibleFilterError, match="pip install netaddr"):
        look()


def test_the_filter_is_thin():
    assert problems_filter.FilterModule().filters() == {"problems": problems}
