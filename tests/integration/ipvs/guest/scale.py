# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of 10,000 real servers: made, left alone, and changed in one place."""

from __future__ import annotations

from dataclasses import replace

from ipvs.model import Destination, DestinationKey, Service, ServiceKey
from kernel import NETLINK, assert_equal, bring, entry, seen, table


def real_server(number):
    return Destination(DestinationKey.at(f"198.18.{number // 250}.{number % 250 + 1}", 80), weight=number % 7)


def in_many_services():
    return table(
        *(
            entry(
                Service(ServiceKey.at("tcp", f"192.0.2.{number}", 80), "wrr"),
                [real_server(100 * number + one) for one in range(100)],
            )
            for number in range(1, 101)
        )
    )


def in_one_service():
    return table(entry(Service(ServiceKey.at("tcp", "192.0.2.10", 80)), map(real_server, range(10000))))


def check_10000_real_servers_in_100_services():
    life_of(in_many_services())


def check_10000_real_servers_in_one_service():
    life_of(in_one_service())


def life_of(want):
    foretold = bring(NETLINK, want, check_mode=True)
    assert NETLINK.read_all() == {}, "check mode made something"
    done = bring(NETLINK, want)
    assert foretold.plan == done.plan
    assert len(done.plan.actions) == len(want) + 10000
    assert_equal(seen(), want, "the kernel has", "wanted")
    assert not bring(NETLINK, want).plan.changed

    key, item = sorted(want.items(), key=lambda pair: pair[0].sort_key)[-1]
    name, destination = list(item.destinations.items())[5000 % len(item.destinations)]
    changed = replace(destination, weight=1000)
    want = {**want, key: entry(item.service, {**item.destinations, name: changed}.values())}
    done = bring(NETLINK, want)
    assert [(action.destination, action.after) for action in done.plan.actions] == [(name, changed)]
    assert_equal(seen(), want, "the kernel has", "wanted")
    assert len(bring(NETLINK, {}).plan.actions) == len(want)
    assert seen() == {}
