# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes and decapsulators over IPv6, against answers that iproute2 6.1 gave."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.host.network import Decapsulators, Routes
from ansible_collections.lvs.cluster.plugins.module_utils.host.plan import Change
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.host.fake_runner import FakeRunner

ROUTES = """[{"dst":"default","gateway":"fd00::1","dev":"d0","table":"4242","metric":1024,"flags":["linkdown"],"pref":"medium"},
{"dst":"fd00::/64","dev":"d0","protocol":"kernel","metric":256,"flags":["linkdown"],"pref":"medium"},
{"dst":"fd11::/64","gateway":"fd00::1","dev":"d0","metric":1024,"flags":["linkdown"],"pref":"medium"},
{"dst":"default","gateway":"fd00::1","dev":"d0","metric":4242,"flags":["linkdown"],"pref":"medium"},
{"type":"multicast","dst":"ff00::/8","dev":"d0","table":"local","protocol":"kernel","metric":256,"flags":[],"pref":"medium"}]"""
ROUTES4 = '[{"dst":"default","gateway":"10.0.0.1","dev":"front","table":"4242","flags":[]}]'
SHOWN4, SHOWN6 = (f"ip -json {family} route show table all" for family in ("-4", "-6"))


def test_routes_of_both_families_are_told_apart():
    runner = FakeRunner({SHOWN4: ROUTES4, SHOWN6: ROUTES})
    found = Routes(runner).read(["default table 4242", "::/0 table 4242"])
    assert {name: value.split()[:2] for name, value in found.items()} == {
        "default table 4242": ["via", "10.0.0.1"],
        "::/0 table 4242": ["via", "fd00::1"],
        "::/0 metric 4242": ["via", "fd00::1"],
        "fd00::/64 metric 256": ["dev", "d0"],
        "fd11::/64": ["via", "fd00::1"],
    }


def test_a_host_without_ipv6_is_not_asked_for_it():
    runner = FakeRunner({SHOWN4: ROUTES4})
    Routes(runner).read(["default table 4242"])
    assert runner.asked == [SHOWN4]


@pytest.mark.parametrize(
    ("name", "before", "after", "command"),
    [
        ("::/0 table 4242", None, "via fd00::1", "ip -6 route replace ::/0 table 4242 via fd00::1"),
        ("::/0 metric 4242", "via fd00::1", None, "ip -6 route delete ::/0 metric 4242 via fd00::1"),
        ("default table 4242", None, "via 10.0.0.1", "ip route replace default table 4242 via 10.0.0.1"),
    ],
)
def test_routes_are_made(name, before, after, command):
    runner = FakeRunner()
    Routes(runner).apply([Change("route", name, before, after)])
    assert runner.asked == [command]


def test_decapsulators_of_both_families_are_told_apart():
    runner = FakeRunner({"ip fou show": "port 6080 gue\nport 6080 gue -6 \n"})
    assert Decapsulators(runner).read([]) == {"6080": "gue", "6080 -6": "gue"}


def test_decapsulators_over_ipv6_are_made():
    runner = FakeRunner()
    Decapsulators(runner).apply([Change("decapsulator", "6080 -6", "fou", "gue"), Change("decapsulator", "6080 -6", "gue", None)])
    assert runner.asked == ["ip fou delete port 6080 -6", "ip fou add port 6080 -6 gue", "ip fou delete port 6080 -6"]
