# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A table from the dictionaries of a task: what is accepted, and every refusal with its place."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import InvalidTableError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.report import real_server_view, service_view
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.table_params import read_table

WEB = {"address": "192.0.2.10", "port": 80}
RIP = {"address": "198.51.100.1"}
TCP = ServiceKey.at("tcp", "192.0.2.10", 80)
KEY = DestinationKey.at("198.51.100.1", 80)


def web(*real_servers, **given):
    return {**WEB, **given, "real_servers": list(real_servers)}


def problems(*services):
    with pytest.raises(InvalidTableError) as refused:
        read_table(list(services))
    return refused.value.problems


def test_what_is_left_out_has_its_default():
    assert read_table([WEB]) == {TCP: Entry(Service(TCP), {})}
    assert read_table([{**WEB, "scheduler": None, "real_servers": None}]) == {TCP: Entry(Service(TCP), {})}
    assert read_table([web(RIP)]) == {TCP: Entry(Service(TCP), {KEY: Destination(KEY)})}
    assert read_table([{"fwmark": 7}]) == {ServiceKey.marked(7): Entry(Service(ServiceKey.marked(7)), {})}
    assert read_table([]) == {}


def test_templates_make_strings():
    given = web(
        {**RIP, "port": "8080", "forward": "masquerade", "weight": "0"},
        port="80",
        protocol="udp",
        one_packet="True",
        persistence_timeout=" 60 ",
        persistence_netmask=24,
    )
    key = ServiceKey.at("udp", "192.0.2.10", 80)
    rip = DestinationKey.at("198.51.100.1", 8080)
    service = Service(key, persistence_timeout=60, persistence_netmask="255.255.255.0", one_packet=True)
    assert read_table([given]) == {key: Entry(service, {rip: Destination(rip, "masquerade", 0)})}


