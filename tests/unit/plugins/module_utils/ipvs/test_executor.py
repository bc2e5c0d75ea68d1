# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate for check mode, the reading back, and others that edit the same table meanwhile."""

from __future__ import annotations

import errno

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import (
    ContendedError,
    IpvsError,
    KernelError,
    NotAppliedError,
    UnknownNameError,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.executor import ATTEMPTS, Outcome, reconcile
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.kernel_modules import KernelModules
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.plan import Plan, Policy
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.memory_transport import MemoryTransport

TCP = ServiceKey.at("tcp", "192.0.2.10", 80)
RIP = DestinationKey.at("198.51.100.1", 80)
OTHER = DestinationKey.at("198.51.100.2", 80)
EMPTY = {TCP: Entry(Service(TCP), {})}
WANT = {TCP: Entry(Service(TCP, "sh"), {RIP: Destination(RIP)})}


def run(kernel, want, policy=None, check_mode=False):
    return reconcile(kernel, kernel.read_all, lambda have: (want, policy or Policy()), check_mode)


def test_check_mode_predicts_and_touches_nothing():
    kernel = MemoryTransport(EMPTY)
    assert run(kernel, WANT, check_mode=True).after == WANT
    assert (kernel.executed, kernel.table) == ([], EMPTY)


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_the_transport_cannot_do_is_refused_before_anything_is_written(check_mode):
    class Wordless(MemoryTransport):
        def check(self, actions):
            raise IpvsError(f"no words for {', '.join(map(str, actions))}")

    kernel = Wordless(EMPTY)
    with pytest.raises(IpvsError) as refused:
        run(kernel, WANT, check_mode=check_mode)
    assert str(refused.value) == (
        "no words for update service tcp 192.0.2.10:80, create real server 198.51.100.1:80 of tcp 192.0.2.10:80"
    )
    assert kernel.executed == []


def test_a_run_does_what_check_mode_predicts():
    kernel = MemoryTransport(EMPTY)
    predicted = run(kernel, WANT, check_mode=True)
    assert run(kernel, WANT) == predicted
    assert kernel.executed == ["update service tcp 192.0.2.10:80", "create real server 198.51.100.1:80 of tcp 192.0.2.10:80"]


def test_nothing_to_do_writes_nothing():
    kernel = MemoryTransport(WANT)
    assert run(kernel, WANT) == Outcome(WANT, Plan((), WANT), WANT)
    assert kernel.executed == []


def test_edits_of_others_at_the_same_time_are_no_error():
    def health_checker(table):
        return {TCP: Entry(table[TCP].service, {**table[TCP].destinations, OTHER: Destination(OTHER, weight=0)})}

    after = run(MemoryTransport(EMPTY, health_checker), WANT).after
    assert after[TCP].destinations[OTHER].weight == 0


@pytest.mark.parametrize(
    ("have", "meanwhile"),
    [
        ({}, EMPTY),  # EEXIST for the service
        (EMPTY, {}),  # ESRCH
        (EMPTY, {TCP: Entry(Service(TCP), {RIP: Destination(RIP, weight=9)})}),  # EEXIST for the real server
        ({TCP: Entry(Service(TCP), {RIP: Destination(RIP, weight=9)})}, EMPTY),  # ENOENT
    ],
)
def test_a_table_that_changed_meanwhile_is_read_and_planned_for_again(have, meanwhile):
    kernel = MemoryTransport(have, meanwhile=[meanwhile])
    outcome = run(kernel, WANT)
    assert kernel.table == outcome.after == outcome.plan.predicted == WANT
    assert outcome.have == have
    # Exactly what was made is reported, over all attempts.
    assert [str(action) for action in outcome.plan.actions] == kernel.executed


def test_what_others_finished_meanwhile_is_no_change_of_ours():
    outcome = run(MemoryTransport({}, meanwhile=[WANT]), WANT)
    assert not outcome.plan.changed


def test_a_table_that_changes_all_the_time():
    with pytest.raises(ContendedError) as contended:
        run(MemoryTransport({}, meanwhile=[EMPTY, {}] * ATTEMPTS), WANT)
    assert str(contended.value) == (
        "the table changed during each of 5 attempts: something else manages it (keepalived, ldirectord, another playbook), and"
        " only one can; the last attempt ended with: create service tcp 192.0.2.10:80: it exists already; something else changes"
        " the same table meanwhile, so run the task again"
    )


def test_an_edit_that_others_take_back_is_made_again():
    taken_back = [True]

    def distort(table):
        return EMPTY if taken_back and RIP in table[TCP].destinations and taken_back.pop() else table

    kernel = MemoryTransport(EMPTY, distort)
    assert run(kernel, WANT).after == WANT
    assert len(kernel.executed) == 4


def test_other_refusals_are_not_tried_again():
    class Forbidden(MemoryTransport):
        def _refusal(self, action):
            self.executed.append(str(action))
            return errno.EPERM

    kernel = Forbidden(EMPTY)
    with pytest.raises(KernelError, match="permission denied"):
        run(kernel, WANT)
    assert len(kernel.executed) == 1


class Modules(KernelModules):
    def __init__(self, all_known):
        super().__init__(root="/nonexistent")
        self.all_known = lambda: all_known

    def schedulers(self):
        return ["rr", "wlc"]

    def engines(self):
        return ["sip"]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("service", "reason"),
    [
        (Service(TCP, "fastest"), "this kernel has no scheduler 'fastest'; it has rr, wlc"),
        (Service(TCP, "rr", persistence_engine="h323"), "this kernel has no persistence_engine 'h323'; it has sip"),
    ],
)
def test_names_that_the_kernel_does_not_have_are_refused_before_anything_is_written(check_mode, service, reason):
    first = ServiceKey.at("tcp", "192.0.2.1", 80)
    want = {first: Entry(Service(first), {}), TCP: Entry(service, {})}
    kernel = MemoryTransport({})
    with pytest.raises(UnknownNameError) as refused:
        reconcile(kernel, kernel.read_all, lambda have: (want, Policy()), check_mode, Modules(True))
    assert str(refused.value) == "create service tcp 192.0.2.10:80: " + reason
    assert kernel.executed == []


