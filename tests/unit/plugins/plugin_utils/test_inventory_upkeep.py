# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is taken out of service, in which order, what is asked of them, and whom a service would be left with."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.filter import (
    health_questions as health_questions_filter,
)
from ansible_collections.lvs.cluster.plugins.filter import left_without as left_without_filter
from ansible_collections.lvs.cluster.plugins.filter import named_servers as named_servers_filter
from ansible_collections.lvs.cluster.plugins.filter import serving as serving_filter
from ansible_collections.lvs.cluster.plugins.filter import table_entries as table_entries_filter
from ansible_collections.lvs.cluster.plugins.filter import turns as turns_filter
from ansible_collections.lvs.cluster.plugins.modules.ipvs_realserver import SPEC
from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.questions import health_questions
from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.table import services
from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.upkeep import (
    left_without,
    named_servers,
    serving,
    table_entries,
    turns,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils.parts import director
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.inventory_data import (
    ADDRESSES6,
    GROUPS,
    HOSTVARS,
    MARKED,
    SIX,
    WEB,
)
from hypothesis import given
from hypothesis import strategies as st

WEB1, WEB2 = HOSTVARS["web1"]["lvs_rip"], HOSTVARS["web2"]["lvs_rip"]
# No page, and so no question.
DNS = {"name": "dns", "vip": "10.0.0.130", "port": 53, "protocol": "udp"}


def table(*described, **hosts):
    hostvars = {host: {**HOSTVARS[host], **ADDRESSES6.get(host, {}), **hosts.get(host, {})} for host in HOSTVARS}
    return services(list(described or [WEB]), GROUPS, hostvars, "nat")


def kernel(declared, **weights):
    """What `ipvs_info` says of a director that has what is declared, but for the weights of some hosts."""
    return [
        {
            "fwmark": None,
            **service,
            "real_servers": [
                {**server, "weight": weights.get(server["host"], server["weight"])}
                for server in service["real_servers"]
                if weights.get(server["host"], 1) is not None
            ],
        }
        for service in declared
    ]


@pytest.mark.parametrize("value", ["web2, web1", ["web2", "web1"], "web2,web1,web2,"])
def test_names_are_a_list_or_text(value):
    assert named_servers(table(), value, "drain") == {"hosts": ["web2", "web1"], "problems": []}


def test_nobody_named_is_everybody():
    assert named_servers(table(WEB, DNS), "", "drain")["hosts"] == ["web2", "web1"]


def test_a_name_that_is_nobodys_is_told_with_what_was_meant():
    assert named_servers(table(), "wbe1", "drain")["problems"] == [
        "drain: 'wbe1' is no real server of any service (did you mean web1?): name one of web2, web1"
    ]


def test_a_host_has_a_place_for_each_service_and_port():
    described = table(WEB, {**MARKED, "vip": "10.0.0.131", "name": "mark"}, DNS, {**SIX, "real_port": 8080})
    places = table_entries(described, ["web1"])
    assert [(place["at"], place["real_server"]["address"], place["ports"]) for place in places] == [
        ("tcp 10.0.0.129:80", WEB1, [80]),
        ("fwmark 1 ipv4", WEB1, [80, 443]),
        ("tcp [fd00:a::129]:80", "fd00:b::148", [8080]),
        ("udp 10.0.0.130:53", WEB1, [53]),
    ]
    assert [place["key"] for place in places[:2]] == [
        {"protocol": "tcp", "service_address": "10.0.0.129", "service_port": 80},
        {"fwmark": 1, "family": "ipv4"},
    ]
    # The names by which a director's host knows them.
    assert {place["entry"] for place in places} <= set(director(described, "front", {})["ipvs"])
    for place in places:
        assert {*place["key"], *place["real_server"]} <= set(SPEC)


def test_the_last_one_that_serves_is_named_for_each_director():
    declared = table()
    tables = {"one": kernel(declared), "two": kernel(declared, web2=0)}
    assert left_without(declared, ["web1"], tables) == [
        "two: web1 is all that serves web (tcp 10.0.0.129:80): put another real server back first"
    ]
    assert left_without(declared, ["web2"], tables) == []
    assert left_without(declared, ["web2", "web1"], {"one": kernel(declared)}) == [
        "one: web2, web1 are all that serves web (tcp 10.0.0.129:80): put another real server back first"
    ]


def test_each_service_counts_for_itself():
    declared = table(WEB, {**MARKED, "vip": "10.0.0.131", "name": "mark"}, SIX)
    half = [*kernel(declared[:1], web1=0), *kernel(declared[1:])]
    found = left_without(declared, ["web2"], {"one": half})
    assert [sentence.split(" serves ")[1].split(" (")[0] for sentence in found] == ["web"]


@pytest.mark.parametrize("out", [{"web1": 0}, {"web1": None}])
def test_who_serves_nowhere_takes_nothing_away_and_goes_first(out):
    declared = table()
    tables = {"one": kernel(declared, **out)}
    assert left_without(declared, ["web1"], tables) == []
    assert serving(declared, tables) == ["web2"]
    assert turns(declared, ["web2", "web1"], tables) == ["web1", "web2"]


def test_who_serves_somewhere_serves():
    declared = table()
    tables = {"one": kernel(declared, web1=0), "two": kernel(declared, web2=0)}
    assert turns(declared, ["web2", "web1"], tables) == ["web2", "web1"]


@given(
    weights=st.dictionaries(st.sampled_from(["web1", "web2"]), st.sampled_from([None, 0, 1, 5])),
    leaving=st.lists(st.sampled_from(["web1", "web2"]), unique=True),
)
def test_a_service_keeps_somebody_or_it_is_said(weights, leaving):
    declared = table()
    before = serving(declared, {"one": kernel(declared, **weights)})
    after = serving(declared, {"one": kernel(declared, **{**weights, **dict.fromkeys(leaving, 0)})})
    assert bool(left_without(declared, leaving, {"one": kernel(declared, **weights)})) == bool(before and not after)


def questions(*described, directors=("director1",), **web1):
    hostvars = {
        **HOSTVARS,
        "director1": {**HOSTVARS["director1"], **ADDRESSES6["director1"]},
        "web1": {**HOSTVARS["web1"], **web1},
    }
    return health_questions(table(*described), ["web1"], hostvars, list(directors))


def urls(found):
    return [question["url"] for question in found["questions"]]


def test_each_port_over_tcp_is_asked_from_the_address_that_is_let_in():
    found = questions(WEB, {**WEB, "name": "more", "port": 8080}, {**WEB, "name": "again", "vip": "10.0.0.131"}, SIX, DNS)
    assert [(question["url"], question["source"]) for question in found["questions"]] == [
        (f"http://{WEB1}:80/", "192.168.239.152"),
        (f"http://{WEB1}:8080/", "192.168.239.152"),
        ("http://[fd00:b::148]:80/", "fd00:b::152"),
    ]
    assert found["problems"] == []


@pytest.mark.parametrize(
    ("web1", "asked"),
    [
        ({"health_path": "/ready"}, [f"http://{WEB1}:80/ready"]),
        ({"lvs_page": "/test.html"}, [f"http://{WEB1}:80/test.html"]),
        ({"lvs_page": "/test.html", "health_path": "/ready"}, [f"http://{WEB1}:80/ready"]),
        ({"health_port": "9000"}, [f"http://{WEB1}:9000/"]),
        ({"health_by": "tcp"}, [f"tcp://{WEB1}:80"]),
        ({"health_by": "none"}, []),
        ({"health_url": "https://check.example:8443/?of=web1"}, ["https://check.example:8443/?of=web1"]),
    ],
)
def test_a_host_says_how_it_is_asked(web1, asked):
    found = questions(**web1)
    assert (urls(found), found["problems"]) == (asked, [])


def test_a_url_of_ones_own_is_asked_from_wherever_the_kernel_likes():
    assert questions(health_url="http://192.0.2.1/")["questions"][0]["source"] == ""
    assert questions(health_url="http://192.0.2.1/", health_source="192.0.2.9")["questions"][0]["source"] == "192.0.2.9"


def test_what_is_to_be_answered_goes_along():
    (question,) = questions(health_name="www.example.com", health_status=[200])["questions"]
    assert (question["name"], question["status"]) == ("www.example.com", [200])


def test_each_director_asks():
    hostvars = {**HOSTVARS, "director2": {"lvs_dip": "192.168.239.153"}}
    found = health_questions(table(), ["web1", "web2"], hostvars, ["director1", "director2"])["questions"]
    assert [(question["host"], question["director"], question["source"]) for question in found] == [
        ("web1", "director1", "192.168.239.152"),
        ("web1", "director2", "192.168.239.153"),
        ("web2", "director1", "192.168.239.152"),
        ("web2", "director2", "192.168.239.153"),
    ]


def test_who_cannot_be_asked_is_told_before_anything_is_done():
    sentence = "web1: none of its services can be asked over TCP: give health_port or health_url, or set health_by to none"
    assert questions(DNS) == {"questions": [], "problems": [sentence]}
    assert questions({**WEB, "port": 0, "persistence_timeout": 60})["problems"] == [sentence]
    assert urls(questions({**WEB, "port": 0, "persistence_timeout": 60}, health_port=80)) == [f"http://{WEB1}:80/"]
    assert urls(questions({**MARKED, "ports": [80, 443]})) == [f"http://{WEB1}:80/", f"http://{WEB1}:443/"]
    assert questions(health_by="htpp")["problems"] == [
        "web1: health_by: 'htpp' is no way to ask (did you mean http?): use one of http, tcp, none"
    ]


@pytest.mark.parametrize(
    ("module", "function"),
    [
        (health_questions_filter, health_questions),
        (left_without_filter, left_without),
        (named_servers_filter, named_servers),
        (serving_filter, serving),
        (table_entries_filter, table_entries),
        (turns_filter, turns),
    ],
)
def test_the_filters_are_thin(module, function):
    assert module.FilterModule().filters() == {function.__name__: function}
