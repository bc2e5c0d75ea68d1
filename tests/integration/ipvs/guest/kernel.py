# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both ways to this host's kernel, and what is true of every change of its table."""

from __future__ import annotations

import subprocess

from ipvs.executor import reconcile
from ipvs.ipvsadm_table import IpvsadmTransport
from ipvs.model import Entry
from ipvs.netlink_table import NetlinkTransport
from ipvs.plan import Policy

NETLINK, IPVSADM = NetlinkTransport(), IpvsadmTransport()
BOTH = (NETLINK, IPVSADM)


def flush():
    """Not by the code under test."""
    ipvsadm("-C")


def ipvsadm(*arguments):
    return subprocess.run(["ipvsadm", *arguments], check=True, capture_output=True, text=True).stdout


def entry(service, destinations=()):
    return Entry(service, {destination.key: destination for destination in destinations})


def table(*entries):
    return {one.service.key: one for one in entries}


def bring(transport, want, check_mode=False):
    """The whole table, all of which is owned."""
    return reconcile(transport, transport.read_all, whole(want), check_mode)


def whole(want):
    return lambda have: (want, Policy(services=frozenset(have), whole=frozenset(want)))


def seen():
    """The table, which both ways have to read alike."""
    over_netlink, over_ipvsadm = (transport.read_all() for transport in BOTH)
    assert_equal(over_ipvsadm, over_netlink, "ipvsadm reads", "netlink reads")
    return over_netlink


def step(transport, want):
    """One change: foretold by check mode, which writes nothing, then made, then read alike, then nothing to do."""
    # Starting ipvsadm costs more than all the rest, so what the last step has shown to be equal is read over netlink.
    before = listing()
    foretold = reconcile(NETLINK, NETLINK.read_all, whole(want), check_mode=True)
    assert listing() == before, "check mode changed something"
    done = reconcile(transport, NETLINK.read_all, whole(want), check_mode=False)
    assert foretold.plan == done.plan
    assert done.plan.changed, "a step that changes nothing proves nothing"
    found = seen()
    assert_equal(found, want, "the kernel has", "wanted")
    assert_equal(found, foretold.plan.predicted, "the kernel has", "foretold")
    assert not reconcile(transport, lambda: found, whole(want), check_mode=False).plan.changed, "there is more to do"


def listing():
    """The kernel's own, without a part of the code under test."""
    try:
        with open("/proc/net/ip_vs", encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return None


def assert_equal(one, other, one_name, other_name):
    if one != other:
        lines = [
            f"{key}:\n  {one_name} {one.get(key)}\n  {other_name} {other.get(key)}"
            for key in sorted(one.keys() | other.keys(), key=lambda key: key.sort_key)
            if one.get(key) != other.get(key)
        ]
        raise AssertionError("\n".join(lines[:5]))


def refusal(kind, call, *arguments):
    """The text of the error that has to come."""
    try:
        call(*arguments)
    except kind as error:
        return str(error)
    raise AssertionError(f"no {kind.__name__}")
