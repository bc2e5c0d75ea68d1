# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate for check mode, and the reading back."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import NotAppliedError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.executor import carry_out
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.plan import Policy, make_plan, predict
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.transport import Transport

TCP = ServiceKey.at("tcp", "192.0.2.10", 80)
RIP = DestinationKey.at("198.51.100.1", 80)
OTHER = DestinationKey.at("198.51.100.2", 80)
EMPTY = {TCP: Entry(Service(TCP), {})}
WANT = {TCP: Entry(Service(TCP, "sh"), {RIP: Destination(RIP)})}


class MemoryTransport(Transport):
    """Keeps the table in memory; `distort` is what the kernel makes of it."""

    def __init__(self, table, distort=lambda table: table):
        self.table = table
        self.distort = distort
        self.executed = []

    def read(self, keys):
        return {key: entry for key, entry in self.table.items() if key in keys}

    def execute(self, action):
        self.executed.append(str(action))
        self.table = self.distort(predict(self.table, [action]))


def test_check_mode_predicts_and_touches_nothing():
    kernel = MemoryTransport(EMPTY)
    assert carry_out(make_plan(EMPTY, WANT, Policy()), kernel, check_mode=True) == WANT
    assert (kernel.executed, kernel.table) == ([], EMPTY)


def test_a_run_does_what_check_mode_predicts():
    kernel = MemoryTransport(EMPTY)
    assert carry_out(make_plan(EMPTY, WANT, Policy()), kernel, check_mode=False) == WANT
    assert kernel.executed == ["update service tcp 192.0.2.10:80", "create real server 198.51.100.1:80 of tcp 192.0.2.10:80"]


def test_nothing_to_do_asks_nothing():
    assert carry_out(make_plan(WANT, WANT, Policy()), None, check_mode=False) == WANT


def test_edits_of_others_at_the_same_time_are_no_error():
    def health_checker(table):
        return {TCP: Entry(table[TCP].service, {**table[TCP].destinations, OTHER: Destination(OTHER, weight=0)})}

    after = carry_out(make_plan(EMPTY, WANT, Policy()), MemoryTransport(EMPTY, health_checker), check_mode=False)
    assert after[TCP].destinations[OTHER].weight == 0


def test_a_field_that_the_kernel_ignores():
    want = {TCP: Entry(Service(TCP), {RIP: Destination(RIP, "tunnel", tunnel_type="gre")})}

    def old_kernel(_table):
        return {TCP: Entry(Service(TCP), {RIP: Destination(RIP, "tunnel")})}

    with pytest.raises(NotAppliedError) as refused:
        carry_out(make_plan(EMPTY, want, Policy()), MemoryTransport(EMPTY, old_kernel), check_mode=False)
    assert str(refused.value) == (
        "create real server 198.51.100.1:80 of tcp 192.0.2.10:80: the kernel acknowledged it, but tunnel_type is 'ipip' instead of"
        " 'gre'; this kernel may be too old for it, or something else manages the table"
    )


@pytest.mark.parametrize(
    ("have", "want", "ending"),
    [
        ({}, WANT, "and it is not there"),
        (WANT, {}, "and it is still there"),
    ],
)
def test_changes_without_effect(have, want, ending):
    plan = make_plan(have, want, Policy(services=frozenset([TCP])))
    with pytest.raises(NotAppliedError, match=ending):
        carry_out(plan, MemoryTransport(have, lambda _table: have), check_mode=False)
