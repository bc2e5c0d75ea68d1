# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the modules for daemons and timeouts: what is accepted, and what the refusals say."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control_params import daemon_intent, timeout_changes
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.daemon_plan import DaemonIntent
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import InvalidOptionError


def daemon(**params):
    return daemon_intent({"role": "master", "state": "present", **params})


def test_what_is_left_out_is_no_change():
    assert daemon(interface=None, ttl=None) == DaemonIntent("master", True, {})
    assert timeout_changes({"tcp": None, "tcp_fin": 60, "udp": None}) == {"tcp_fin": 60}


def test_values_at_the_edges():
    given = {"sync_id": 0, "max_length": 65507, "port": 65535, "ttl": 255, "interface": "a" * 15, "group": "239.255.255.255"}
    assert daemon(**given).changes == given
    assert timeout_changes({"tcp": 1, "tcp_fin": 2147483, "udp": 1}) == {"tcp": 1, "tcp_fin": 2147483, "udp": 1}


def test_a_group_is_taken_in_its_canonical_form():
    assert daemon(group="FF02:0::51").changes == {"group": "ff02::51"}


@pytest.mark.parametrize(
    ("option", "value", "remedy"),
    [
        ("sync_id", -1, "use 0..255"),
        ("sync_id", 256, "use 0..255"),
        ("max_length", 0, "use 1..65507 bytes"),
        ("max_length", 65508, "use 1..65507 bytes"),
        ("port", 0, "use 1..65535"),
        ("port", 65536, "use 1..65535"),
        ("ttl", 0, "use 1..255"),
        ("ttl", 256, "use 1..255"),
        ("interface", "", "1 to 15 bytes"),
        ("interface", "a" * 16, "1 to 15 bytes"),
        ("group", "192.0.2.1", "not a multicast address"),
        ("group", "2001:db8::1", "not a multicast address"),
        ("group", "all-hosts.mcast.net", "not an IPv4 or IPv6 address"),
    ],
)
def test_daemon_refusals(option, value, remedy):
    with pytest.raises(InvalidOptionError, match=f"^{option}: .*{remedy}"):
        daemon(**{option: value})


@pytest.mark.parametrize("option", ["tcp", "tcp_fin", "udp"])
@pytest.mark.parametrize("value", [-1, 0, 2147484])
def test_timeout_refusals(option, value):
    with pytest.raises(InvalidOptionError, match=f"^{option}: {value} is out of range: use 1..2147483 seconds"):
        timeout_changes({option: value})
