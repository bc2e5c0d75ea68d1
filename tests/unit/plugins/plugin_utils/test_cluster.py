# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from copy import deepcopy

import pytest
from ansible.errors import AnsibleFilterError, AnsibleUndefinedVariable
from ansible_collections.lvs.cluster.plugins.filter import problems as problems_filter
from ansible_collections.lvs.cluster.plugins.filter import proof as proof_filter
from ansible_collections.lvs.cluster.plugins.filter import services as services_filter
from ansible_collections.lvs.cluster.plugins.plugin_utils.cluster import problems, proof, services

WEB = {"name": "web", "vip": "10.0.0.129", "port": 80, "scheduler": "rr"}
GROUPS = {"directors": ["director1"], "gateways": ["director1"], "real_servers": ["web1", "web2"], "empty": []}
HOSTVARS = {
    "director1": {"lvs_dip": "192.168.239.152", "lvs_vip_interface": "front"},
    "web1": {"lvs_rip": "192.168.239.148"},
    "web2": {"lvs_rip": "192.168.239.137"},
}
NETWORK = "192.168.239.0/24"


class Undefined(dict):
    """A host's variables of which each refers to an undefined one."""

    def __getitem__(self, key):
        raise AnsibleUndefinedVariable("'elsewhere' is undefined")


def look(service=None, lvs_services=None, mode="nat", network=NETWORK, groups=None, **hosts):
    hostvars = deepcopy(HOSTVARS)
    for host, variables in hosts.items():
        hostvars[host].update(variables)
    everything = [{**WEB, **(service or {})}] if lvs_services is None else lvs_services
    return problems(everything, {**GROUPS, **(groups or {})}, hostvars, mode, network)


def without(*keys):
    return [{key: value for key, value in WEB.items() if key not in keys}]


def test_the_table_is_normalised_and_sorted():
    hostvars = deepcopy(HOSTVARS)
    hostvars["web2"]["lvs_weight"] = 0
    described = [{"name": "late", "vip": "10.0.0.129", "port": "443", "real_port": 8443}, WEB]
    assert services(described, GROUPS, hostvars) == [
        {
            "name": "web",
            "protocol": "tcp",
            "address": "10.0.0.129",
            "port": 80,
            "scheduler": "rr",
            "real_servers": [
                {"host": "web2", "address": "192.168.239.137", "port": 80, "weight": 0, "forward": "masquerade"},
                {"host": "web1", "address": "192.168.239.148", "port": 80, "weight": 1, "forward": "masquerade"},
            ],
        },
        {
            "name": "late",
            "protocol": "tcp",
            "address": "10.0.0.129",
            "port": 443,
            "scheduler": "wlc",
            "real_servers": [
                {"host": "web2", "address": "192.168.239.137", "port": 8443, "weight": 0, "forward": "masquerade"},
                {"host": "web1", "address": "192.168.239.148", "port": 8443, "weight": 1, "forward": "masquerade"},
            ],
        },
    ]


def test_no_table_is_made_of_a_wrong_description():
    with pytest.raises(AnsibleFilterError, match="lvs_mode: dr is not yet built"):
        services([WEB], GROUPS, HOSTVARS, "dr")


def test_a_right_description_has_no_problems():
    assert look() == []
    assert look(web1={"lvs_weight": 0}, web2={"lvs_weight": 2147483647}) == []
    assert look(lvs_services=[WEB, {**WEB, "name": "dns", "protocol": "udp"}]) == []


