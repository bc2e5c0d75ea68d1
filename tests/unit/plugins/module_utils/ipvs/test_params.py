# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options become intents, and every refusal names the option and the remedy."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import InvalidOptionError, ServiceMissingError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.params import (
    REAL_SERVER_SPEC,
    SERVICE_SPEC,
    real_server_intent,
    service_intent,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.plan import make_plan

TCP = ServiceKey.at("tcp", "192.0.2.10", 80)
RIP = DestinationKey.at("198.51.100.1", 80)
V6 = {"address": "2001:db8::1", "port": 80}


def service_params(**given):
    params = {name: option.get("default") for name, option in SERVICE_SPEC.items()}
    if "fwmark" not in given:
        params.update(address="192.0.2.10", port=80)
    return {**params, **given}


def real_server_params(**given):
    params = {name: option.get("default") for name, option in REAL_SERVER_SPEC.items()}
    if "fwmark" not in given:
        params.update(service_address="192.0.2.10", service_port=80)
    return {**params, "address": "198.51.100.1", **given}


def planned_service(have=None, **given):
    intent = service_intent(service_params(**given))
    table = {intent.key: Entry(have, {})} if have else {}
    return make_plan(table, *intent.goal(table)).predicted[intent.key].service


def planned_real_server(have=None, service=None, **given):
    intent = real_server_intent(real_server_params(**given))
    table = {intent.service: Entry(service or Service(intent.service), {have.key: have} if have else {})}
    return make_plan(table, *intent.goal(table)).predicted[intent.service].destinations[intent.key]


def test_defaults_on_creation():
    assert planned_service() == Service(TCP, "wlc", 0, 0, "255.255.255.255", "", False)
    assert planned_real_server() == Destination(RIP, "direct", 1, 0, 0, "ipip", 0, "none")


def test_options_that_are_left_out_keep_their_values():
    have = Service(TCP, "sh", 2, 300, "255.255.255.0", "sip")
    assert planned_service(have) == have
    assert planned_service(have, persistence_timeout=60) == Service(TCP, "sh", 2, 60, "255.255.255.0", "sip")
    there = Destination(RIP, "tunnel", 7, 10, 5, "gue", 6080, "csum")
    assert planned_real_server(there) == there
    assert planned_real_server(there, weight=0) == Destination(RIP, "tunnel", 0, 10, 5, "gue", 6080, "csum")


def test_values_can_be_taken_back():
    have = Service(TCP, "sh", 2, 300, "255.255.255.0", "sip")
    assert planned_service(have, scheduler_flags=[], persistence_timeout=0, persistence_engine="") == Service(TCP, "sh")


def test_another_scheduler_does_not_inherit_flags():
    assert planned_service(Service(TCP, "sh", 2), scheduler="mh") == Service(TCP, "mh", 0)
    assert planned_service(Service(TCP, "sh", 2), scheduler="sh") == Service(TCP, "sh", 2)
    assert planned_service(Service(TCP, "sh", 2), scheduler="mh", scheduler_flags=["mh-fallback"]) == Service(TCP, "mh", 1)


def test_real_server_port():
    assert planned_real_server().key.port == 80
    assert planned_real_server(port=8080, forward="masquerade").key.port == 8080
    assert planned_real_server(fwmark=1).key.port == 0


@pytest.mark.parametrize(
    ("given", "netmask"),
    [
        ({"persistence_netmask": "255.255.255.0"}, "255.255.255.0"),
        ({"persistence_netmask": "24"}, "255.255.255.0"),
        ({"persistence_netmask": "/32"}, "255.255.255.255"),
        ({"persistence_netmask": "0"}, "0.0.0.0"),
        ({"persistence_netmask": "0.0.0.0"}, "0.0.0.0"),
        ({"persistence_netmask": "64", **V6}, "64"),
        ({"persistence_netmask": "/128", **V6}, "128"),
        ({}, "255.255.255.255"),
    ],
)
def test_netmasks(given, netmask):
    assert planned_service(persistence_timeout=1, **given).persistence_netmask == netmask


