# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import random
from copy import deepcopy

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter import services as services_filter
from ansible_collections.lvs.cluster.plugins.module_utils.host.table import flatten
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.table_params import read_table
from ansible_collections.lvs.cluster.plugins.plugin_utils import parts
from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.description import SCHEDULERS
from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.problems import problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.services import FORWARDS, MODES
from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.table import services
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.inventory_data import (
    ADDRESSES6,
    GROUPS,
    HOSTVARS,
    MARKED,
    SIX,
    WEB,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def both_families(**hosts):
    return {host: {**HOSTVARS[host], **ADDRESSES6.get(host, {}), **hosts.get(host, {})} for host in HOSTVARS}


def test_the_table_is_normalised_and_sorted():
    hostvars = both_families(web2={"lvs_weight": "0"})
    described = [{"name": "late", "vip": "10.0.0.129", "port": "443", "real_port": 8443}, WEB]
    common = {"mode": "nat", "protocol": "tcp", "family": "ipv4", "address": "10.0.0.129", "vips": ["10.0.0.129"]}
    assert services(described, GROUPS, hostvars) == [
        {
            **common,
            "name": "web",
            "port": 80,
            "scheduler": "rr",
            "real_servers": [
                {"host": "web2", "address": "192.168.239.137", "port": 80, "weight": 0, "forward": "masquerade"},
                {"host": "web1", "address": "192.168.239.148", "port": 80, "weight": 1, "forward": "masquerade"},
            ],
        },
        {
            **common,
            "name": "late",
            "port": 443,
            "scheduler": "wlc",
            "real_servers": [
                {"host": "web2", "address": "192.168.239.137", "port": 8443, "weight": 0, "forward": "masquerade"},
                {"host": "web1", "address": "192.168.239.148", "port": 8443, "weight": 1, "forward": "masquerade"},
            ],
        },
    ]


def one(service, mode="nat", **hosts):
    (entry,) = services([service], GROUPS, both_families(**hosts), mode)
    return entry


def test_fields_have_the_form_of_the_kernel():
    entry = one(
        {
            **WEB,
            "scheduler": "mh",
            "scheduler_flags": ["mh-port", "mh-fallback"],
            "persistence_timeout": "300",
            "persistence_netmask": "/24",
            "persistence_engine": "sip",
            "protocol": "udp",
            "one_packet": "yes",
        },
        "dr",
    )
    assert {key: entry[key] for key in parts._SERVICE_FIELDS} == {
        "scheduler": "mh",
        "scheduler_flags": 3,
        "persistence_timeout": 300,
        "persistence_netmask": "255.255.255.0",
        "persistence_engine": "sip",
        "one_packet": True,
    }


def test_what_is_as_always_is_left_out():
    usual = {"persistence_timeout": 0, "persistence_engine": "", "one_packet": False, "scheduler_flags": [], "upper_threshold": 0}
    assert one({**WEB, **usual, "real_port": None}) == one(WEB)
    assert one({**WEB, "tunnel_type": "ipip", "tunnel_checksum": "none"}, "tun") == one(WEB, "tun")


def test_a_host_says_more_than_its_service():
    entry = one({**WEB, "upper_threshold": 10, "lower_threshold": 5}, web1={"lvs_upper_threshold": 20, "lvs_weight": 7})
    assert [
        (server["host"], server["weight"], server["upper_threshold"], server["lower_threshold"])
        for server in entry["real_servers"]
    ] == [
        ("web2", 1, 10, 5),
        ("web1", 7, 20, 5),
    ]


@pytest.mark.parametrize("mode", MODES)
def test_tunnel_options_wait_for_tunnels(mode):
    entry = one({**WEB, "tunnel_type": "gue", "tunnel_port": 6080, "tunnel_checksum": "csum"}, mode)
    tunnel = {"tunnel_type": "gue", "tunnel_port": 6080, "tunnel_checksum": "csum"} if mode == "tun" else {}
    assert {key: value for key, value in entry["real_servers"][0].items() if key.startswith("tunnel")} == tunnel
    assert entry["real_servers"][0]["forward"] == FORWARDS[mode]


def test_a_service_has_its_own_mode():
    assert one({**WEB, "mode": "dr"}, "nat") == one(WEB, "dr")


def test_marks_stand_for_vips_and_ports():
    entry = one({**MARKED, "vip": ["10.0.0.130", "10.0.0.129", "10.0.0.130"], "ports": ["443", 80, 443]})
    assert (entry["fwmark"], entry["port"], entry["ports"], entry["vips"]) == (1, 0, [80, 443], ["10.0.0.129", "10.0.0.130"])
    assert {server["port"] for server in entry["real_servers"]} == {0}
    assert one({**MARKED, "real_port": 8080})["real_servers"][0]["port"] == 8080


def test_ipv6_services_have_ipv6_real_servers():
    for mode in MODES:
        entry = one({**SIX, "vip": "FD00:A:0::129"}, mode)
        assert (entry["family"], entry["address"]) == ("ipv6", "fd00:a::129")
        assert [server["address"] for server in entry["real_servers"]] == ["fd00:b::137", "fd00:b::148"]


def test_a_tunnel_leads_to_ipv4_where_there_is_no_ipv6():
    entry = one(SIX, "tun", web2={"lvs_rip6": None})
    assert [server["address"] for server in entry["real_servers"]] == ["192.168.239.137", "fd00:b::148"]


def test_no_table_is_made_of_a_wrong_description():
    with pytest.raises(AnsibleFilterError, match=r"^lvs_mode: 'no'.*\nlvs_services\[0\].port: "):
        services([{**WEB, "port": "x"}], GROUPS, HOSTVARS, "no")


def test_the_input_is_not_changed():
    described, hostvars = [deepcopy(WEB)], deepcopy(HOSTVARS)
    services(described, GROUPS, hostvars)
    assert (described, hostvars) == ([WEB], HOSTVARS)


def test_the_filter_is_thin():
    assert services_filter.FilterModule().filters() == {"services": services}


FLAGS = {"sh": ["sh-port", "sh-fallback"], "mh": ["mh-port", "mh-fallback"]}
HOSTS = [f"web{number}" for number in range(1, 6)]


@st.composite
def a_service(draw, number, mode):
    """A valid service; the number keeps services apart."""
    own_mode = draw(st.sampled_from(MODES))
    mode = draw(st.sampled_from([mode, own_mode]))
    six, marked = draw(st.booleans()), draw(st.booleans())
    scheduler = draw(st.sampled_from(SCHEDULERS))
    vip = f"fd00:a::{number + 1}" if six else f"10.0.{number}.129"
    service = {"name": f"service{number}", "vip": vip, "mode": mode, "scheduler": scheduler}
    service["protocol"] = draw(st.sampled_from(["tcp", "udp", "sctp"]))
    service["real_servers"] = draw(st.sampled_from(["real_servers", "near"]))
    if draw(st.booleans()):
        service["scheduler_flags"] = draw(st.lists(st.sampled_from([*FLAGS.get(scheduler, []), "flag-1", "flag-3"]), unique=True))
    if draw(st.booleans()):
        service["persistence_timeout"] = draw(st.integers(1, 2678400))
        service["persistence_netmask"] = draw(st.sampled_from([64, "/128"] if six else ["255.255.0.0", 24]))
    if marked:
        service.update(fwmark=number + 1, ports=draw(st.lists(st.integers(1, 65535), min_size=1, max_size=4)))
        if draw(st.booleans()):
            service["vip"] = [vip, f"fd00:a::1:{number + 1}" if six else f"10.0.{number}.130"]
    else:
        service["port"] = draw(st.integers(0 if "persistence_timeout" in service else 1, 65535))
    if service["protocol"] == "udp" and mode not in ("nat", "fullnat"):
        service["one_packet"] = draw(st.booleans())
    every = (marked or not service["port"]) and "persistence_timeout" in service
    if mode in ("nat", "fullnat") and not every and draw(st.booleans()):
        service["real_port"] = draw(st.integers(1, 65535))
    if draw(st.booleans()):
        service.update(upper_threshold=draw(st.integers(100, 200)), lower_threshold=draw(st.integers(0, 50)))
    if draw(st.booleans()):
        service.update(draw(st.sampled_from([{"tunnel_type": "gre"}, {"tunnel_type": "gue", "tunnel_port": 6080}])))
    return service


@st.composite
def an_inventory(draw):
    mode = draw(st.sampled_from(MODES))
    described = [draw(a_service(number, mode)) for number in range(draw(st.integers(1, 5)))]
    hostvars = {"director1": {**HOSTVARS["director1"], **ADDRESSES6["director1"], "lvs_back_network6": "fd00:b::/64"}}
    for number, host in enumerate(HOSTS):
        hostvars[host] = {"lvs_rip": f"192.168.239.{number + 1}", "lvs_rip6": f"fd00:b::{number + 1}"}
        if draw(st.booleans()):
            hostvars[host]["lvs_weight"] = draw(st.integers(0, 2**31 - 1))
        if draw(st.booleans()):
            hostvars[host]["lvs_upper_threshold"] = draw(st.integers(50, 2**31 - 1))
        if mode == "tun" and all(service["mode"] == "tun" for service in described) and draw(st.booleans()):
            del hostvars[host]["lvs_rip6"]
    near = draw(st.lists(st.sampled_from(HOSTS), min_size=1, unique=True))
    groups = {"directors": ["director1"], "gateways": ["director1"], "real_servers": HOSTS, "near": near}
    return described, groups, hostvars, mode


def as_ipvs_table_says_it(described, groups, hostvars):
    """The same cluster in the words of ipvs_table."""
    raw = []
    for service in described:
        six = ":" in str(service["vip"])
        marked = {"fwmark": service.get("fwmark"), "family": "ipv6" if six else "ipv4"}
        key = (
            marked
            if "fwmark" in service
            else {"protocol": service["protocol"], "address": service["vip"], "port": service["port"]}
        )
        names = ("scheduler", "scheduler_flags", "persistence_timeout", "persistence_netmask", "persistence_engine", "one_packet")
        servers = []
        for host in groups[service["real_servers"]]:
            variables = hostvars[host]
            server = {
                "address": (variables.get("lvs_rip6") if six else None) or variables["lvs_rip"],
                "port": service.get("real_port"),
            }
            server["forward"] = {"nat": "masquerade", "fullnat": "masquerade", "dr": "direct", "tun": "tunnel"}[service["mode"]]
            for name in ("weight", "upper_threshold", "lower_threshold"):
                server[name] = variables.get(f"lvs_{name}", service.get(name))
            if service["mode"] == "tun":
                server.update({name: service[name] for name in service if name.startswith("tunnel")})
            servers.append(server)
        raw.append({**key, **{name: service.get(name) for name in names}, "real_servers": servers})
    return raw


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(an_inventory(), st.randoms(use_true_random=False))
def test_any_right_inventory_is_the_table_that_ipvs_table_makes_of_it(inventory, order: random.Random):
    described, groups, hostvars, mode = inventory
    assert problems(described, groups, hostvars, mode, "192.168.239.0/24") == []
    table = services(described, groups, hostvars, mode)
    assert parts.director(table, "front", {}, "192.0.2.1")["ipvs"] == flatten(
        read_table(as_ipvs_table_says_it(described, groups, hostvars))
    )
    # Whatever the order in which the inventory says it.
    shuffled = [{key: service[key] for key in order.sample(list(service), len(service))} for service in described]
    order.shuffle(shuffled)
    mixed = {name: order.sample(hosts, len(hosts)) for name, hosts in groups.items()}
    assert services(shuffled, mixed, hostvars, mode) == table
