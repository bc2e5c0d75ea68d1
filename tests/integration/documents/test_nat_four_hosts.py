# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The how-to of NAT on four hosts, with what it reads off tcpdump."""

from __future__ import annotations

import pytest
from documents import Capture, EveryDocument, get, table

INVENTORY = "nat_four_hosts"
VIP, CIP = "10.0.0.129", "10.0.0.201"
PAGES = {"web01": "192.168.239.148 is www.shuyan.com", "web02": "192.168.239.137"}
RIPS = {"web01": "192.168.239.148", "web02": "192.168.239.137"}


class TestDocument(EveryDocument):
    pass


def test_the_table_is_what_the_how_to_shows(cluster):
    assert table(cluster, "lvs") == [
        ["TCP", f"{VIP}:80", "rr"],
        ["192.168.239.137:80", "Masq", "1"],
        ["192.168.239.148:80", "Masq", "1"],
    ]


def test_eleven_requests_alternate(cluster):
    """The loop at the how-to's end."""
    seen = get(cluster, "internet", f"http://{VIP}", 11)
    first, second = (PAGES["web01"], PAGES["web02"]) if seen[0] == PAGES["web01"] else (PAGES["web02"], PAGES["web01"])
    assert seen == [first, second] * 5 + [first]


def test_the_virtual_host_answers_by_its_name(cluster):
    assert set(get(cluster, "internet", "http://www.shuyan.com", 2)) == set(PAGES.values())
    assert cluster.say("web01", "cat /web/one/index.html").strip() == PAGES["web01"]


def test_the_client_needs_no_gateway_and_the_real_servers_is_the_dip(cluster):
    assert cluster.say("internet", "ip route show default").strip() == ""
    for host in RIPS:
        assert cluster.say(host, "ip route show default").split()[:5] == ["default", "via", "192.168.239.152", "dev", "ens160"]


@pytest.mark.parametrize(
    ("host", "card", "address", "gateway"),
    [
        ("internet", "ens160", "10.0.0.201/24", "--"),
        ("lvs", "ens36", "10.0.0.129/24", "--"),
        ("lvs", "ens33", "192.168.239.152/24", "--"),
        ("web01", "ens160", "192.168.239.148/24", "192.168.239.152"),
        ("web02", "ens160", "192.168.239.137/24", "192.168.239.152"),
    ],
)
def test_connections_are_what_the_how_to_makes_with_nmcli(cluster, host, card, address, gateway):
    fields = "connection.interface-name,GENERAL.STATE,ipv4.method,ipv4.addresses,ipv4.gateway"
    said = cluster.say(host, f"nmcli --terse --fields {fields} connection show {card}").splitlines()
    assert [line.partition(":")[2] or "--" for line in said] == [card, "manual", address, gateway, "activated"]


def test_the_cluster_outlasts_what_the_how_to_does_with_nmcli(cluster):
    for host, card in (("lvs", "ens36"), ("lvs", "ens33"), ("web01", "ens160"), ("web02", "ens160")):
        cluster.say(host, f"nmcli connection up {card}")
    cluster.until(lambda: set(get(cluster, "internet", f"http://{VIP}", 2)) == set(PAGES.values()))


def test_both_cards_of_the_director_show_what_the_how_to_saw(cluster):
    """CIP > VIP and VIP > CIP outside, CIP > RIP and RIP > CIP inside, of the same connection."""
    captures = {card: Capture(cluster, "lvs", card, 3, "port 80") for card in ("ens36", "ens33")}
    [page] = get(cluster, "internet", f"http://{VIP}")
    [host] = [host for host, said in PAGES.items() if said == page]
    seen = {}
    for card, capture in captures.items():
        # TIME IP SOURCE.PORT > DESTINATION.PORT: Flags ...
        lines = [line.split() for line in capture.lines()]
        seen[card] = [(words[2], words[4].rstrip(":"), words[6].rstrip(",")) for words in lines]
    client = seen["ens36"][0][0]
    assert client.rpartition(".")[0] == CIP
    for card, server in (("ens36", f"{VIP}.80"), ("ens33", f"{RIPS[host]}.80")):
        assert seen[card] == [(client, server, "[S]"), (server, client, "[S.]"), (client, server, "[.]")]
