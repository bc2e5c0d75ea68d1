# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dumps to values: what is expected makes it faster, and never different."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import wire, wire_dump
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import TransportError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.kernel_answers import (
    FAMILY,
    TUNNEL,
    destination_answer,
    destination_fields,
    service_answer,
    service_fields,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

law = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])

TCP = ServiceKey.at("tcp", "192.0.2.10", 80)
V4 = DestinationKey.at("198.51.100.1", 8080)
V6 = DestinationKey.at("2001:db8::2", 80)
# The same 16 bytes as those of an IPv4 address.
LIKE_V4 = DestinationKey.at("c633:6401::", 8080)
SAMPLES = [
    Destination(V4, "masquerade", 2**31 - 1, 1000, 800),
    Destination(V6, "tunnel", 0, 0, 0, "gue", 6080, "remcsum"),
    Destination(V6, "tunnel", 1, 0, 0, "gre", 0, "csum"),
    Destination(V4),
    Destination(LIKE_V4),
]
SERVICES = [
    Service(TCP),
    Service(ServiceKey.at("udp", "2001:db8::10", 53), "sh", 3, 60, "64", one_packet=True),
    Service(ServiceKey.marked(2**31, "ipv6"), "mh"),
    Service(ServiceKey.marked(7), "rr", 4, 300, "255.255.255.0", "sip"),
    Service(ServiceKey.marked(8), "rr", 4, 300),
]
# Every field of each, changed.
OTHER_DESTINATIONS = [
    *(replace(SAMPLES[2], key=key) for key in (V6._replace(port=81), V6._replace(address="2001:db8::3"), V4._replace(port=80))),
    replace(SAMPLES[2], forward="direct"),
    replace(SAMPLES[2], weight=2),
    replace(SAMPLES[2], upper_threshold=1),
    replace(SAMPLES[2], upper_threshold=1, lower_threshold=1),
    replace(SAMPLES[2], tunnel_type="ipip"),
    replace(SAMPLES[2], tunnel_checksum="none"),
    replace(SAMPLES[2], tunnel_type="gue", tunnel_port=6080),
    replace(SAMPLES[2], tunnel_type="gue", tunnel_port=6081),
]
OTHER_SERVICES = [
    *(replace(SERVICES[0], key=key) for key in (TCP._replace(port=81), TCP._replace(address="192.0.2.11"))),
    replace(SERVICES[0], key=TCP._replace(protocol="udp")),
    replace(SERVICES[0], scheduler="rr"),
    replace(SERVICES[0], scheduler_flags=1),
    replace(SERVICES[0], persistence_timeout=60),
    replace(SERVICES[0], persistence_timeout=60, persistence_netmask="255.255.255.0"),
    replace(SERVICES[0], persistence_engine="sip"),
    replace(SERVICES[0], one_packet=True),
]


def destinations(answers, expected=(), key=TCP):
    table = {key: Entry(Service(key), {one.key: one for one in expected})}
    return wire_dump.Decoder(table).destinations(key, answers)


def services(answers, expected=()):
    return wire_dump.Decoder({one.key: Entry(one, {}) for one in expected}).services(answers)


def with_neighbours_swapped(fields):
    """The list itself, and those where two that stand side by side have changed places."""
    yield fields
    for place in range(len(fields) - 1):
        yield [*fields[:place], fields[place + 1], fields[place], *fields[place + 2 :]]


@pytest.mark.parametrize("destination", SAMPLES)
def test_destinations_in_other_orders(destination):
    for fields in with_neighbours_swapped(destination_fields(destination)):
        assert destinations([destination_answer(fields)]) == {destination.key: destination}


@pytest.mark.parametrize("service", SERVICES)
def test_services_in_other_orders(service):
    for fields in with_neighbours_swapped(service_fields(service)):
        assert services([service_answer(fields)]) == [service]


def test_what_our_own_encoder_sends_is_read_as_well():
    for destination in SAMPLES:
        assert destinations([wire.pack_destination(destination)], [destination]) == {destination.key: destination}
    for service in SERVICES:
        assert services([wire.pack_service(service)], [service]) == [service]