SCHEDULERS = "rr, wrr, lc, wlc, lblc, lblcr, dh, sh, sed, nq, fo, ovf, mh"
WEIGHT = "write a whole number from 0 to 2147483647"
CASES = [
    ({"mode": "natt"}, "lvs_mode: 'natt' is no mode (did you mean nat?): use one of nat, dr, tun, fullnat"),
    ({"mode": "tun"}, "lvs_mode: tun is not yet built: use nat"),
    (
        {"lvs_services": []},
        "lvs_services: there is no service: list at least one, such as {name: web, vip: 10.0.0.129, port: 80}",
    ),
    (
        {"lvs_services": ["web"]},
        "lvs_services[0]: 'web' is no dictionary: write one such as {name: web, vip: 10.0.0.129, port: 80}",
    ),
    (
        {"service": {"vip": "10.0.0.300"}},
        "lvs_services[0].vip: '10.0.0.300' is no IP address: write one such as 10.0.0.129, without prefix length",
    ),
    (
        {"service": {"vip": "10.1"}},
        "lvs_services[0].vip: '10.1' is no IP address: write one such as 10.0.0.129, without prefix length",
    ),
    (
        {"service": {"vip": "2001:db8::1"}},
        "lvs_services[0].vip: 2001:db8::1 is an IPv6 address, which is not yet built: write an IPv4 address",
    ),
    ({"lvs_services": without("vip")}, "lvs_services[0].vip: is missing: write the address that clients connect to"),
    ({"lvs_services": without("port")}, "lvs_services[0].port: is missing: write the port that clients connect to, 1 to 65535"),
    ({"service": {"port": 0}}, "lvs_services[0].port: 0 is not in range: write a whole number from 1 to 65535"),
    ({"service": {"port": 65536}}, "lvs_services[0].port: 65536 is not in range: write a whole number from 1 to 65535"),
    ({"service": {"real_port": "x"}}, "lvs_services[0].real_port: 'x' is not in range: write a whole number from 1 to 65535"),
    (
        {"service": {"scheduler": "wrrr"}},
        f"lvs_services[0].scheduler: 'wrrr' is no scheduler (did you mean wrr?): use one of {SCHEDULERS}",
    ),
    ({"service": {"protocol": "icmp"}}, "lvs_services[0].protocol: 'icmp' is no protocol: use one of tcp, udp, sctp"),
    ({"lvs_services": without("name")}, "lvs_services[0].name: is missing: give the service a name of its own"),
    (
        {"lvs_services": [WEB, {**WEB, "port": 81}]},
        "lvs_services[1].name: 'web' is already the name of lvs_services[0]: rename one",
    ),
    (
        {"lvs_services": [WEB, {**WEB, "name": "again"}]},
        "lvs_services[1]: tcp 10.0.0.129:80 is already lvs_services[0]: change the protocol, VIP or port of one",
    ),
    (
        {"service": {"schedular": "rr"}},
        "lvs_services[0].schedular: there is no such key (did you mean scheduler?): "
        "use name, vip, port, protocol, scheduler, real_servers, real_port",
    ),
    (
        {"service": {"real_servers": "real_server"}},
        "lvs_services[0].real_servers: the inventory has no group 'real_server' (did you mean real_servers?): "
        "make the group, or name the one that holds the service's real servers",
    ),
    (
        {"service": {"real_servers": "empty"}},
        "lvs_services[0].real_servers: the service has no real servers, group empty is empty: put hosts into the group",
    ),
    ({"groups": {"directors": []}}, "directors: the inventory has no director: put a host into the group directors"),
    (
        {"director1": {"lvs_vip_interface": ""}},
        "director1: lvs_vip_interface: is missing: name the card that carries the VIP, such as eth0",
    ),
    (
        {"director1": {"lvs_dip": ""}},
        "director1: lvs_dip: is missing: write the director's or gateway's address in the inner network",
    ),
    ({"web1": {"lvs_rip": ""}}, "web1: lvs_rip: is missing: write the real server's address in the inner network"),
    (
        {"web1": {"lvs_rip": "web1"}},
        "web1: lvs_rip: 'web1' is no IP address: write one such as 10.0.0.129, without prefix length",
    ),
    ({"web1": {"lvs_weight": -1}}, f"web1: lvs_weight: -1 is not in range: {WEIGHT}"),
    ({"web1": {"lvs_weight": 2147483648}}, f"web1: lvs_weight: 2147483648 is not in range: {WEIGHT}"),
    (
        {"web2": {"lvs_rip": "192.168.239.148"}},
        "web2: lvs_rip: 192.168.239.148 is also web1: lvs_rip: an address belongs to one host only, change one of them",
    ),
    (
        {"web2": {"lvs_rip": "192.168.239.152"}},
        "director1: lvs_dip: 192.168.239.152 is also web2: lvs_rip: an address belongs to one host only, change one of them",
    ),
    (
        {"service": {"vip": "192.168.239.148"}},
        "web1: lvs_rip: 192.168.239.148 is also lvs_services[0].vip: an address belongs to one host only, change one of them",
    ),
    (
        {"web1": {"lvs_rip": "192.168.238.148"}},
        "web1: lvs_rip: 192.168.238.148 is outside lvs_back_network 192.168.239.0/24: correct the address or the network",
    ),
    (
        {"director1": {"lvs_dip": "10.0.0.128"}},
        "director1: lvs_dip: 10.0.0.128 is outside lvs_back_network 192.168.239.0/24: correct the address or the network",
    ),
    ({"network": "192.168.239.1/24"}, "lvs_back_network: 192.168.239.1/24 has host bits set: write 192.168.239.0/24"),
    ({"network": "inner"}, "lvs_back_network: 'inner' is no network: write one such as 192.168.239.0/24"),
    ({"network": ""}, "lvs_back_network: is missing: write the inner network, such as 192.168.239.0/24"),
    (
        {"network": "192.168.239.0"},
        "lvs_back_network: 192.168.239.0 has no prefix length: write the inner network such as 192.168.239.0/24",
    ),
]


