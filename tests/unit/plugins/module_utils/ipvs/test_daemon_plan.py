# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans for synchronisation daemons, and what becomes of them."""

from __future__ import annotations

import errno
from dataclasses import replace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control import Daemon
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control_errors import ControlRefusedError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control_executor import carry_out_daemon
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.daemon_plan import DaemonIntent, make_daemon_plan
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import InvalidOptionError, IpvsError, NotAppliedError
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.fake_control import FakeControl
from hypothesis import given, settings
from hypothesis import strategies as st

# A busy machine is no reason to fail.
law = settings(deadline=None, max_examples=50)

INTERFACES = {"eth0": 1500, "eth1": 9000, "lo": 65536}
MASTER = Daemon("master", "eth1", 10, 1472)
BACKUP = Daemon("backup", "eth1", 10, 8972)


def plan(*running, role="master", present=True, **changes):
    have = {daemon.role: daemon for daemon in running}
    return make_daemon_plan(have, DaemonIntent(role, present, changes), INTERFACES)


def values(role):
    return st.fixed_dictionaries(
        {"interface": st.sampled_from(sorted(INTERFACES))},
        optional={
            "sync_id": st.integers(0, 255),
            "max_length": st.integers(1024, 65487),
            "group": st.sampled_from(["224.0.0.81", "239.1.1.1", "ff02::51"]),
            "port": st.integers(1, 65535),
            "ttl": st.integers(1, 255),
        },
    )


@law
@given(first=values("master"), second=values("master"))
def test_a_daemon_becomes_what_is_asked_for_and_stays(first, second):
    control = FakeControl()
    for changes in (first, second):
        for _run in range(2):
            control.calls.clear()
            have = control.daemons()
            made = make_daemon_plan(have, DaemonIntent("master", True, changes), INTERFACES)
            control.length = 1452 if made.want.group == "ff02::51" else 1472
            after = carry_out_daemon(made, control, check_mode=False)
            assert after == made.predicted
            assert {name: getattr(after, name) for name in changes} == changes
            assert made.changed == (have.get("master") != after)
            assert [verb for verb, _daemon in control.calls] == [verb for verb, _daemon in made.operations]
        # The second run had nothing to do.
        assert control.calls == []


def test_the_first_daemon_has_the_kernels_defaults():
    made = plan(interface="eth1")
    assert made.predicted == Daemon("master", "eth1", 0, 1472, "224.0.0.81", 8848, 1)
    # The kernel chooses the length, as it would for ipvsadm.
    assert made.want.max_length == 0


@pytest.mark.parametrize(
    ("role", "interface", "group", "length"),
    [
        ("master", "eth1", "224.0.0.81", 1472),
        ("master", "eth1", "ff02::51", 1452),
        ("backup", "eth0", "224.0.0.81", 1472),
        ("backup", "eth1", "224.0.0.81", 8972),
        ("backup", "eth1", "ff02::51", 8952),
        ("backup", "lo", "224.0.0.81", 65507),
    ],
)
def test_the_length_that_the_kernel_chooses_is_predicted(role, interface, group, length):
    assert plan(role=role, interface=interface, group=group).predicted.max_length == length


def test_what_is_left_out_keeps_the_running_value():
    made = plan(MASTER, BACKUP, ttl=5)
    assert made.operations == [("stop", MASTER), ("start", replace(MASTER, ttl=5))]
    assert made.predicted == replace(MASTER, ttl=5)


def test_the_other_role_is_not_touched():
    control = FakeControl(MASTER, BACKUP)
    carry_out_daemon(plan(MASTER, BACKUP, present=False), control, check_mode=False)
    assert control.daemons() == {"backup": BACKUP}


@pytest.mark.parametrize("running", [(), (MASTER,)])
def test_nothing_to_do(running):
    made = plan(*running, present=bool(running))
    assert not made.changed
    assert made.operations == []