@pytest.mark.parametrize(
    "entry",
    [
        Entry(Service(TCP, "sh", 3, 300, "255.255.255.0", "sip"), {KEY: Destination(KEY, "direct", 7, 10, 5)}),
        Entry(Service(ServiceKey.marked(7, "ipv6"), "rr", 4, 60, "64", one_packet=True), {}),
        Entry(
            Service(ServiceKey.at("sctp", "2001:db8::10", 80), "mh", 2),
            {KEY: Destination(KEY, "tunnel", 1, 0, 0, "gue", 6080, "remcsum")},
        ),
    ],
)
def test_what_results_show_can_be_declared(entry):
    shown = {**service_view(entry.service), "real_servers": [real_server_view(each) for each in entry.destinations.values()]}
    assert read_table([shown]) == {entry.service.key: entry}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("web", "services[0]: 'web' is not a dictionary"),
        ({}, "services[0].address: say which service is meant: set address and port, or fwmark"),
        ({**WEB, "sheduler": "rr"}, "services[0].sheduler: unknown; did you mean scheduler?"),
        (
            {**WEB, "x": 1},
            "services[0].x: unknown; use protocol, address, port, fwmark, family, scheduler, scheduler_flags, persistence_timeout,"
            " persistence_netmask, persistence_engine, one_packet, real_servers",
        ),
        ({**WEB, "protocol": "gre"}, "services[0].protocol: 'gre' is not known: use one of tcp, udp, sctp"),
        ({**WEB, "protocol": 47}, "services[0].protocol: 47 is not known: use one of tcp, udp, sctp"),
        ({**WEB, "port": True}, "services[0].port: True is not a whole number"),
        ({**WEB, "port": 80.0}, "services[0].port: 80.0 is not a whole number"),
        ({**WEB, "port": "http"}, "services[0].port: 'http' is not a whole number"),
        ({**WEB, "port": 65536}, "services[0].port: 65536 is out of range: use 0..65535"),
        ({**WEB, "port": 0}, "services[0].port: 0 (every port) needs persistence: set persistence_timeout, or name a port"),
        (
            {**WEB, "address": "192.0.2.10/32"},
            "services[0].address: '192.0.2.10/32' is not an IPv4 or IPv6 address: names, prefixes, brackets and zones are not accepted",
        ),
        (
            {**WEB, "address": 3221225994},
            "services[0].address: 3221225994 is not an IPv4 or IPv6 address: names, prefixes, brackets and zones are not accepted",
        ),
        ({**WEB, "address": "0.0.0.0"}, "services[0].address: 0.0.0.0 cannot be a VIP: use the address of one host"),
        ({**WEB, "address": "ff02::1"}, "services[0].address: ff02::1 cannot be a VIP: use the address of one host"),
        ({**WEB, "family": "ipv6"}, "services[0].family: ipv6 contradicts address 192.0.2.10: leave family out"),
        (
            {"address": "2001:db8::1", "port": 80, "family": "ipv4"},
            "services[0].family: ipv4 contradicts address 2001:db8::1: leave family out",
        ),
        ({"fwmark": 2**32}, "services[0].fwmark: 4294967296 is out of range: use 1..4294967295"),
        ({"fwmark": 7, **WEB}, "services[0].address: a service is known by its address or by its fwmark: leave one of them out"),
        (
            {**WEB, "scheduler": "Round Robin"},
            "services[0].scheduler: 'Round Robin' is not a name of the kernel's: use 1 to 15 lower case letters, digits or underscores",
        ),
        (
            {**WEB, "scheduler_flags": "sh-port"},
            "services[0].scheduler_flags: 'sh-port' is not a list: use a list of sh-fallback, sh-port, mh-fallback, mh-port,"
            " flag-1, flag-2, flag-3",
        ),
        (
            {**WEB, "scheduler_flags": ["sh-ports"]},
            "services[0].scheduler_flags: 'sh-ports' is not known: use sh-fallback, sh-port, mh-fallback, mh-port, flag-1, flag-2,"
            " flag-3",
        ),
        (
            {**WEB, "scheduler_flags": ["sh-port"]},
            "services[0].scheduler_flags: the flags of scheduler sh do not fit scheduler wlc: set scheduler, or use other flags",
        ),
        (
            {**WEB, "persistence_netmask": 24},
            "services[0].persistence_netmask: has no effect without persistence: set persistence_timeout, too, or leave it out",
        ),
        (
            {**WEB, "persistence_timeout": 1, "persistence_netmask": "255.255.0.255"},
            "services[0].persistence_netmask: '255.255.0.255' does not fit an IPv4 service: use a netmask like 255.255.255.0,"
            " or a prefix length, 0..32",
        ),
        ({**WEB, "one_packet": 1}, "services[0].one_packet: 1 is neither true nor false"),
        (
            {**WEB, "protocol": "sctp", "one_packet": True},
            "services[0].one_packet: one-packet scheduling is for udp and fwmark services, not for sctp: leave it out",
        ),
        ({**WEB, "real_servers": RIP}, "services[0].real_servers: {'address': '198.51.100.1'} is not a list"),
        (web(7), "services[0].real_servers[0]: 7 is not a dictionary"),
        (web({}), "services[0].real_servers[0].address: say which real server is meant: set its address"),
        (web({**RIP, "wieght": 1}), "services[0].real_servers[0].wieght: unknown; did you mean weight?"),
        (
            web({**RIP, "weight": -1}),
            "services[0].real_servers[0].weight: -1 is out of range: use 0..2147483647; 0 means no new connections",
        ),
        (
            web({**RIP, "weight": 2**31}),
            "services[0].real_servers[0].weight: 2147483648 is out of range: use 0..2147483647; 0 means no new connections",
        ),
        (web({**RIP, "weight": False}), "services[0].real_servers[0].weight: False is not a whole number"),
        (
            web({**RIP, "forward": "7"}),
            "services[0].real_servers[0].forward: '7' is not known: use one of masquerade, direct, tunnel, local",
        ),
        (
            web({**RIP, "forward": "tunnel", "tunnel_type": "vxlan"}),
            "services[0].real_servers[0].tunnel_type: 'vxlan' is not known: use one of ipip, gue, gre",
        ),
        (
            web({**RIP, "forward": "tunnel", "tunnel_type": "gue"}),
            "services[0].real_servers[0].tunnel_port: a gue tunnel needs the UDP port that the real server decapsulates on, 1..65535",
        ),
        (
            web({**RIP, "tunnel_type": "gue"}),
            "services[0].real_servers[0].tunnel_type: has no effect on other forwarding methods: set forward to tunnel, or leave it out",
        ),
        (
            web({**RIP, "port": 8080}),
            "services[0].real_servers[0].port: 8080 differs from the service's 80, and forward=direct cannot rewrite ports:"
            " leave port out, or set forward to masquerade",
        ),
        (
            web({**RIP, "port": 0, "forward": "masquerade"}),
            "services[0].real_servers[0].port: 0 stands for every port, and the service has only 80: leave port out",
        ),
        (
            web({**RIP, "lower_threshold": 2, "upper_threshold": 1}),
            "services[0].real_servers[0].lower_threshold: 2 is above upper_threshold, which is 1: raise upper_threshold,"
            " or set lower_threshold to 0",
        ),
        (
            web({"address": "255.255.255.255"}),
            "services[0].real_servers[0].address: 255.255.255.255 cannot be a real server: use the address of one host",
        ),
        (
            web({"address": "2001:db8::1"}),
            "services[0].real_servers[0].address: 2001:db8::1 is ipv6 and the service is ipv4: only forward=tunnel can cross families",
        ),
        (
            web(RIP, {"address": "198.51.100.1", "port": 80}),
            "services[0].real_servers[1]: duplicate 198.51.100.1:80, first at services[0].real_servers[0]",
        ),
    ],
)
def test_refused(given, problem):
    assert problems(given) == [problem]


def test_a_duplicate_service_names_both_places():
    same = {"address": "2001:db8::1", "port": 80}
    other = {"address": "2001:DB8:0::1", "port": "80"}
    assert problems(same, WEB, other) == ["services[2]: duplicate tcp [2001:db8::1]:80, first at services[0]"]


def test_all_problems_are_told_at_once():
    assert problems({**web({**RIP, "weight": -1, "forward": "nat"}, {}), "port": "x", "scheduler": "!"}, "no", WEB) == [
        "services[0].port: 'x' is not a whole number",
        "services[0].scheduler: '!' is not a name of the kernel's: use 1 to 15 lower case letters, digits or underscores",
        "services[0].real_servers[0].weight: -1 is out of range: use 0..2147483647; 0 means no new connections",
        "services[0].real_servers[0].forward: 'nat' is not known: use one of masquerade, direct, tunnel, local",
        "services[0].real_servers[1].address: say which real server is meant: set its address",
        "services[1]: 'no' is not a dictionary",
    ]


def test_the_message_has_the_first_twenty():
    with pytest.raises(InvalidTableError) as refused:
        read_table([{}] * 25)
    lines = str(refused.value).splitlines()
    assert len(lines) == 21
    assert lines[19:] == [
        "services[19].address: say which service is meant: set address and port, or fwmark",
        "and 5 more",
    ]


@pytest.mark.parametrize("raw", ["text", 7, {}])
def test_no_list(raw):
    with pytest.raises(InvalidTableError, match=r"^services: .* is not a list$"):
        read_table(raw)
