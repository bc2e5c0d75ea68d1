# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.filter import proof as proof_filter
from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.proof import proof


def entry(scheduler, **weights):
    servers = [{"host": host, "weight": weight} for host, weight in weights.items()]
    return {"name": "web", "scheduler": scheduler, "address": "10.0.0.129", "port": 80, "real_servers": servers}


def test_round_robin_is_exact():
    assert proof(entry("rr", web1=1, web2=3), ["web1", "web2"] * 10) == {
        "rows": [
            {"service": "web", "real_server": "web1", "answers": 10, "expected": "10"},
            {"service": "web", "real_server": "web2", "answers": 10, "expected": "10"},
        ],
        "problems": [],
    }
    assert proof(entry("rr", web1=1, web2=1), ["web1"] * 11 + ["web2"] * 9)["problems"] == [
        "web: web1 answered 11 times of 20, expected 10",
        "web: web2 answered 9 times of 20, expected 10",
    ]


def test_weights_count():
    assert proof(entry("wrr", web1=1, web2=3), ["web1"] * 5 + ["web2"] * 15)["problems"] == []
    assert len(proof(entry("wrr", web1=1, web2=3), ["web1", "web2"] * 10)["problems"]) == 2
    assert proof(entry("wlc", web1=1, web2=0), ["web1", "web2"])["problems"] == ["web: web2 answered 1 times of 2, expected 0"]


def test_strangers_and_silence_are_problems():
    assert proof(entry("wlc", web1=1), ["web1", "else"])["problems"] == [
        "web: 'else' answered, which is none of its real servers"
    ]
    assert proof(entry("wlc", web1=1), [])["problems"] == ["web: nobody answered at 10.0.0.129:80"]


def test_persistence_keeps_a_client_where_it_is():
    kept = {**entry("rr", web1=1, web2=1), "persistence_timeout": 300}
    assert proof(kept, ["web1"] * 4) == {
        "rows": [
            {"service": "web", "real_server": "web1", "answers": 4, "expected": "any"},
            {"service": "web", "real_server": "web2", "answers": 0, "expected": "any"},
        ],
        "problems": [],
    }


def test_a_service_that_nobody_can_ask_has_no_problem():
    dns = {**entry("rr", web1=1), "protocol": "udp", "port": 53}
    assert proof(dns, []) == {
        "rows": [{"service": "web", "real_server": "web1", "answers": 0, "expected": "not asked"}],
        "problems": [],
    }
    # Whoever can ask it is judged as always.
    assert proof(dns, ["else"])["problems"] == [
        "web: web1 answered 0 times of 1, expected 1",
        "web: 'else' answered, which is none of its real servers",
    ]


def test_silence_names_the_endpoint():
    marked = {**entry("wlc", web1=1), "protocol": "tcp", "fwmark": 7, "ports": [80, 443], "port": 0}
    assert proof(marked, [])["problems"] == ["web: nobody answered at 10.0.0.129:80 (fwmark 7)"]
    assert proof({**entry("wlc", web1=1), "address": "fd00::129"}, [])["problems"] == ["web: nobody answered at [fd00::129]:80"]


def test_the_end_of_a_round_has_some_slack():
    found = proof(entry("wrr", web1=1, web2=3), ["web1"] * 2 + ["web2"] * 4)
    assert found["rows"][0]["expected"] == "1.5 +- 1"
    assert found["problems"] == []


def test_the_filter_is_thin():
    assert proof_filter.FilterModule().filters() == {"proof": proof}
