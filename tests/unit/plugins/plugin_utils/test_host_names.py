# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.filter import host_entries as entries_filter
from ansible_collections.lvs.cluster.plugins.filter import host_problems as problems_filter
from ansible_collections.lvs.cluster.plugins.plugin_utils.host_names import host_entries, host_problems


def entries(**hosts):
    return host_entries({"all": list(hosts)}, hosts)


def test_the_address_is_what_the_cluster_knows_the_host_by():
    assert entries(
        web1={"lvs_rip": "192.168.239.148", "lab_address": "10.0.0.9", "lvs_names": ["www.shuyan.com"]},
        director1={"lvs_dip": "192.168.239.152", "ansible_host": "203.0.113.7"},
        nfs1={"ansible_host": "192.168.239.9"},
        proxy1={"lvs_address": "2001:db8::1", "lvs_rip": "192.168.239.1"},
    ) == [
        {"address": "192.168.239.9", "names": ["nfs1"]},
        {"address": "192.168.239.148", "names": ["web1", "www.shuyan.com"]},
        {"address": "192.168.239.152", "names": ["director1"]},
        {"address": "2001:db8::1", "names": ["proxy1"]},
    ]


def test_a_host_that_is_known_by_a_name_alone_is_left_out():
    assert entries(web1={"ansible_host": "web1.example.org"}, localhost={}) == []


def problems(*given):
    return host_problems({"address": address, "names": list(names)} for address, *names in given)


def test_entries_of_an_inventory_have_no_problems():
    assert problems(("172.16.0.31", "director1"), ("172.16.0.40", "www.magedu.com", "magedu.com")) == []
    # One for each family.
    assert problems(("172.16.0.31", "director1"), ("2001:db8::31", "director1")) == []
    # Said twice, and no contradiction.
    assert problems(("172.16.0.31", "director1"), ("172.16.0.31", "director1")) == []


def test_what_would_not_be_found_is_named_with_its_place():
    assert problems(("172.16.0.31/16", "director1"), ("172.16.0.32",), ("172.16.0.33", "rs_2", "a b", "-x", "x.")) == [
        "baseline_hosts[0].address: '172.16.0.31/16' is no address: write one such as 192.0.2.10, without prefix length",
        "baseline_hosts[1].names: 172.16.0.32 has no name: write at least one, or leave the entry out",
        *(
            f"baseline_hosts[2].names: {name!r} is no host name: write letters, digits and '-', with dots between"
            for name in ("rs_2", "a b", "-x", "x.")
        ),
    ]
    assert problems(("172.16.0.31", "www"), ("172.16.0.3", "www")) == [
        "baseline_hosts[1].names: www is also 172.16.0.31 in baseline_hosts[0], and only the first would be found: take one of them out"
    ]


def test_the_filters_are_these_functions():
    assert entries_filter.FilterModule().filters() == {"host_entries": host_entries}
    assert problems_filter.FilterModule().filters() == {"host_problems": host_problems}
