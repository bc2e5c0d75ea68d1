# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Daemons and timeouts over ipvsadm 1.31: its words as its printf formats make them."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control import Daemon, Timeouts
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control_errors import ControlRefusedError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import ModuleMissingError, TransportError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.ipvsadm import Ipvsadm, NotExpressibleError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.ipvsadm_control import (
    IpvsadmControl,
    parse_daemons,
    parse_timeouts,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.kernel_modules import KernelModules

MASTER = Daemon("master", "eth1", 10, 1472)
BACKUP = Daemon("backup", "eth1", 0, 1452, "ff02::51", 9000, 255)
LISTED = """\
master sync daemon (mcast=eth1, syncid=10, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)
backup sync daemon (mcast=eth1, syncid=0, maxlen=1452, group=ff02::51, port=9000, ttl=255)
"""


class Modules(KernelModules):
    def __init__(self, present):
        self.present = present
        self.loads = 0

    def ip_vs_present(self):
        return self.present

    def load_ip_vs(self):
        self.loads += 1
        self.present = True


class Run:
    def __init__(self, output="", words="", code=0):
        self.answer = (code, output, words)
        self.calls = []

    def __call__(self, argv):
        self.calls.append(" ".join(argv))
        return self.answer


def control(run, present=True, allowed=True, load_module=True):
    return IpvsadmControl(program=Ipvsadm(load_module, Modules(present), run, lambda: allowed))


def test_daemons():
    run = Run(LISTED)
    assert control(run).daemons() == {"master": MASTER, "backup": BACKUP}
    assert run.calls == ["ipvsadm -Ln --daemon"]


def test_no_daemons():
    assert parse_daemons("") == {}


def test_daemons_without_netlink():
    assert parse_daemons("backup sync daemon (mcast=eth1, syncid=7)\n") == {"backup": Daemon("backup", "eth1", 7)}


def test_timeouts():
    run = Run("Timeout (tcp tcpfin udp): 7200 120 300\n")
    assert control(run).timeouts() == Timeouts(7200, 120, 300)
    assert run.calls == ["ipvsadm -Ln --timeout"]


@pytest.mark.parametrize("parse", [parse_daemons, parse_timeouts])
def test_what_is_not_understood_is_named(parse):
    with pytest.raises(TransportError, match="not understood: something else"):
        parse("something else\n")


def test_starting():
    run = Run()
    control(run).start_daemon(BACKUP)
    control(run).start_daemon(Daemon("master", "eth1"))
    assert run.calls == [
        "ipvsadm --start-daemon backup --mcast-interface eth1 --syncid 0 --sync-maxlen 1452"
        " --mcast-group ff02::51 --mcast-port 9000 --mcast-ttl 255",
        "ipvsadm --start-daemon master --mcast-interface eth1 --syncid 0"
        " --mcast-group 224.0.0.81 --mcast-port 8848 --mcast-ttl 1",
    ]


def test_stopping_and_setting():
    run = Run()
    control(run).stop_daemon(MASTER)
    control(run).set_timeouts(Timeouts(7200, 0, 0))
    assert run.calls == ["ipvsadm --stop-daemon master", "ipvsadm --set 7200 0 0"]


def test_reading_without_the_module_runs_nothing():
    run = Run()
    assert control(run, present=False).daemons() == {}
    assert control(run, present=False).timeouts() == Timeouts(900, 120, 300)
    assert run.calls == []


def test_writing_without_the_module():
    with pytest.raises(ModuleMissingError):
        control(Run(), present=False, load_module=False).set_timeouts(Timeouts())


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("Daemon has already run\n", "start master synchronisation daemon on eth1: a daemon of this role runs already"),
        ("No such device\n", "no such interface"),
        ("Permission denied (you must be root)\n", "CAP_NET_ADMIN"),
    ],
)
def test_refusals(words, problem):
    with pytest.raises(ControlRefusedError, match=problem):
        control(Run(words=words, code=255)).start_daemon(MASTER)


@pytest.mark.parametrize("values", [{"max_length": 1472}, {"group": "239.1.1.1"}, {"port": 9000}, {"ttl": 2}])
def test_what_is_dropped_in_silence_without_netlink_is_refused(values):
    daemon = Daemon("master", "eth1", 10, **values)
    with pytest.raises(NotExpressibleError, match=f"without netlink sockets, ipvsadm cannot set {next(iter(values))}"):
        control(Run(), allowed=False).check_daemon(daemon)
    control(Run(), allowed=True).check_daemon(daemon)
    control(Run(), allowed=False).check_daemon(Daemon("master", "eth1", 10))