def test_an_interface_is_needed_to_start():
    with pytest.raises(InvalidOptionError, match=r"interface: no master daemon is running.*eth0, eth1, lo"):
        plan(BACKUP, sync_id=1)


@pytest.mark.parametrize("running", [(), (MASTER,)])
def test_an_unknown_interface_is_refused_with_those_that_exist(running):
    with pytest.raises(InvalidOptionError, match="interface: this host has no 'eth7': use one of eth0, eth1, lo"):
        plan(*running, interface="eth7")


def test_a_daemon_whose_interface_went_away_can_be_stopped_or_left_alone():
    lost = replace(MASTER, interface="eth7")
    assert plan(lost, present=False).operations == [("stop", lost)]
    assert not plan(lost).changed


@pytest.mark.parametrize(
    ("role", "group", "length"), [("backup", "224.0.0.81", 1023), ("master", "ff02::51", 65488), ("backup", "ff02::51", 65488)]
)
def test_lengths_that_the_kernel_would_change_in_silence(role, group, length):
    with pytest.raises(InvalidOptionError, match="max_length"):
        plan(role=role, interface="eth0", group=group, max_length=length)


@pytest.mark.parametrize("running", [(), (MASTER,)])
def test_check_mode_does_nothing(running):
    control = FakeControl(*running)
    made = plan(*running, interface="eth0")
    assert carry_out_daemon(made, control, check_mode=True) == made.predicted
    assert control.calls == []


def test_the_old_daemon_comes_back_where_the_new_one_is_refused():
    control = FakeControl(MASTER, refuses={"eth0": errno.ENODEV})
    with pytest.raises(ControlRefusedError, match=r"start master synchronisation daemon on eth0: .*no such interface"):
        carry_out_daemon(plan(MASTER, interface="eth0"), control, check_mode=False)
    assert control.daemons() == {"master": MASTER}


def test_the_first_refusal_is_told_where_the_old_daemon_does_not_come_back():
    control = FakeControl(MASTER, refuses={"eth0": errno.EINVAL, "eth1": errno.ENODEV})
    with pytest.raises(ControlRefusedError, match="on eth0"):
        carry_out_daemon(plan(MASTER, interface="eth0"), control, check_mode=False)


@pytest.mark.parametrize("length", [0, 1400])
def test_a_length_that_was_left_to_the_kernel_is_the_kernels(length):
    control = FakeControl(length=length)
    assert carry_out_daemon(plan(interface="eth0"), control, check_mode=False).max_length == length


@pytest.mark.parametrize(
    ("running", "asked", "problem"),
    [
        ((), {"interface": "eth0"}, "it is not running"),
        ((MASTER,), {"present": False}, "it is still running"),
        ((MASTER,), {"ttl": 5}, "ttl is 1 instead of 5"),
    ],
)
def test_a_change_that_does_not_hold_is_an_error(running, asked, problem):
    with pytest.raises(NotAppliedError, match=problem):
        carry_out_daemon(plan(*running, **asked), FakeControl(*running, deaf=True), check_mode=False)


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_cannot_be_said_is_refused_before_the_running_daemon_stops(check_mode):
    class Speechless(FakeControl):
        def check_daemon(self, daemon):
            raise IpvsError("no words")

    control = Speechless(MASTER)
    with pytest.raises(IpvsError, match="no words"):
        carry_out_daemon(plan(MASTER, ttl=5), control, check_mode)
    assert control.calls == []
    assert carry_out_daemon(plan(MASTER), control, check_mode) == MASTER


def test_a_length_that_was_asked_for_is_verified():
    class Clamping(FakeControl):
        def start_daemon(self, daemon):
            super().start_daemon(replace(daemon, max_length=1472))

    with pytest.raises(NotAppliedError, match="max_length is 1472 instead of 8000"):
        carry_out_daemon(plan(interface="eth0", max_length=8000), Clamping(), check_mode=False)
