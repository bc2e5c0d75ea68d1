# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each host's packet filter lets through in each mode, for the lab's addresses, and nothing else."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.passes import accepts, forwards

VIP, DIP, OUTER, RIP, REMOTE = "10.0.0.129", "192.168.239.152", "10.0.0.128", "192.168.239.148", "172.25.3.13"
FORWARDS = {"nat": "masquerade", "dr": "direct", "tun": "tunnel", "fullnat": "masquerade"}
GROUPS = {"directors": ["director1"], "gateways": ["director1"], "real_servers": ["web1", "web3"]}
HOSTVARS = {
    "director1": {"lvs_dip": DIP, "lvs_addresses": [OUTER]},
    "director2": {"lvs_dip": "192.168.239.153"},
    "web1": {},
    "web3": {},
    "client1": {},
}
# What connection tracking does not see, since IPVS keeps it from it.
UNTRACKED = {mode: {} if mode == "fullnat" else {"untracked": True} for mode in FORWARDS}
NETWORK = "192.168.239.0/24"


def service(mode, port=80, real_port=0, protocol="tcp", hosts=(("web1", RIP),), **tunnel):
    return {
        "name": "web",
        "mode": mode,
        "protocol": protocol,
        "vips": [VIP],
        "port": port,
        "real_servers": [
            {"host": host, "address": address, "port": real_port or port, "forward": FORWARDS[mode], **tunnel}
            for host, address in hosts
        ],
    }


def accepted(*services, host="web1", groups=None):
    return accepts(services, {**GROUPS, **(groups or {})}, HOSTVARS, host)


def forwarded(*services, host="director1", network=NETWORK, groups=None):
    return forwards(services, {**GROUPS, **(groups or {})}, host, network)


def to(destination, port=80, protocol="tcp", **more):
    return {**more, "destination": destination, "protocol": protocol, "port": port}


def asked(rip, port=80, protocol="tcp"):
    """What a director itself asks a real server, from any of its addresses: it takes that of the card on the way there."""
    return [to(rip, port, protocol, source=source) for source in (DIP, OUTER)]


@pytest.mark.parametrize("mode", sorted(FORWARDS))
def test_a_director_accepts_requests_to_its_vips(mode):
    assert accepted(service(mode, real_port=8080), host="director1") == [{**to(VIP), **UNTRACKED[mode]}]


@pytest.mark.parametrize(
    ("mode", "passes"),
    [
        # Requests come from clients, with the real server's address and port.
        ("nat", [to(RIP, 8080)]),
        # Requests come from clients, with the VIP; the director's questions about health, with the real server's address.
        ("dr", [*asked(RIP), to(VIP)]),
        ("tun", [*asked(RIP), to(VIP), {"source": DIP, "protocol": "4"}, {"source": OUTER, "protocol": "4"}]),
        # Requests come from the director.
        ("fullnat", asked(RIP, 8080)),
    ],
)
def test_a_real_server_accepts_what_its_mode_brings(mode, passes):
    assert accepted(service(mode, real_port=8080 if FORWARDS[mode] == "masquerade" else 80)) == passes


@pytest.mark.parametrize(
    ("tunnel", "passes"),
    [
        ({"tunnel_type": "gre"}, {"protocol": "47"}),
        ({"tunnel_type": "gue", "tunnel_port": 6080}, {"protocol": "udp", "port": 6080}),
    ],
)
def test_other_tunnels_come_from_directors_only(tunnel, passes):
    found = accepted(service("tun", **tunnel))
    assert found[3:] == [{"source": DIP, **passes}, {"source": OUTER, **passes}]


@pytest.mark.parametrize("mode", sorted(FORWARDS))
def test_whoever_serves_nothing_accepts_nothing(mode):
    assert accepted(service(mode), host="web3") == []
    assert accepted(service(mode), host="client1") == []


def test_a_remote_real_server():
    assert accepted(service("fullnat", hosts=[("web3", REMOTE)]), host="web3") == asked(REMOTE)


def test_services_of_several_modes():
    found = accepted(service("nat"), service("dr", 53, protocol="udp"))
    assert found == [to(RIP), *asked(RIP, 53, "udp"), to(VIP, 53, "udp")]


def test_each_pass_is_there_once():
    assert accepted(service("dr"), service("dr")) == [*asked(RIP), to(VIP)]


def test_every_director_may_ask():
    found = accepted(service("fullnat"), groups={"directors": ["director1", "director2"]})
    assert found == [*asked(RIP), to(RIP, source="192.168.239.153")]


def test_a_director_that_serves_as_well_accepts_both():
    assert accepted(service("nat", hosts=[("director1", DIP)]), host="director1") == [{**to(VIP), **UNTRACKED["nat"]}, to(DIP)]


def test_what_the_host_itself_says_is_added():
    own = {"protocol": "tcp", "port": 9100}
    assert accepts([service("nat")], GROUPS, HOSTVARS, "web1", [own]) == [to(RIP), own]
    several = {"source": ["192.0.2.1", "192.0.2.2"], "protocol": "tcp", "port": 3306}
    each = [{**several, "source": source} for source in several["source"]]
    assert accepts([service("nat")], GROUPS, HOSTVARS, "web3", [several]) == each


@pytest.mark.parametrize("mode", ["nat", "fullnat"])
def test_replies_pass_through_the_director(mode):
    replies = {"source": RIP, "protocol": "tcp", "source_port": 8080, **UNTRACKED[mode]}
    assert forwarded(service(mode, real_port=8080), groups={"gateways": []}) == [replies]


@pytest.mark.parametrize("mode", ["dr", "tun"])
def test_replies_that_go_their_own_way_do_not(mode):
    assert forwarded(service(mode), groups={"gateways": []}) == []


def test_the_inner_network_passes_through_its_gateway():
    assert forwarded(service("dr")) == [{"source": NETWORK}]
    assert forwarded(service("dr"), network="") == []
    assert forwarded(service("nat"), host="web1") == []


def test_a_gateway_that_is_no_director():
    assert forwarded(service("nat"), host="web3", groups={"gateways": ["web3"]}) == [{"source": NETWORK}]


def test_groups_that_are_missing_are_empty():
    assert forwards([service("nat")], {}, "director1", NETWORK) == []
    assert accepts([service("nat")], {}, HOSTVARS, "director1") == []


def test_the_input_is_not_changed():
    services, more = [service("tun")], [{"protocol": "tcp"}]
    before = copy.deepcopy((services, more))
    accepts(services, GROUPS, HOSTVARS, "web1", more)[-1]["port"] = 1
    forwards(services, GROUPS, "director1", NETWORK)
    assert (services, more) == before
