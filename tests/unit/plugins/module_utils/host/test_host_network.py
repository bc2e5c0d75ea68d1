# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses, rules, routes and tunnel devices, against answers that iproute2 6.1 gave."""

from __future__ import annotations

import re

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import Done, HostError
from ansible_collections.lvs.cluster.plugins.module_utils.host.network import Addresses, Decapsulators, Links, Routes, Rules
from ansible_collections.lvs.cluster.plugins.module_utils.host.plan import Change
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.host.fake_runner import FakeRunner

ADDRESSES = """[{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],"mtu":65536,"qdisc":"noqueue","operstate":"UNKNOWN",
"group":"default","txqlen":1000,"link_type":"loopback","address":"00:00:00:00:00:00","broadcast":"00:00:00:00:00:00","addr_info":[
{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host","label":"lo","valid_life_time":4294967295,
"preferred_life_time":4294967295},{"family":"inet6","local":"2001:db8::10","prefixlen":128,"scope":"global","nodad":true,
"valid_life_time":4294967295,"preferred_life_time":4294967295}]},{"ifindex":2,"ifname":"tunl0","flags":["NOARP"],"addr_info":[]},{}]"""
ROUTES = """[{"dst":"default","gateway":"10.0.0.1","dev":"front","metric":4242,"flags":[]},
{"dst":"default","gateway":"192.168.239.152","dev":"back","table":"4242","metrics":[{"advmss":1440}],"flags":[]},
{"dst":"10.0.0.130","dev":"lo","scope":"link","flags":[]},
{"dst":"192.168.239.148","gateway":"192.168.239.148","dev":"back","flags":["onlink"]},{"type":"blackhole","dst":"192.0.2.0/24","flags":[]},
{"type":"local","dst":"127.0.0.0/8","dev":"lo","table":"local","protocol":"kernel","scope":"host","prefsrc":"127.0.0.1","flags":[]},
{"type":"broadcast","dst":"127.255.255.255","dev":"lo","table":"local","protocol":"kernel","scope":"link","flags":[]}]"""
RULES = """[{"priority":0,"src":"all","table":"local"},
{"priority":4241,"src":"10.0.0.128","table":"main","suppress_prefixlen":0},{"priority":4242,"src":"10.0.0.128","table":"4242"},
{"priority":4243,"src":"10.0.0.0","srclen":24,"fwmark":"0x1","table":"4242"},
{"priority":4244,"not":null,"src":"10.0.0.0","srclen":24,"table":"4242"},{"priority":32766,"src":"all","table":"main"}]"""
SHOW = "ip -json address show"
LINKS = """[{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],"operstate":"UNKNOWN","link_type":"loopback"},
{"ifindex":3,"ifname":"tunl0","link":null,"flags":["NOARP"],"mtu":1480,"operstate":"DOWN","link_type":"ipip"}]"""


def made(kind, name, before, after):
    """The commands of one change."""
    runner = FakeRunner()
    kind(runner).apply([Change(kind.name, name, before, after)])
    return runner.asked


def test_addresses_are_read():
    assert Addresses(FakeRunner({SHOW: ADDRESSES})).read([]) == {
        "127.0.0.1/8 dev lo": "present",
        "2001:db8::10/128 dev lo": "present",
    }


def test_a_host_that_says_nothing_has_nothing():
    assert Addresses(FakeRunner({SHOW: ""})).read(["10.0.0.129/32 dev lo"]) == {}


@pytest.mark.parametrize(
    ("name", "before", "after", "command"),
    [
        ("10.0.0.129/32 dev front", None, "present", "ip address add 10.0.0.129/32 dev front"),
        ("10.0.0.129/32 dev front", "present", None, "ip address delete 10.0.0.129/32 dev front"),
        ("2001:db8::10/128 dev lo", None, "present", "ip address add 2001:db8::10/128 dev lo nodad preferred_lft 0"),
        ("2001:db8::10/128 dev lo", "present", None, "ip address delete 2001:db8::10/128 dev lo"),
    ],
)
def test_addresses_are_made(name, before, after, command):
    assert made(Addresses, name, before, after) == [command]


def test_a_refusal_is_a_sentence():
    command = "ip address add 10.0.0.129/32 dev fornt"
    runner = FakeRunner({command: Done(1, "", 'Cannot find device "fornt"')})
    with pytest.raises(HostError, match=re.escape(f'{command}: Cannot find device "fornt"')):
        Addresses(runner).apply([Change("address", "10.0.0.129/32 dev fornt", None, "present")])
    with pytest.raises(HostError, match="ip -json address show: failed with status 2"):
        Addresses(FakeRunner({SHOW: Done(2, "", "")})).read([])


def test_rules_are_read_and_what_asks_for_more_is_another_rule():
    runner = FakeRunner({"ip -json -4 rule show": RULES})
    assert Rules(runner).read(["4242 from 10.0.0.128 lookup 4242"]) == {
        "0 from all lookup local": "present",
        "4241 from 10.0.0.128 lookup main suppress_prefixlength 0": "present",
        "4242 from 10.0.0.128 lookup 4242": "present",
        "4243 from 10.0.0.0/24 lookup 4242 fwmark 0x1": "present",
        "4244 from 10.0.0.0/24 lookup 4242 not None": "present",
        "32766 from all lookup main": "present",
    }