def test_flags_have_names_for_the_scheduler_or_for_any():
    assert planned_service(scheduler="sh", scheduler_flags=["sh-fallback", "sh-port"]).scheduler_flags == 3
    assert planned_service(scheduler="mh", scheduler_flags=["mh-port", "flag-3"]).scheduler_flags == 6
    assert planned_service(scheduler_flags=["flag-1"]).scheduler_flags == 1


def test_a_default_that_has_no_effect_is_no_error():
    assert planned_service(persistence_timeout=0, persistence_netmask="32") == Service(TCP)
    assert planned_real_server(tunnel_type="ipip", tunnel_checksum="none") == Destination(RIP)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"address": None, "port": None}, "address: say which service is meant: set address and port, or fwmark"),
        ({"port": None}, "port: needed beside address: 1..65535, or 0 for every port"),
        ({"port": 65536}, "port: 65536 is out of range: use 0..65535"),
        ({"port": 0}, "port: 0 (every port) needs persistence: set persistence_timeout, or name a port"),
        (
            {"address": "www.example.org"},
            "address: 'www.example.org' is not an IPv4 or IPv6 address: names, prefixes, brackets and zones are not accepted",
        ),
        (
            {"fwmark": 1, "address": "192.0.2.10"},
            "address: a service is known by its address or by its fwmark: leave one of them out",
        ),
        ({"fwmark": 1, "port": 80}, "port: a service is known by its address or by its fwmark: leave one of them out"),
        ({"fwmark": 0}, "fwmark: 0 is out of range: use 1..4294967295"),
        ({"fwmark": 1, "protocol": "udp"}, "protocol: a fwmark service has none, the firewall rule decides: leave it out"),
        ({"family": "ipv6"}, "family: ipv6 contradicts address 192.0.2.10: leave family out"),
        (
            {"scheduler": "Round Robin"},
            "scheduler: 'Round Robin' is not a name of the kernel's: use 1 to 15 lower case letters, digits or underscores",
        ),
        (
            {"persistence_timeout": 2678401},
            "persistence_timeout: 2678401 is out of range: use 0..2678400 seconds (31 days); 0 means no persistence",
        ),
        (
            {"persistence_netmask": "255.0.255.0", "persistence_timeout": 1},
            "persistence_netmask: '255.0.255.0' does not fit an IPv4 service: use a netmask like 255.255.255.0, "
            "or a prefix length, 0..32",
        ),
        (
            {"persistence_netmask": "255.255.255.0", "persistence_timeout": 1, **V6},
            "persistence_netmask: '255.255.255.0' does not fit an IPv6 service: use a prefix length, 1..128",
        ),
        (
            {"persistence_netmask": "24"},
            "persistence_netmask: has no effect without persistence: set persistence_timeout, too, or leave it out",
        ),
        ({"one_packet": True}, "one_packet: one-packet scheduling is for udp and fwmark services, not for tcp: leave it out"),
        (
            {"scheduler_flags": ["sh-port", "mh-port"]},
            "scheduler_flags: flags of the schedulers mh and sh are mixed: use those of one",
        ),
        (
            {"scheduler_flags": ["sh-port"]},
            "scheduler_flags: the flags of scheduler sh do not fit scheduler wlc: set scheduler, or use other flags",
        ),
    ],
)
def test_refused_services(given, message):
    with pytest.raises(InvalidOptionError) as refused:
        planned_service(**given)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"service_address": None},
            "service_address: say which service is meant: set service_address and service_port, or fwmark",
        ),
        ({"service_port": None}, "service_port: needed beside service_address: 1..65535, or 0 for every port"),
        ({"address": "224.0.0.1"}, "address: 224.0.0.1 cannot be a real server: use the address of one host"),
        ({"address": "::"}, "address: :: cannot be a real server: use the address of one host"),
        (
            {"address": "2001:db8::1"},
            "address: 2001:db8::1 is ipv6 and the service is ipv4: only forward=tunnel can cross families",
        ),
        (
            {"port": 8080},
            "port: 8080 differs from the service's 80, and forward=direct cannot rewrite ports: "
            "leave port out, or set forward to masquerade",
        ),
        (
            {"port": 8080, "forward": "tunnel"},
            "port: 8080 differs from the service's 80, and forward=tunnel cannot rewrite ports: "
            "leave port out, or set forward to masquerade",
        ),
        ({"weight": -1}, "weight: -1 is out of range: use 0..2147483647; 0 means no new connections"),
        (
            {"lower_threshold": 5},
            "lower_threshold: 5 is above upper_threshold, which is 0: raise upper_threshold, or set lower_threshold to 0",
        ),
        (
            {"upper_threshold": 2**31},
            "upper_threshold: 2147483648 is out of range: use 0..2147483647 connections; 0 means no limit",
        ),
        (
            {"tunnel_type": "gue"},
            "tunnel_type: has no effect on other forwarding methods: set forward to tunnel, or leave it out",
        ),
        (
            {"forward": "tunnel", "tunnel_type": "gue"},
            "tunnel_port: a gue tunnel needs the UDP port that the real server decapsulates on, 1..65535",
        ),
        (
            {"forward": "tunnel", "tunnel_type": "gre", "tunnel_port": 6080},
            "tunnel_port: only gue tunnels have a port: set forward to tunnel and tunnel_type to gue, or leave it out",
        ),
        ({"forward": "tunnel", "tunnel_type": "gue", "tunnel_port": 0}, "tunnel_port: 0 is out of range: use 1..65535"),
        (
            {"forward": "tunnel", "tunnel_checksum": "csum"},
            "tunnel_checksum: only gue and gre tunnels have a checksum: set forward to tunnel and tunnel_type, or leave it out",
        ),
        (
            {"forward": "tunnel", "tunnel_type": "gre", "tunnel_checksum": "remcsum"},
            "tunnel_checksum: remcsum is for gue tunnels: use csum or none with gre",
        ),
        (
            {"have": Destination(RIP, "7")},
            "forward: the kernel holds the unknown value 7 here: set it to one of masquerade, direct, tunnel, local",
        ),
        (
            {"have": Destination(RIP, "tunnel", tunnel_type="9")},
            "tunnel_type: the kernel holds the unknown value 9 here: set it to one of ipip, gue, gre",
        ),
    ],
)
def test_refused_real_servers(given, message):
    with pytest.raises(InvalidOptionError) as refused:
        planned_real_server(**given)
    assert str(refused.value) == message


