# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which services a question is about."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import InvalidOptionError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.info_params import INFO_SPEC, selection
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import Entry, Service, ServiceKey
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.selection import Selection

KEYS = {
    "web": ServiceKey.at("tcp", "192.0.2.10", 80),
    "dns": ServiceKey.at("udp", "192.0.2.10", 53),
    "every": ServiceKey.at("tcp", "192.0.2.11", 0),
    "web6": ServiceKey.at("tcp", "2001:db8::10", 80),
    "odd": ServiceKey("ipv4", "47", "192.0.2.10", 80),
    "mark": ServiceKey.marked(80),
    "mark6": ServiceKey.marked(80, "ipv6"),
    "large": ServiceKey.marked(2**32 - 1),
}
NONE = dict.fromkeys(INFO_SPEC)


class Kernel:
    def __init__(self):
        self.table = {key: Entry(Service(key), {}) for key in KEYS.values()}
        self.whole = 0

    def read(self, keys):
        return {key: self.table[key] for key in keys if key in self.table}

    def read_all(self):
        self.whole += 1
        return dict(self.table)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, set(KEYS)),
        ({"protocol": "tcp"}, {"web", "every", "web6"}),
        ({"address": "192.0.2.10"}, {"web", "dns", "odd"}),
        ({"address": "2001:DB8:0::10"}, {"web6"}),
        ({"address": "192.0.2.10", "family": "ipv4"}, {"web", "dns", "odd"}),
        ({"port": 80}, {"web", "web6", "odd"}),
        ({"port": 0}, {"every"}),
        ({"family": "ipv6"}, {"web6", "mark6"}),
        ({"address": "192.0.2.10", "port": 80}, {"web", "odd"}),
        ({"protocol": "udp", "address": "192.0.2.10", "port": 53}, {"dns"}),
        ({"protocol": "tcp", "address": "192.0.2.11", "port": 0}, {"every"}),
        ({"protocol": "sctp", "address": "192.0.2.10", "port": 53}, set()),
        ({"fwmark": 80}, {"mark", "mark6"}),
        ({"fwmark": 80, "family": "ipv6"}, {"mark6"}),
        ({"fwmark": 2**32 - 1}, {"large"}),
    ],
)
def test_services_that_fit(options, names):
    chosen = selection({**NONE, **options})
    wanted = {KEYS[name] for name in names}
    assert set(chosen.read(Kernel())) == wanted
    assert {key for key in KEYS.values() if chosen.covers(key)} == wanted


@pytest.mark.parametrize(
    ("options", "whole"),
    [
        ({"protocol": "udp", "address": "192.0.2.10", "port": 53}, 0),
        ({"protocol": "tcp", "address": "192.0.2.11", "port": 0}, 0),
        ({"fwmark": 80}, 0),
        ({"address": "192.0.2.10", "port": 53}, 1),
    ],
)
def test_the_whole_table_is_read_where_it_has_to_be(options, whole):
    kernel = Kernel()
    selection({**NONE, **options}).read(kernel)
    assert kernel.whole == whole


def test_nothing_chosen_is_everything():
    assert selection(NONE) == Selection()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fwmark": 1, "protocol": "tcp"}, "protocol: no service has both this and a fwmark: leave one of them out"),
        ({"fwmark": 1, "address": "192.0.2.10"}, "address: no service has both this and a fwmark: leave one of them out"),
        ({"fwmark": 1, "port": 0}, "port: no service has both this and a fwmark: leave one of them out"),
        ({"fwmark": 0}, "fwmark: 0 is out of range: use 1..4294967295"),
        ({"port": 65536}, "port: 65536 is out of range: use 0..65535"),
        ({"address": "192.0.2.10", "family": "ipv6"}, "family: ipv6 contradicts address 192.0.2.10: leave family out"),
        (
            {"address": "192.0.2.0/24"},
            "address: '192.0.2.0/24' is not an IPv4 or IPv6 address: names, prefixes, brackets and zones are not accepted",
        ),
    ],
)
def test_refusals(options, message):
    with pytest.raises(InvalidOptionError) as refused:
        selection({**NONE, **options})
    assert str(refused.value) == message
