# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys and values of kernel settings."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.model import as_number, normalise, parse_key, show_key
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("kernel.domainname", "kernel/domainname"),
        ("kernel/domainname", "kernel/domainname"),
        ("net.ipv4.conf.enp3s0/200.forwarding", "net/ipv4/conf/enp3s0.200/forwarding"),
        ("net/ipv4/conf/enp3s0.200/forwarding", "net/ipv4/conf/enp3s0.200/forwarding"),
        ("/net//ipv4/ip_forward", "net/ipv4/ip_forward"),
        ("domainname", "domainname"),
    ],
)
def test_the_first_separator_decides(name, key):
    assert parse_key(name) == key


# What stands directly below /proc/sys has no dot in its name.
@given(st.lists(st.text("ab.1", min_size=1).filter(lambda part: part.strip(".")), min_size=1))
def test_a_shown_key_is_parsed_back(parts):
    key = "/".join(["net", *parts])
    assert parse_key(show_key(key)) == key


def test_a_key_with_a_dot_is_shown_with_slashes():
    assert show_key("net/ipv4/conf/eth0.100/arp_ignore") == "net/ipv4/conf/eth0.100/arp_ignore"
    assert show_key("net/ipv4/conf/eth0/arp_ignore") == "net.ipv4.conf.eth0.arp_ignore"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1\n", "1"),
        ("0x3", "3"),
        ("010", "8"),
        ("-1", "-1"),
        ("+2", "2"),
        ("09", "09"),
        ("3\t50\n", "3 50"),
        ("cubic reno", "cubic reno"),
        ("", ""),
    ],
)
def test_values_are_normalised_as_the_kernel_reads_them(text, value):
    assert normalise(text) == value


@pytest.mark.parametrize(
    ("value", "number"), [("1", 1), ("-1", -1), ("0x10", 16), ("3 50", None), ("x", None), (None, None), ("09", None)]
)
def test_numbers(value, number):
    assert as_number(value) == number
