# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the namespace as it is to the namespace as it should be."""

from __future__ import annotations

import json

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.lab.commands import LabError, Result
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import parse_network
from ansible_collections.lvs.cluster.plugins.module_utils.lab.realm import Realm
from ansible_collections.lvs.cluster.plugins.module_utils.lab.switches import (
    QUIET,
    Switches,
    plan,
    plan_cards,
    plan_unplug,
    read,
    wanted,
)

REALM = Realm("demo")
FRONT = parse_network("front", {"subnet": "10.0.0.0/24"})
BACK = parse_network("back", {"subnet": "192.168.239.0/24"})
COMPLETE = Switches(True, {"front": ("10.0.0.254/24",), "back": ("192.168.239.254/24",)}, {"web1-0": "back"}, QUIET)


def test_nothing_is_done_where_nothing_differs():
    assert plan(REALM, COMPLETE, wanted([FRONT, BACK], COMPLETE)) == ()


def test_the_namespace_is_quiet_before_it_has_a_bridge():
    commands = [" ".join(command) for command in plan(REALM, Switches(), wanted([FRONT], Switches()))]
    assert commands[0] == "ip netns add lvs-demo"
    bridge = next(at for at, command in enumerate(commands) if "link add front type bridge" in command)
    settings = [at for at, command in enumerate(commands) if "sysctl" in command]
    assert len(settings) == len(QUIET)
    assert max(settings) < bridge
    assert commands[-1] == "ip -n lvs-demo address add 10.0.0.254/24 dev front"


def test_a_network_that_is_not_wanted_goes_and_a_moved_address_moves():
    have = Switches(True, {"front": ("10.0.0.1/24",), "side": ("10.9.0.1/24",)}, {}, QUIET)
    assert plan(REALM, have, wanted([FRONT], have)) == (
        ("ip", "-n", "lvs-demo", "link", "delete", "side"),
        ("ip", "-n", "lvs-demo", "address", "delete", "10.0.0.1/24", "dev", "front"),
        ("ip", "-n", "lvs-demo", "address", "add", "10.0.0.254/24", "dev", "front"),
    )


def test_a_setting_that_was_changed_is_set_again():
    have = Switches(True, COMPLETE.bridges, {}, {**QUIET, "net/ipv4/ip_forward": "1"})
    assert plan(REALM, have, wanted([FRONT, BACK], have)) == (
        REALM.inside(("sysctl", "--quiet", "--write", "net.ipv4.ip_forward=0")),
    )


def test_a_name_without_a_namespace_behind_it_is_made_anew():
    have = Switches(exists=True, broken=True)
    commands = plan(REALM, have, wanted([FRONT], have))
    assert commands[:2] == (("ip", "netns", "delete", "lvs-demo"), ("ip", "netns", "add", "lvs-demo"))


def test_removal():
    assert plan(REALM, COMPLETE, Switches()) == (("ip", "netns", "delete", "lvs-demo"),)
    assert plan(REALM, Switches(), Switches()) == ()


def test_cards_are_plugged_in_where_they_belong():
    ip = ("ip", "-n", "lvs-demo")
    assert plan_cards(REALM, COMPLETE, {"web1-0": "back"}) == ()
    assert plan_cards(REALM, COMPLETE, {"web1-0": "front"}) == ((*ip, "link", "set", "web1-0", "master", "front", "up"),)
    assert plan_cards(REALM, COMPLETE, {"web2-0": "back"}) == (
        (*ip, "tuntap", "add", "web2-0", "mode", "tap"),
        (*ip, "link", "set", "web2-0", "master", "back", "up"),
    )
    assert plan_unplug(REALM, COMPLETE, ["web1-0", "web9-0"]) == ((*ip, "link", "delete", "web1-0"),)
    with pytest.raises(LabError, match="network side is not there"):
        plan_cards(REALM, COMPLETE, {"web1-0": "side"})


def test_reading_what_ip_prints():
    links = [
        {"ifname": "lo", "addr_info": [{"family": "inet", "local": "127.0.0.1", "prefixlen": 8}]},
        {
            "ifname": "back",
            "linkinfo": {"info_kind": "bridge"},
            "addr_info": [
                {"family": "inet", "local": "192.168.239.254", "prefixlen": 24},
                {"family": "inet6", "local": "fe80::1", "prefixlen": 64},
            ],
        },
        {"ifname": "web1-0", "master": "back", "linkinfo": {"info_kind": "tun"}, "addr_info": []},
    ]

    def run(argv):
        if "netns" in argv:
            return Result(0, '[{"name":"lvs-demo"},{"name":"other"}]', "")
        return Result(0, "0\n1\n2\n1\n1\n" if "sysctl" in argv else json.dumps(links), "")

    assert read(REALM, run) == Switches(True, {"back": ("192.168.239.254/24",)}, {"web1-0": "back"}, QUIET)
    assert read(Realm("absent"), run) == Switches()


def test_reading_a_broken_namespace():
    def run(argv):
        return (
            Result(0, '[{"name":"lvs-demo"}]', "") if "netns" in argv else Result(255, "", "setting the network namespace failed")
        )

    assert read(REALM, run).broken