def test_equal_real_servers_are_one_value_whatever_they_are_doing():
    decoder = wire_dump.Decoder()
    first, second = (
        decoder.destinations(TCP, [destination_answer(destination_fields(SAMPLES[0], connections=(count,) * 3))])[V4]
        for count in (3, 9)
    )
    assert first is second


def test_what_is_expected_is_not_taken_apart(monkeypatch):
    monkeypatch.setattr(wire, "unpack_attributes", None)
    monkeypatch.setattr(wire_dump, "_example", None)
    expected = {one.key: one for one in (SAMPLES[0], SAMPLES[1], SAMPLES[4])}
    answers = [destination_answer(destination_fields(one)) for one in reversed(list(expected.values()))]
    decoder = wire_dump.Decoder({service.key: Entry(service, expected) for service in SERVICES})
    for service in SERVICES:
        assert decoder.services([service_answer(service_fields(service, counted=9))])[0] is service
        assert decoder.destinations(service.key, answers) is expected


@pytest.mark.parametrize("other", OTHER_DESTINATIONS)
def test_every_field_of_a_real_server_that_is_not_as_expected_is_seen(other):
    assert other != SAMPLES[2]
    for found, expected in ((other, SAMPLES[2]), (SAMPLES[2], other)):
        answers = [destination_answer(destination_fields(found))]
        assert destinations(answers, [expected]) == {found.key: found}


@pytest.mark.parametrize("other", OTHER_SERVICES)
def test_every_field_of_a_service_that_is_not_as_expected_is_seen(other):
    assert other != SERVICES[0]
    for found, expected in ((other, SERVICES[0]), (SERVICES[0], other)):
        assert services([service_answer(service_fields(found))], [expected]) == [found]


def test_a_kernel_that_names_the_engine_last():
    plain, engine = SERVICES[0], replace(SERVICES[0], persistence_engine="sip")
    fields = service_fields(engine)
    moved = [field for field in fields if field[0] != 11] + [field for field in fields if field[0] == 11]
    assert services([service_answer(moved)], [plain]) == [engine]


def test_more_and_fewer_than_expected():
    one, two = SAMPLES[0], SAMPLES[1]
    answers = {name: destination_answer(destination_fields(name)) for name in (one, two)}
    assert destinations([answers[one]], [one, two]) == {one.key: one}
    assert destinations([answers[one], answers[two]], [one]) == {one.key: one, two.key: two}
    assert destinations([answers[one], answers[one]], [one, two]) == {one.key: one}
    assert destinations([], [one]) == {}
    assert destinations([answers[one]]) == {one.key: one}


def test_nonsense_that_the_kernel_accepted_stays_readable():
    plain, tunnel = SAMPLES[0], SAMPLES[2]
    found = destinations([destination_answer(destination_fields(plain, forward=7))], [plain])
    assert found[V4].forward == "7"
    found = destinations([destination_answer(destination_fields(tunnel, tunnel_type=9))], [tunnel])
    assert found[V6].tunnel_type == "9"


def test_an_unknown_family():
    with pytest.raises(TransportError, match="unknown address family 99"):
        destinations([destination_answer(destination_fields(SAMPLES[0], family=99))], [SAMPLES[0]])


@pytest.mark.parametrize("expected", [[], SAMPLES[:1]])
@pytest.mark.parametrize("size", [0, 60, 200])
def test_a_broken_answer(size, expected):
    with pytest.raises(TransportError):
        destinations([b"\xff\xff\x02\x00" + bytes(size)], expected)


@pytest.mark.parametrize("expected", [[], SAMPLES[3:4], [replace(SAMPLES[3], upper_threshold=7)]])
def test_what_follows_a_nest_that_ends_early_is_no_part_of_it(expected):
    whole = destination_answer(destination_fields(SAMPLES[3]))
    # Without the thresholds and all after them.
    upper = wire.pack_attribute(wire.DEST_UPPER, struct.pack("=I", 7))
    changed = whole.replace(wire.pack_attribute(wire.DEST_UPPER, bytes(4)), upper)
    assert destinations([struct.pack("=H", changed.index(upper)) + changed[2:]], expected) == {V4: SAMPLES[3]}