def test_only_the_families_that_are_asked_for_are_read():
    runner = FakeRunner({"ip -json -6 rule show": Done(2, "", "RTNETLINK answers: Operation not supported")})
    assert Rules(runner).read(["1 from 10.0.0.128 lookup 1", "2 from all lookup 1"]) == {}
    assert runner.asked == ["ip -json -4 rule show"]
    with pytest.raises(HostError, match="Operation not supported"):
        Rules(runner).read(["1 from 2001:db8::1 lookup 1"])


@pytest.mark.parametrize(
    ("name", "before", "after", "command"),
    [
        (
            "4241 from 10.0.0.1 lookup main suppress_prefixlength 0",
            None,
            "present",
            "ip -4 rule add priority 4241 from 10.0.0.1 lookup main suppress_prefixlength 0",
        ),
        ("4242 from 10.0.0.1 lookup 4242", "present", None, "ip -4 rule delete priority 4242 from 10.0.0.1 lookup 4242"),
        ("4242 from 2001:db8::1 lookup 4242", None, "present", "ip -6 rule add priority 4242 from 2001:db8::1 lookup 4242"),
    ],
)
def test_rules_are_made(name, before, after, command):
    assert made(Rules, name, before, after) == [command]


def test_a_gateway_is_looked_for_behind_the_card_that_has_its_network():
    """The kernel would look it up in the very table that is repaired, and may find it behind the wrong card."""
    shown = """[{"ifname":"front","addr_info":[{"local":"10.0.0.128","prefixlen":24},{"local":"fe80::1","prefixlen":64}]},
               {"ifname":"back","addr_info":[{"local":"192.168.239.148","prefixlen":24}]}]"""
    routes = Routes(FakeRunner({"ip -json address show": shown}))
    wanted = {
        "default table 4242": "via 192.168.239.152 advmss 1440",
        "192.168.239.137": "via 192.168.239.137 onlink",
        "default": "via 203.0.113.1",
        "default metric 1": "via 10.0.0.1 dev eth7",
        "10.0.0.129": "dev lo",
    }
    expanded = {
        **wanted,
        "default table 4242": "via 192.168.239.152 dev back advmss 1440",
        "192.168.239.137": "via 192.168.239.137 dev back onlink",
    }
    assert routes.expand(wanted) == expanded
    # Nothing to look for, nothing asked.
    assert Routes(FakeRunner({})).expand({"10.0.0.129": "dev lo"}) == {"10.0.0.129": "dev lo"}


def test_routes_are_read():
    found = Routes(FakeRunner({"ip -json -4 route show table all": ROUTES})).read(["default table 4242"])
    assert found == {
        "default metric 4242": "via 10.0.0.1 dev front",
        "default table 4242": "via 192.168.239.152 dev back advmss 1440",
        "10.0.0.130": "dev lo",
        "192.168.239.148": "via 192.168.239.148 dev back onlink",
        "127.0.0.0/8 table local": "dev lo",
    }


@pytest.mark.parametrize(
    ("name", "before", "after", "command"),
    [
        ("default table 4242", None, "via 10.0.0.1", "ip route replace default table 4242 via 10.0.0.1"),
        ("default table 4242", "via 10.0.0.9", "via 10.0.0.1", "ip route replace default table 4242 via 10.0.0.1"),
        ("default metric 4242", "via 10.0.0.1", None, "ip route delete default metric 4242 via 10.0.0.1"),
        ("10.0.0.129", None, "dev lo", "ip route replace 10.0.0.129 dev lo"),
        ("default", None, "via 10.0.0.1 advmss 1440", "ip route replace default via 10.0.0.1 advmss 1440"),
    ],
)
def test_routes_are_made(name, before, after, command):
    assert made(Routes, name, before, after) == [command]


def test_devices_are_read_and_set():
    assert Links(FakeRunner({"ip -json link show": LINKS})).read([]) == {"lo": "up", "tunl0": "down"}
    assert made(Links, "tunl0", "down", "up") == ["ip link set tunl0 up"]
    assert made(Links, "tunl0", "up", "down") == ["ip link set tunl0 down"]


def test_a_device_that_its_module_did_not_make_is_an_error():
    with pytest.raises(HostError, match="there is no interface tunl0"):
        made(Links, "tunl0", None, "up")


def test_ports_that_unwrap_are_read():
    output = "port 6080 gue\nport 5555 ipproto 4 \n"
    assert Decapsulators(FakeRunner({"ip fou show": output})).read([]) == {"6080": "gue", "5555": "fou"}


def test_without_the_module_no_port_unwraps():
    refused = Done(255, "", "Error talking to the kernel")
    assert Decapsulators(FakeRunner({"ip fou show": refused})).read(["6080"]) == {}


@pytest.mark.parametrize(
    ("before", "after", "commands"),
    [
        (None, "gue", ["ip fou add port 6080 gue"]),
        ("gue", None, ["ip fou delete port 6080"]),
        ("fou", "gue", ["ip fou delete port 6080", "ip fou add port 6080 gue"]),
    ],
)
def test_ports_that_unwrap_are_made(before, after, commands):
    assert made(Decapsulators, "6080", before, after) == commands