@pytest.mark.parametrize(("wrong", "sentence"), CASES, ids=[f"{at}-{case[1].split(': ')[0]}" for at, case in enumerate(CASES)])
def test_each_problem_is_one_sentence(wrong, sentence):
    assert look(**wrong) == [sentence]


def test_values_that_cannot_be_templated_are_problems():
    hostvars = {**HOSTVARS, "web1": Undefined(lvs_rip="", lvs_weight="")}
    found = problems([WEB], GROUPS, hostvars, "nat", NETWORK)
    text = "cannot be worked out ('elsewhere' is undefined): define what it refers to"
    assert found == [f"web1: lvs_rip: {text}", f"web1: lvs_weight: {text}"]


@pytest.mark.parametrize("mode", ["nat", "dr", "tun", "fullnat"])
def test_tunnels_and_full_nat_reach_beyond_the_inner_network(mode):
    found = look(mode=mode, web1={"lvs_rip": "172.25.3.13"})
    assert bool(found) == (mode in ("nat", "dr"))
    assert look(mode="nat", service={"mode": mode}, web1={"lvs_rip": "172.25.3.13"}) == found


def test_the_input_is_not_changed():
    described, hostvars = [deepcopy(WEB)], deepcopy(HOSTVARS)
    services(described, GROUPS, hostvars)
    assert (described, hostvars) == ([WEB], HOSTVARS)


def test_filters_are_thin():
    assert services_filter.FilterModule().filters() == {"services": services}
    assert problems_filter.FilterModule().filters() == {"problems": problems}
    assert proof_filter.FilterModule().filters() == {"proof": proof}


def entry(scheduler, **weights):
    servers = [{"host": host, "weight": weight} for host, weight in weights.items()]
    return {"name": "web", "scheduler": scheduler, "address": "10.0.0.129", "port": 80, "real_servers": servers}


def test_round_robin_is_exact():
    assert proof(entry("rr", web1=1, web2=3), ["web1", "web2"] * 10) == {
        "rows": [
            {"service": "web", "real_server": "web1", "answers": 10, "expected": "10"},
            {"service": "web", "real_server": "web2", "answers": 10, "expected": "10"},
        ],
        "problems": [],
    }
    assert proof(entry("rr", web1=1, web2=1), ["web1"] * 11 + ["web2"] * 9)["problems"] == [
        "web: web1 answered 11 times of 20, expected 10",
        "web: web2 answered 9 times of 20, expected 10",
    ]


def test_weights_count():
    assert proof(entry("wrr", web1=1, web2=3), ["web1"] * 5 + ["web2"] * 15)["problems"] == []
    assert len(proof(entry("wrr", web1=1, web2=3), ["web1", "web2"] * 10)["problems"]) == 2
    assert proof(entry("wlc", web1=1, web2=0), ["web1", "web2"])["problems"] == ["web: web2 answered 1 times of 2, expected 0"]


def test_strangers_and_silence_are_problems():
    assert proof(entry("wlc", web1=1), ["web1", "else"])["problems"] == [
        "web: 'else' answered, which is none of its real servers"
    ]
    assert proof(entry("wlc", web1=1), [])["problems"] == ["web: nobody answered at 10.0.0.129:80"]
