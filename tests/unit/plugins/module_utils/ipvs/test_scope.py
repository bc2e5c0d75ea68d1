# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a scope covers, and every refusal with its place."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import InvalidTableError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import ServiceKey
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.scope_params import read_scope

SERVICES = [
    ServiceKey.at("tcp", "192.0.2.10", 80),
    ServiceKey.at("udp", "192.0.2.10", 53),
    ServiceKey.at("tcp", "192.0.3.0", 80),
    ServiceKey.at("tcp", "2001:db8::10", 80),
    ServiceKey.marked(7),
    ServiceKey.marked(7, "ipv6"),
    ServiceKey.marked(100),
    ServiceKey.marked(199),
    ServiceKey.marked(200),
]


@pytest.mark.parametrize(
    ("raw", "covered"),
    [
        ({"all": True}, [str(key) for key in SERVICES]),
        ({"addresses": ["192.0.2.10"]}, ["tcp 192.0.2.10:80", "udp 192.0.2.10:53"]),
        ({"addresses": ["2001:DB8:0::10"]}, ["tcp [2001:db8::10]:80"]),
        ({"networks": ["192.0.2.0/24"]}, ["tcp 192.0.2.10:80", "udp 192.0.2.10:53"]),
        ({"networks": ["192.0.2.0/23"]}, ["tcp 192.0.2.10:80", "udp 192.0.2.10:53", "tcp 192.0.3.0:80"]),
        ({"networks": ["0.0.0.0/0"]}, ["tcp 192.0.2.10:80", "udp 192.0.2.10:53", "tcp 192.0.3.0:80"]),
        ({"networks": ["::/0"]}, ["tcp [2001:db8::10]:80"]),
        ({"fwmarks": ["100-199"]}, ["fwmark 100 ipv4", "fwmark 199 ipv4"]),
        ({"fwmarks": [7, "200"]}, ["fwmark 7 ipv4", "fwmark 7 ipv6", "fwmark 200 ipv4"]),
        ({"services": ["tcp 192.0.2.10:80"]}, ["tcp 192.0.2.10:80"]),
        ({"services": ["fwmark 7 ipv6"]}, ["fwmark 7 ipv6"]),
        ({"services": [str(key) for key in SERVICES]}, [str(key) for key in SERVICES]),
        ({"services": ["fwmark 7"], "networks": ["2001:db8::/64"]}, ["tcp [2001:db8::10]:80", "fwmark 7 ipv4"]),
    ],
)
def test_covered(raw, covered):
    scope = read_scope(raw)
    assert [str(key) for key in SERVICES if scope.covers(key)] == covered


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ([], "scope: [] is not a dictionary: use all, addresses, networks, fwmarks, services"),
        ({}, "scope: it names nothing: use all, addresses, networks, fwmarks, services, or leave scope out"),
        (
            {"all": False, "networks": []},
            "scope: it names nothing: use all, addresses, networks, fwmarks, services, or leave scope out",
        ),
        ({"network": ["::/0"]}, "scope.network: unknown; did you mean networks?"),
        ({"networks": "::/0"}, "scope.networks: '::/0' is not a list"),
        (
            {"networks": ["::/0", "192.0.2.10/24"]},
            "scope.networks[1]: 192.0.2.10/24 has host bits set: use 192.0.2.0/24, or addresses for a single one",
        ),
        (
            {"networks": ["2001:db8::1/64"]},
            "scope.networks[0]: 2001:db8::1/64 has host bits set: use 2001:db8::/64, or addresses for a single one",
        ),
        (
            {"networks": ["192.0.2.0/33"]},
            "scope.networks[0]: '192.0.2.0/33' is not an IPv4 or IPv6 network: use one like 192.0.2.0/24",
        ),
        ({"networks": [7]}, "scope.networks[0]: 7 is not an IPv4 or IPv6 network: use one like 192.0.2.0/24"),
        (
            {"addresses": ["192.0.2.0/24"]},
            "scope.addresses[0]: '192.0.2.0/24' is not an IPv4 or IPv6 address: for a network use networks",
        ),
        ({"addresses": [7]}, "scope.addresses[0]: 7 is not an IPv4 or IPv6 address: for a network use networks"),
        ({"fwmarks": ["a"]}, "scope.fwmarks[0]: 'a' is neither a firewall mark nor a range like 100-199"),
        ({"fwmarks": ["0-9"]}, "scope.fwmarks[0]: '0-9' is out of range: use 1..4294967295, the smaller one first"),
        ({"fwmarks": ["9-1"]}, "scope.fwmarks[0]: '9-1' is out of range: use 1..4294967295, the smaller one first"),
        (
            {"services": ["192.0.2.10:80"]},
            "scope.services[0]: '192.0.2.10:80' names no service: use the form of results, such as 'tcp 192.0.2.10:80',"
            " 'udp [2001:db8::10]:53' or 'fwmark 7 ipv4'",
        ),
        (
            {"services": ["tcp 192.0.2.10:65536"]},
            "scope.services[0]: port: 65536 is out of range: use 0..65535",
        ),
        ({"all": "perhaps"}, "scope.all: 'perhaps' is neither true nor false"),
        (
            {"fwmarks": ["a"], "networks": ["b"]},
            "scope.networks[0]: 'b' is not an IPv4 or IPv6 network: use one like 192.0.2.0/24\n"
            "scope.fwmarks[0]: 'a' is neither a firewall mark nor a range like 100-199",
        ),
    ],
)
def test_refused(raw, message):
    with pytest.raises(InvalidTableError) as refused:
        read_scope(raw)
    assert str(refused.value) == message
