# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.filter import answered as answered_filter
from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.answered import answered, tells_itself

RIPS = {"web1": "192.168.239.148", "web2": "192.168.239.137"}
SERVICE = {
    "name": "web",
    "protocol": "tcp",
    "family": "ipv4",
    "address": "10.0.0.129",
    "port": 80,
    "real_servers": [{"host": host, "address": address, "port": 80} for host, address in RIPS.items()],
}
SILENT = {host: {"lvs_answer": ""} for host in RIPS}


def table(connections, **key):
    servers = [{"address": RIPS[host], "port": 80, "statistics": {"connections": number}} for host, number in connections.items()]
    return [
        {"protocol": "tcp", "family": "ipv4", "address": "10.0.0.129", "port": 80, "fwmark": None, "real_servers": servers, **key}
    ]


def test_a_host_says_its_name_or_what_the_inventory_says():
    hostvars = {"web1": {"lvs_answer": "192.168.239.148 is www.shuyan.com\n"}, "web2": {}}
    lines = ["192.168.239.148 is www.shuyan.com", "web2 ", "else"]
    assert answered(SERVICE, lines, hostvars) == ["web1", "web2", "else"]
    assert tells_itself(SERVICE, hostvars)


@pytest.mark.parametrize("hostvars", [SILENT, {"web1": {}, "web2": {"lvs_answer": ""}}], ids=["all", "one"])
def test_connections_tell_where_a_page_does_not(hostvars):
    then, now = table({"web1": 7, "web2": 1}), table({"web1": 9, "web2": 2})
    assert answered(SERVICE, ["200", "200"], hostvars, then, now) == ["web1", "web1", "web2"]
    assert not tells_itself(SERVICE, hostvars)


def test_a_real_server_that_is_new_began_with_none():
    assert answered(SERVICE, [], SILENT, [], table({"web2": 2})) == ["web2", "web2"]


@pytest.mark.parametrize("other", [{"address": "10.0.0.130"}, {"port": 81}, {"protocol": "udp"}], ids=str)
def test_connections_of_other_services_do_not_count(other):
    assert answered(SERVICE, [], SILENT, [], table({"web1": 2}, **other)) == []


def test_connections_of_a_mark_count():
    marked = {**SERVICE, "fwmark": 9}
    assert answered(marked, [], SILENT, [], table({"web1": 1}, fwmark=9, protocol=None, address=None, port=None)) == ["web1"]
    assert answered(marked, [], SILENT, [], table({"web1": 1}, fwmark=8)) == []


def test_the_filter_is_that_function():
    assert answered_filter.FilterModule().filters() == {"answered": answered}