def test_a_real_server_needs_its_service():
    intent = real_server_intent(real_server_params())
    with pytest.raises(ServiceMissingError) as missing:
        intent.goal({})
    assert str(missing.value) == (
        "the virtual service tcp 192.0.2.10:80 does not exist: create it with lvs.cluster.ipvs_service first"
    )


def test_a_service_can_be_assumed():
    intent = real_server_intent(real_server_params())
    assumed = intent.assume_service({})
    assert make_plan(assumed, *intent.goal(assumed)).predicted == {TCP: Entry(Service(TCP), {RIP: Destination(RIP)})}
    real = {TCP: Entry(Service(TCP, "sh"), {})}
    assert intent.assume_service(real) == real


def test_nothing_to_remove():
    service = service_intent(service_params(state="absent"))
    real_server = real_server_intent(real_server_params(state="absent"))
    assert real_server.assume_service({}) == {}
    assert not make_plan({}, *service.goal({})).changed
    assert not make_plan({}, *real_server.goal({})).changed


def test_removing_touches_nothing_else():
    other = DestinationKey.at("198.51.100.2", 80)
    table = {
        TCP: Entry(Service(TCP), {RIP: Destination(RIP), other: Destination(other)}),
        ServiceKey.marked(1): Entry(Service(ServiceKey.marked(1)), {}),
    }
    real_server = real_server_intent(real_server_params(state="absent"))
    assert make_plan(table, *real_server.goal(table)).predicted == {
        **table,
        TCP: Entry(Service(TCP), {other: Destination(other)}),
    }
    service = service_intent(service_params(state="absent"))
    assert set(make_plan(table, *service.goal(table)).predicted) == {ServiceKey.marked(1)}