def test_names_are_left_to_the_kernel_where_not_all_are_known():
    kernel = MemoryTransport(EMPTY)
    reconcile(kernel, kernel.read_all, lambda have: (WANT, Policy()), False, Modules(False))
    assert kernel.table == WANT


def test_a_name_that_stays_is_not_looked_at():
    have, want = ({TCP: Entry(Service(TCP, "custom", persistence_timeout=time), {})} for time in (0, 60))
    kernel = MemoryTransport(have)
    reconcile(kernel, kernel.read_all, lambda have: (want, Policy()), False, Modules(True))
    assert kernel.table == want


def test_a_field_that_the_kernel_ignores():
    want = {TCP: Entry(Service(TCP), {RIP: Destination(RIP, "tunnel", tunnel_type="gre")})}

    def old_kernel(_table):
        return {TCP: Entry(Service(TCP), {RIP: Destination(RIP, "tunnel")})}

    with pytest.raises(NotAppliedError) as refused:
        run(MemoryTransport(EMPTY, old_kernel), want)
    assert str(refused.value) == (
        "update real server 198.51.100.1:80 of tcp 192.0.2.10:80: the kernel acknowledged it, but tunnel_type is 'ipip' instead of"
        " 'gre'; this kernel may be too old for it, or something else manages the table"
    )


@pytest.mark.parametrize(
    ("have", "want", "ending"),
    [
        ({}, EMPTY, "and it is not there"),
        (WANT, {}, "and it is still there"),
    ],
)
def test_changes_without_effect(have, want, ending):
    with pytest.raises(NotAppliedError, match=ending):
        run(MemoryTransport(have, lambda _table: have), want, Policy(services=frozenset([TCP])))
