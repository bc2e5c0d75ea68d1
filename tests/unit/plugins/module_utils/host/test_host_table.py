# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The IPVS table as names with values: there and back, in an order that a kernel accepts."""

from __future__ import annotations

import json

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import HostError
from ansible_collections.lvs.cluster.plugins.module_utils.host.engine import Engine
from ansible_collections.lvs.cluster.plugins.module_utils.host.plan import Change, Owned, make_plan
from ansible_collections.lvs.cluster.plugins.module_utils.host.table import Services, actions, flatten
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import KernelError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.host.memory_kind import MemoryLedger
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.memory_transport import MemoryTransport
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# A busy machine is no reason to fail.
law = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])

SERVICE_KEYS = [
    ServiceKey.at("tcp", "10.0.0.129", 80),
    ServiceKey.at("udp", "10.0.0.129", 53),
    ServiceKey.at("tcp", "2001:db8::10", 80),
    ServiceKey.marked(7),
    ServiceKey.marked(7, "ipv6"),
]
RIPS = [DestinationKey.at(f"192.168.239.{host}", 80) for host in (137, 148)] + [DestinationKey.at("2001:db8::1", 8080)]
WEB = "tcp 10.0.0.129:80"


@st.composite
def entries(draw, key):
    service = Service(
        key,
        scheduler=draw(st.sampled_from(["rr", "wlc", "sh"])),
        scheduler_flags=draw(st.integers(0, 7)),
        persistence_timeout=draw(st.sampled_from([0, 300])),
        persistence_engine=draw(st.sampled_from(["", "sip"])),
        one_packet=draw(st.booleans()),
    )
    chosen = draw(st.sets(st.sampled_from(RIPS)))
    return Entry(service, {rip: draw(destinations(rip)) for rip in chosen})


def destinations(key):
    return st.builds(
        Destination,
        key=st.just(key),
        forward=st.sampled_from(["direct", "masquerade", "tunnel"]),
        weight=st.integers(0, 2),
        upper_threshold=st.integers(0, 1),
        tunnel_type=st.sampled_from(["ipip", "gre", "gue"]),
        tunnel_port=st.sampled_from([6080, 6081]),
        tunnel_checksum=st.sampled_from(["none", "csum"]),
    )


@st.composite
def tables(draw):
    return {key: draw(entries(key)) for key in draw(st.sets(st.sampled_from(SERVICE_KEYS)))}


def ours(have):
    return {name: Owned(None, value) for name, value in flatten(have).items()}


@law
@given(table=tables())
def test_names_and_values_hold_the_whole_table(table):
    creations = [Change("ipvs", name, None, value) for name, value in flatten(table).items()]
    transport = MemoryTransport({})
    transport.apply(actions(creations))
    assert transport.table == table


@law
@given(have=tables(), want=tables())
def test_a_kernel_accepts_the_order_and_has_what_is_wanted(have, want):
    transport = MemoryTransport(dict(have))
    transport.apply(actions(make_plan("ipvs", flatten(have), flatten(want), ours(have)).changes))
    assert transport.table == want


@law
@given(have=tables(), want=tables())
def test_capacity_comes_before_it_goes(have, want):
    made = actions(make_plan("ipvs", flatten(have), flatten(want), ours(have)).changes)
    # What is made: services, then real servers. What goes: real servers, then services.
    phases = [(action.after is None, (action.destination is None) is (action.after is None)) for action in made]
    assert phases == sorted(phases)
    # A service takes its real servers along: none of them is deleted on its own.
    going = {action.service for action in made if action.destination is None and action.after is None}
    assert not {action.service for action in made if action.destination and action.after is None} & going


@law
@given(foreign=tables(), runs=st.lists(st.tuples(tables(), st.booleans()), max_size=4))
def test_an_engine_leaves_the_table_as_it_was(foreign, runs):
    transport = MemoryTransport(dict(foreign))
    engine = Engine([Services(transport)], MemoryLedger())
    for want, prune in runs:
        engine.bring({"ipvs": flatten(want)}, prune)
        assert set(flatten(want).items()) <= set(flatten(transport.table).items())
        assert engine.bring({"ipvs": flatten(want)}, prune).changes == []
    engine.bring({})
    assert transport.table == foreign


def test_only_services_that_are_named_are_read():
    table = {key: Entry(Service(key), {}) for key in SERVICE_KEYS}
    found = Services(MemoryTransport(table)).read([f"{WEB} > 192.168.239.148:80", "fwmark 7 ipv6"])
    assert sorted(found) == ["fwmark 7 ipv6", WEB]


def test_fields_that_are_left_out_have_their_defaults():
    services = Services(MemoryTransport({}))
    wanted = {WEB: '{"scheduler": "rr"}', f"{WEB} > [2001:db8::1]:80": '{"weight": 2, "forward": "tunnel"}'}
    whole = services.expand(wanted)
    assert json.loads(whole[WEB])["persistence_timeout"] == 0
    assert services.expand(whole) == whole
    Engine([services], MemoryLedger()).bring({"ipvs": wanted})
    assert services.read(wanted) == whole


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (WEB, "rr"),
        (WEB, "{'scheduler': 'rr'}"),
        (WEB, '{"schedular": "rr"}'),
        (WEB, '["rr"]'),
        ("tcp 10.0.0.129", "{}"),
        ("tcp 10.0.0.300:80", "{}"),
        ("web", "{}"),
        ("fwmark 7", "{}"),
        (f"{WEB} > web1:80", "{}"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(name, text):
    with pytest.raises(HostError, match=r"^ipvs .* cannot be read \(.*\): write the fields as a JSON object"):
        Services(MemoryTransport({})).expand({name: text})


def test_what_a_kernel_refuses_is_a_sentence():
    class Refusing(MemoryTransport):
        def read(self, keys):
            raise KernelError(1, "reading")

        def apply(self, actions):
            raise KernelError(1, "create service")

    services = Services(Refusing({}))
    with pytest.raises(HostError, match="create service"):
        services.apply([Change("ipvs", WEB, None, "{}")])
    with pytest.raises(HostError, match="reading"):
        services.read([WEB])
