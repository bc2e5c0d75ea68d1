# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's networks and hosts as values, and every way in which an inventory can describe them wrongly."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.filter.lab_problems import lab_problems
from ansible_collections.lvs.cluster.plugins.module_utils.lab.commands import LabError
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import (
    check_lab,
    mac,
    parse_host,
    parse_lab_name,
    parse_network,
    tap,
)

FRONT = parse_network("front", {"subnet": "10.0.0.0/24", "controller": "10.0.0.254"})
BACK = parse_network("back", {"subnet": "192.168.239.0/24"})


def card(**changes):
    return {"network": "front", "addresses": ["10.0.0.5/24"], **changes}


def host(name="web1", *cards, **changes):
    return parse_host(name, {"cards": cards or (card(),), **changes})


def test_a_controller_is_plugged_into_the_last_address_unless_told_otherwise():
    assert BACK.controller_interface == "192.168.239.254/24"


def test_a_card_is_called_like_its_network_unless_told_otherwise():
    assert [each.name for each in host("web1", card(), card(name="ens33", addresses=["10.0.0.6/24"])).cards] == ["front", "ens33"]


def test_ssh_reaches_the_first_ipv4_address():
    assert str(host("web1", card(addresses=["fd00::5/64"]), card(name="b", addresses=["10.0.0.7/24"])).address) == "10.0.0.7"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (
            {"subnet": "10.0.0.1/24"},
            "lab_networks.front.subnet: 10.0.0.1/24 has host bits set: write an IPv4 network such as 10.0.0.0/24",
        ),
        (
            {"subnet": "10.0.0.0/24", "controller": "10.0.1.1"},
            "lab_networks.front.controller: 10.0.1.1 is outside 10.0.0.0/24: take an address of this network",
        ),
        (
            {"subnet": "10.0.0.0/24", "gateway": "10.0.0.1"},
            "lab_networks.front.gateway: there is no such key: use subnet, controller",
        ),
    ],
)
def test_a_network_that_is_none_is_refused(data, text):
    with pytest.raises(LabError) as refused:
        parse_network("front", data)
    assert str(refused.value) == text


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("Web_1", {"cards": [card()]}, "Web_1: a lab host's name has at most 32 small letters, digits or -, as RFC 1123 allows"),
        (
            "web1",
            {},
            "web1: lab_cards is empty: give the host at least one card, such as {network: front, addresses: [10.0.0.5/24]}",
        ),
        (
            "web1",
            {"cards": ["front"]},
            "web1: lab_cards[0]: a card is a dictionary such as {network: front, addresses: [10.0.0.5/24]}, not 'front'",
        ),
        (
            "web1",
            {"cards": [card(address="10.0.0.5")]},
            "web1: lab_cards[0].address: there is no such key: use network, name, addresses, gateway",
        ),
        (
            "web1",
            {"cards": [card(addresses=["10.0.0.300/24"])]},
            "web1: lab_cards[0].addresses: '10.0.0.300/24' does not appear to be an IPv4 or IPv6 interface: "
            "write addresses with their prefix, such as 10.0.0.5/24",
        ),
        ("web1", {"cards": [card(), card()]}, "web1: lab_cards has two cards called front: give one of them another name"),
        ("web1", {"cards": [card()], "memory": 64}, "web1: lab_memory is 64: write a whole number of MiB, at least 128"),
        (
            "web1",
            {"cards": [card()], "manager": "netplan"},
            "web1: lab_manager is 'netplan': use one of ifupdown, NetworkManager",
        ),
        ("web1", {"cards": [card()], "disk": "big"}, "web1: lab_disk is 'big': write a whole number of GiB, at least 2"),
        (
            "web1",
            {"cards": [card(addresses=[])]},
            "web1: lab_cards has no IPv4 address, so nothing can reach the host: give one of its cards an address",
        ),
    ],
)
def test_a_host_that_is_none_is_refused(name, data, text):
    with pytest.raises(LabError) as refused:
        parse_host(name, data)
    assert str(refused.value) == text


def test_a_lab_has_a_name_that_a_namespace_can_bear():
    assert parse_lab_name("class-1") == "class-1"
    with pytest.raises(LabError):
        parse_lab_name("../lab")


def test_a_good_lab_has_no_problems():
    assert check_lab([FRONT, BACK], [host()]) == ()


@pytest.mark.parametrize(
    ("hosts", "text"),
    [
        (
            [host("web1"), host("web2")],
            "web2: lab_cards[0].addresses: 10.0.0.5 is also web1: lab_cards[0].addresses: an address belongs to one host only",
        ),
        (
            [host("web1", card(addresses=["10.0.0.254/24"]))],
            "web1: lab_cards[0].addresses: 10.0.0.254 is also lab_networks.front.controller: an address belongs to one host only",
        ),
        (
            [host("web1", card(addresses=["10.0.1.5/24"]))],
            "web1: lab_cards[0].addresses: 10.0.1.5/24 is not an address of network front (10.0.0.0/24): "
            "correct the address or its prefix, or plug the card into another network",
        ),
        (
            [host("web1", card(addresses=["10.0.0.5/16"]))],
            "web1: lab_cards[0].addresses: 10.0.0.5/16 is not an address of network front (10.0.0.0/24): "
            "correct the address or its prefix, or plug the card into another network",
        ),
        (
            [host("web1", card(network="side"))],
            "web1: lab_cards[0].network: there is no network side: lab_networks has front, back",
        ),
        (
            [host("web1", card(gateway="10.0.9.1"))],
            "web1: lab_cards[0].gateway: 10.0.9.1 is outside network front (10.0.0.0/24): name a router in it",
        ),
    ],
)
def test_what_does_not_fit_together_is_named(hosts, text):
    assert check_lab([FRONT, BACK], hosts) == (text,)


def test_networks_that_overlap_are_named():
    wide = parse_network("wide", {"subnet": "10.0.0.0/8"})
    assert check_lab([FRONT, wide], []) == ("lab_networks.wide.subnet: 10.0.0.0/8 overlaps 10.0.0.0/24 of front: separate them",)


def test_hardware_addresses_are_stable_local_and_differ():
    addresses = {mac(lab, name, index) for lab in ("a", "b") for name in ("web1", "web2") for index in range(3)}
    assert len(addresses) == 12
    assert mac("lab", "web1", 0) == mac("lab", "web1", 0)
    assert all(int(address[:2], 16) & 0b11 == 0b10 for address in addresses)


def test_taps_have_names_that_the_kernel_takes():
    assert tap("director1", 0) == "director1-0"
    names = {tap("a-host-with-a-really-long-name-1", 0), tap("a-host-with-a-really-long-name-2", 0)}
    assert len(names) == 2
    assert all(len(name) <= 15 for name in names)


def test_a_manager_that_the_image_lacks_is_named():
    hostvars = {"web1": {"lab_cards": [card()], "lab_manager": "NetworkManager", "lab_image": {"packages": []}}}
    networks = {"front": {"subnet": "10.0.0.0/24"}}
    assert lab_problems(networks, ["web1"], hostvars) == [
        "web1: lab_manager is NetworkManager: add network-manager to lab_image.packages"
    ]
    hostvars["web1"]["lab_image"]["packages"].append("network-manager")
    assert lab_problems(networks, ["web1"], hostvars) == []
