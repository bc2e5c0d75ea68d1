# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synchronisation daemons and timeouts, over both ways, on real cards."""

from __future__ import annotations

from ipvs.control import Daemon, Timeouts
from ipvs.control_errors import ControlRefusedError
from ipvs.control_executor import carry_out_daemon, carry_out_timeouts
from ipvs.control_params import daemon_intent, timeout_changes
from ipvs.daemon_plan import make_daemon_plan
from ipvs.errors import KernelError
from ipvs.interfaces import read_interfaces
from ipvs.ipvsadm_control import IpvsadmControl
from ipvs.model import Destination, DestinationKey, Service, ServiceKey
from ipvs.netlink_control import NetlinkControl
from ipvs.timeouts_plan import make_timeouts_plan
from kernel import NETLINK, bring, entry, refusal, table

BOTH = (NetlinkControl(), IpvsadmControl())
CHANGES = [
    {"interface": "eth0"},
    {"sync_id": 255},
    {"max_length": 1200},
    {"group": "224.1.2.3"},
    {"port": 9999},
    {"ttl": 7},
    {"interface": "eth1"},
    # All but the group stay, and the longer header fits.
    {"group": "ff05::51"},
    {"group": "224.0.0.81", "port": 8848, "ttl": 1, "sync_id": 0, "max_length": 1472},
]
ACROSS_FAMILIES = table(
    entry(
        Service(ServiceKey.at("tcp", "2001:db8::10", 80)), [Destination(DestinationKey.at("198.51.100.1", 80), forward="tunnel")]
    )
)


def daemons():
    over_netlink, over_ipvsadm = (control.daemons() for control in BOTH)
    assert over_ipvsadm == over_netlink
    return over_netlink


def bring_daemon(control, role, state="present", **options):
    intent = daemon_intent({"role": role, "state": state, **options})
    before = daemons()
    plan = make_daemon_plan(before, intent, read_interfaces())
    assert carry_out_daemon(plan, control, check_mode=True) == plan.predicted
    assert BOTH[0].daemons() == before, "check mode changed something"
    after = carry_out_daemon(plan, control, check_mode=False)
    found = daemons()
    assert found.get(role) == after == plan.predicted
    assert not make_daemon_plan(found, intent, read_interfaces()).changed
    return [verb for verb, _daemon in plan.operations]


def bring_daemon_on_eth0(control):
    return bring_daemon(control, "master", interface="eth0")


def check_daemons_start_change_and_stop():
    for control in BOTH:
        for role in ("master", "backup"):
            expected = {"role": role}
            for number, change in enumerate(CHANGES):
                assert bring_daemon(control, role, **change) == (["stop", "start"] if number else ["start"])
                expected.update(change)
                found = BOTH[0].daemons()[role]
                assert {name: getattr(found, name) for name in expected} == expected
        assert {*daemons()} == {"master", "backup"}
        for role in ("backup", "master"):
            assert bring_daemon(control, role, "absent") == ["stop"]
            assert bring_daemon(control, role, "absent") == []
    assert daemons() == {}


def check_a_daemon_of_default_length():
    """The kernel chooses it, and check mode foretells the choice."""
    for control in BOTH:
        for role in ("master", "backup"):
            for group, length in (("224.0.0.81", 1472), ("ff02::51", 1452)):
                bring_daemon(control, role, interface="eth0", group=group)
                assert daemons()[role].max_length == length
                bring_daemon(control, role, "absent")


def check_synchronisation_and_tunnels_across_families_exclude_each_other():
    for control in BOTH:
        bring_daemon(control, "master", interface="eth0")
        assert "create real server 198.51.100.1:80 of tcp [2001:db8::10]:80: " in refusal(
            KernelError, bring, NETLINK, ACROSS_FAMILIES
        )
        bring(NETLINK, {})
        bring_daemon(control, "master", "absent")
        bring(NETLINK, ACROSS_FAMILIES)
        refusal(ControlRefusedError, bring_daemon_on_eth0, control)
        bring(NETLINK, {})


def check_timeouts():
    def bring_timeouts(control, **changes):
        plan = make_timeouts_plan(control.timeouts(), timeout_changes(changes))
        before = control.timeouts()
        assert carry_out_timeouts(plan, control, check_mode=True) == plan.predicted
        assert control.timeouts() == before, "check mode changed something"
        after = carry_out_timeouts(plan, control, check_mode=False)
        assert [each.timeouts() for each in BOTH] == [after, after]
        assert not make_timeouts_plan(control.timeouts(), timeout_changes(changes)).changed
        return after

    for control in BOTH:
        assert bring_timeouts(control, tcp=7200) == Timeouts(tcp=7200)
        assert bring_timeouts(control, tcp_fin=1, udp=2147483) == Timeouts(7200, 1, 2147483)
        assert bring_timeouts(control, tcp=900, tcp_fin=120, udp=300) == Timeouts()


def check_defaults_are_the_kernels():
    bring_daemon(BOTH[0], "master", interface="eth0", max_length=1472)
    assert daemons() == {"master": Daemon("master", "eth0", max_length=1472)}
    bring_daemon(BOTH[0], "master", "absent")
    assert BOTH[0].timeouts() == Timeouts()
