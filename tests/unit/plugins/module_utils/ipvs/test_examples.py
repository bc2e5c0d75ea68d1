# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A long list is read by examples, and says what each of its entries says alone."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import table_params
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import InvalidTableError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.table_params import read_table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

law = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])

# Equal to Python, and not the same: 1 and true, 1 and 1.0.
ODD = st.sampled_from([1, True, 1.0, "1", None, 80, "x", []])
ADDRESSES = ["198.51.100.%d", "2001:db8::%d", "2001:DB8:0::%d", "224.0.0.%d"]


def nearly(right, **options):
    """One of those that are right, with at most one option that may be wrong, and an address."""
    odd = st.sampled_from(sorted(options)).flatmap(lambda name: st.fixed_dictionaries({name: options[name]}))
    return st.tuples(st.sampled_from(right), st.one_of(st.just({}), odd), st.sampled_from([*ADDRESSES[:1] * 3, *ADDRESSES]))


REAL_SERVERS = nearly(
    [{}, {"weight": 1}, {"forward": "masquerade", "port": 80}, {"forward": "tunnel", "weight": 1}],
    weight=ODD,
    port=ODD,
    family=st.sampled_from(["ipv4", "ipv6"]),
    wieght=ODD,
)
SERVICES = nearly(
    [{}, {"scheduler": "rr"}, {"persistence_timeout": 1, "persistence_netmask": 24}],
    port=ODD,
    family=st.sampled_from(["ipv4", "ipv6"]),
    persistence_timeout=ODD,
    one_packet=ODD,
    sheduler=ODD,
)


def said(services):
    try:
        return read_table(services)
    except InvalidTableError as error:
        return error.problems


@law
@given(st.lists(st.tuples(SERVICES, st.lists(REAL_SERVERS, max_size=4)), min_size=2, max_size=6))
def test_together_they_say_what_each_says_alone(entries):
    # Services of different addresses, so that none is a duplicate; real servers of two, so that some are.
    services = [
        {
            "port": 80,
            **right,
            **odd,
            "address": address % (index + 1),
            "real_servers": [
                {**right, **odd, "address": address % (place % 2 + 1)} for place, (right, odd, address) in enumerate(real_servers)
            ],
        }
        for index, ((right, odd, address), real_servers) in enumerate(entries)
    ]
    before = copy.deepcopy(services)
    alone = [said([service]) for service in services]
    wrong = [
        problem.replace("services[0]", f"services[{index}]")
        for index, found in enumerate(alone)
        if isinstance(found, list)
        for problem in found
    ]
    together = said(services)
    if wrong:
        assert together == wrong
    else:
        assert list(together.items()) == [pair for found in alone for pair in found.items()]
    assert repr(services) == repr(before)


def test_what_is_like_another_is_not_read_again(monkeypatch):
    read = []

    def counted(name):
        real = getattr(table_params, name)
        monkeypatch.setattr(table_params, name, lambda raw, *rest: read.append(raw["address"]) or real(raw, *rest))

    counted("_service")
    counted("_destination")
    real_servers = [{"address": f"198.51.100.{host}", "weight": host % 2} for host in range(1, 9)]
    table = read_table([{"address": f"192.0.2.{host}", "port": 80, "real_servers": real_servers} for host in range(1, 9)])
    assert read == ["192.0.2.1", "198.51.100.1", "198.51.100.2"]
    assert [str(key) for key in table] == [f"tcp 192.0.2.{host}:80" for host in range(1, 9)]


@pytest.mark.parametrize("odd", [True, 1.0])
def test_one_is_not_true(odd):
    addresses = [{"address": f"198.51.100.{host}", "weight": weight} for host, weight in ((1, 1), (2, odd))]
    assert said([{"address": "192.0.2.1", "port": 80, "real_servers": addresses}]) == [
        f"services[0].real_servers[1].weight: {odd!r} is not a whole number"
    ]


def test_addresses_have_one_form():
    services = [{"address": address, "port": 80} for address in ("2001:db8::1", "2001:DB8:0::2")]
    assert [str(key) for key in read_table(services)] == ["tcp [2001:db8::1]:80", "tcp [2001:db8::2]:80"]


def test_the_first_of_a_duplicate_is_named_by_its_place_in_the_list():
    real_servers = [{"address": address} for address in ("x", "198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.2")]
    assert said([{"address": "192.0.2.1", "port": 80, "real_servers": real_servers}])[1:] == [
        "services[0].real_servers[4]: duplicate 198.51.100.2:80, first at services[0].real_servers[2]"
    ]