VIPS = {"ipv4": "192.0.2.10", "ipv6": "2001:db8::10"}
SERVICE_KEYS = [
    *(ServiceKey.at(protocol, vip, port) for protocol in ("tcp", "udp") for vip in VIPS.values() for port in (0, 80)),
    *(ServiceKey.marked(mark, family) for mark in (1, 2**31) for family in VIPS),
]
DESTINATION_KEYS = [V4, V6, LIKE_V4, V4._replace(port=80), V4._replace(address="198.51.100.2")]


@st.composite
def a_service(draw, key):
    return Service(
        key,
        draw(st.sampled_from(["rr", "wlc", "mh"])),
        draw(st.integers(0, 7)),
        draw(st.sampled_from([0, 300])),
        draw(st.sampled_from(["255.255.255.0", "255.0.255.0"] if key.family == "ipv4" else ["64", "128"])),
        draw(st.sampled_from(["", "sip"])),
        draw(st.booleans()),
    )


def a_destination(key):
    return st.builds(
        Destination,
        st.just(key),
        st.sampled_from(["masquerade", "direct", "tunnel", "local"]),
        st.integers(0, 1),
        st.integers(0, 1),
        st.integers(0, 1),
        st.sampled_from(["ipip", "gue", "gre"]),
        st.sampled_from([1, 6080]),
        st.sampled_from(["none", "csum"]),
    )


@st.composite
def tables(draw):
    return {
        key: Entry(
            draw(a_service(key)),
            {name: draw(a_destination(name)) for name in draw(st.sets(st.sampled_from(DESTINATION_KEYS)))},
        )
        for key in draw(st.sets(st.sampled_from(SERVICE_KEYS), max_size=3))
    }


@st.composite
def mixtures(draw):
    """A table, and another that has much of it."""
    first, second = draw(tables()), draw(tables())
    for key, entry in first.items():
        if key in second and draw(st.booleans()):
            mine, its = entry.destinations, second[key].destinations
            common = {name: (mine if draw(st.booleans()) else its).get(name) for name in {*mine, *its}}
            service = entry.service if draw(st.booleans()) else second[key].service
            second[key] = Entry(service, {name: one for name, one in common.items() if one})
        elif draw(st.booleans()):
            second[key] = entry
    return first, second


@st.composite
def orders(draw):
    """The kernel's order of attributes, or any other."""
    shuffle = draw(st.one_of(st.none(), st.randoms(use_true_random=False)))

    def order(fields):
        if shuffle:
            shuffle.shuffle(fields)
        return fields

    return order


@law
@given(mixture=mixtures(), order=orders(), missing=st.sampled_from([(), TUNNEL, (FAMILY, *TUNNEL)]))
def test_whatever_is_expected_the_values_are_the_same(mixture, order, missing):
    table, expected = mixture
    told = {
        key: [
            destination_answer(order([field for field in destination_fields(one) if field[0] not in missing]))
            for one in entry.destinations.values()
        ]
        for key, entry in table.items()
    }
    services_told = [service_answer(order(service_fields(entry.service))) for entry in table.values()]
    for decoder in (wire_dump.Decoder(), wire_dump.Decoder(expected), wire_dump.Decoder(table)):
        assert decoder.services(services_told) == [entry.service for entry in table.values()]
        for key, answers in told.items():
            # From each answer alone, attribute by attribute.
            each = [wire.unpack_destination(wire.unpack_attributes(answer)[wire.ATTR_DEST], key.family) for answer in answers]
            assert decoder.destinations(key, answers) == {one.key: one for one in each}
            # Nothing is left over from the first time.
            assert decoder.destinations(key, answers) == {one.key: one for one in each}
