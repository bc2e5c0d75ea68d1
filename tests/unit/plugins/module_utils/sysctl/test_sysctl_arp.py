# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of arp_sysctl to goals, and what it warns about."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.arp import DEFAULT_FILE, NAMES, arp_intent
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.config import SYSCTL_CONF, ConfigFile
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.errors import InvalidOptionError
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.interfaces import conf_key, conf_keys, effective
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.model import State
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.plan import make_plan
from hypothesis import given
from hypothesis import strategies as st

HOST = ("eth0", "eth0.100", "lo")
ADD = "since the kernel takes the greater of its own value and that of all, and"


def params(**options):
    return {
        "state": "present",
        "interfaces": ["all"],
        "arp_ignore": 1,
        "arp_announce": 2,
        "allow_silent": False,
        "runtime": True,
        "persistent": True,
        "file": DEFAULT_FILE,
        **options,
    }


def kernel(**values):
    """The running kernel's values: zero, but for what is given as eth0_arp_ignore=2."""
    runtime = dict.fromkeys(conf_keys(HOST, NAMES), "0")
    for name, value in values.items():
        interface, setting = name.split("_", 1)
        runtime[conf_key(interface, setting)] = str(value)
    return runtime


def advice(*files, runtime=None, **options):
    intent = arp_intent(params(**options))
    goal = intent.goal(HOST)
    return intent.advice(goal, make_plan(State(runtime or kernel()), goal).predicted, HOST, files)


def warnings(*files, **options):
    return list(advice(*files, **options).warnings)


def etc(name, text):
    return ConfigFile(f"/etc/sysctl.d/{name}", text)


def test_the_goal():
    goal = arp_intent(params(interfaces=["all", "eth0.100"], arp_ignore=2, arp_announce=1, persistent=False)).goal(HOST)
    assert goal.values == {
        "net/ipv4/conf/all/arp_ignore": "2",
        "net/ipv4/conf/all/arp_announce": "1",
        "net/ipv4/conf/eth0.100/arp_ignore": "2",
        "net/ipv4/conf/eth0.100/arp_announce": "1",
    }
    assert (goal.present, goal.runtime, goal.persistent) == (True, True, False)


def test_absent_asks_nothing_of_the_interfaces():
    goal = arp_intent(params(state="absent", interfaces=["gone", "gone"], arp_ignore=8)).goal(HOST)
    assert (goal.present, goal.values) == (False, {})
    assert warnings(state="absent") == []


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"interfaces": ["all", "eth9"]},
            "interfaces[1]: 'eth9' is no interface of this host: use some of all, eth0, eth0.100, lo,"
            " or create the interface first",
        ),
        (
            {"interfaces": ["eth0", "all", "eth0"]},
            "interfaces[2]: duplicate 'eth0', first at interfaces[0]: leave one of them out",
        ),
        ({"interfaces": []}, "interfaces: the list is empty: use all, or set state to absent"),
        (
            {"interfaces": ["default"]},
            "interfaces[0]: 'default' is no interface but a template, and the kernel copies it to interfaces that have no address"
            " yet: use all, which holds for later interfaces, too",
        ),
        (
            {"interfaces": ["eth*"]},
            "interfaces[0]: 'eth*' would be a pattern in sysctl.d: use all, rename the interface, or set persistent to false",
        ),
        (
            {"interfaces": ["../../../kernel"]},
            "interfaces[0]: '../../../kernel' is no interface of this host: use some of all, eth0, eth0.100, lo,"
            " or create the interface first",
        ),
        (
            {"arp_ignore": 8},
            "arp_ignore: 8 answers no ARP request at all, so the real IP cannot be reached either: use 1,"
            " or set allow_silent to true if neighbours know the host's address otherwise",
        ),
        (
            {"runtime": False, "persistent": False},
            "persistent: with runtime false, too, there is nothing to manage: set one of them to true",
        ),
        ({"file": "x.conf"}, f"file: 'x.conf' is not an absolute path: use one such as {DEFAULT_FILE}"),
        (
            {"file": "//etc/./sysctl.conf"},
            f"file: /etc/sysctl.conf belongs to the whole host, and this module replaces its file: use {DEFAULT_FILE}",
        ),
        (
            {"file": "/etc/passwd", "state": "absent"},
            f"file: /etc/passwd does not end in .conf, so nothing would read it: use one such as {DEFAULT_FILE}",
        ),
    ],
)
def test_refusals(options, text):
    with pytest.raises(InvalidOptionError) as caught:
        arp_intent(params(**options)).goal(HOST)
    assert str(caught.value) == text


def test_silence_is_allowed_when_asked_for():
    assert arp_intent(params(arp_ignore=8, allow_silent=True)).values["arp_ignore"] == 8


def test_a_name_like_a_pattern_is_fine_where_no_file_is_written():
    intent = arp_intent(params(interfaces=["e*"], persistent=False))
    assert set(intent.goal(["e*"]).values) == {"net/ipv4/conf/e*/arp_ignore", "net/ipv4/conf/e*/arp_announce"}


@given(everywhere=st.integers(-1, 99), own=st.integers(-1, 99))
def test_the_kernel_takes_the_greater_value(everywhere, own):
    assert effective(kernel(all_arp_ignore=everywhere, eth0_arp_ignore=own), "eth0", "arp_ignore") == max(everywhere, own)


def test_a_vanished_interface_has_no_value():
    assert effective(kernel(), "eth9", "arp_ignore") is None


def test_a_plain_host_needs_no_advice():
    for interfaces in (["all"], ["all", "eth0"], ["eth0"], ["lo", "eth0"]):
        assert advice(interfaces=interfaces).overrides == ()
        assert warnings(interfaces=interfaces) == []


def test_lo_alone():
    text = "interfaces: lo alone has no effect, since ARP never arrives on lo: add all, or the card that faces the clients"
    assert warnings(interfaces=["lo"]) == [text]


def test_an_interface_with_a_greater_value():
    assert warnings(runtime=kernel(eth0_arp_ignore=99)) == [
        f"arp_ignore on eth0 is 99 instead of 1, {ADD} eth0 has 99: add eth0 to interfaces"
    ]
    assert warnings(runtime=kernel(eth0_arp_ignore=99), interfaces=["all", "eth0"]) == []


def test_a_greater_value_for_all():
    assert warnings(runtime=kernel(all_arp_ignore=2), interfaces=["eth0"]) == [
        f"arp_ignore on eth0 is 2 instead of 1, {ADD} all has 2: add all to interfaces"
    ]


def test_lo_may_have_any_value():
    assert warnings(runtime=kernel(lo_arp_ignore=8)) == []


def test_a_later_file():
    found = advice(etc("99-x.conf", "\nnet.ipv4.conf.all.arp_ignore = 0\n"))
    assert list(found.warnings) == [
        "/etc/sysctl.d/99-x.conf line 2 sets net.ipv4.conf.all.arp_ignore to 0 at boot, and wins over 1 from"
        " /etc/sysctl.d/60-lvs-arp.conf: remove that line, or choose a file whose name sorts after 99-x.conf"
    ]
    assert [(override.line.number, override.key, override.wanted) for override in found.overrides] == [
        (2, "net/ipv4/conf/all/arp_ignore", "1")
    ]


def test_a_later_exclusion():
    assert warnings(etc("99-x.conf", "-net.ipv4.conf.all.arp_ignore\n")) == [
        "/etc/sysctl.d/99-x.conf line 1 excludes net.ipv4.conf.all.arp_ignore, so that nothing sets it at boot, and wins over 1 from"
        " /etc/sysctl.d/60-lvs-arp.conf: remove that line, or choose a file whose name sorts after 99-x.conf"
    ]


def test_sysctl_conf():
    assert warnings(ConfigFile(SYSCTL_CONF, "net.ipv4.conf.all.arp_announce = 0")) == [
        "/etc/sysctl.conf line 1 sets net.ipv4.conf.all.arp_announce to 0 whenever `sysctl --system` runs (systemd does not read"
        " it at boot), and wins over 2 from /etc/sysctl.d/60-lvs-arp.conf: remove that line"
    ]


@pytest.mark.parametrize("name", ["10-x.conf", "99-x.conf"])
def test_a_file_that_raises_an_interface(name):
    assert warnings(etc(name, "net/ipv4/conf/eth0.100/arp_ignore = 2\n")) == [
        f"/etc/sysctl.d/{name} line 1 sets net/ipv4/conf/eth0.100/arp_ignore to 2 at boot, so arp_ignore on eth0.100 becomes 2"
        " instead of 1: remove that line, or add eth0.100 to interfaces"
    ]


def test_a_pattern_that_raises_interfaces():
    assert warnings(etc("10-x.conf", "net.ipv4.conf.*.arp_ignore = 2\nnet.ipv4.conf.eth0.arp_ignore = 0\n")) == [
        "/etc/sysctl.d/10-x.conf line 1 sets net/ipv4/conf/eth0.100/arp_ignore to 2 at boot, so arp_ignore on eth0.100 becomes 2"
        " instead of 1: remove that line, or add eth0.100 to interfaces",
        "/etc/sysctl.d/10-x.conf line 1 sets net.ipv4.conf.default.arp_ignore to 2 at boot, so arp_ignore on interfaces that come"
        " later becomes 2 instead of 1: remove that line",
    ]


def test_a_file_that_raises_all():
    found = advice(etc("10-x.conf", "net.ipv4.conf.all.arp_ignore = 2\n"), interfaces=["eth0", "eth0.100"])
    assert len(found.overrides) == 1
    assert list(found.warnings) == [
        "/etc/sysctl.d/10-x.conf line 1 sets net.ipv4.conf.all.arp_ignore to 2 at boot, so arp_ignore on"
        f" {interface} becomes 2 instead of 1: remove that line, or add all to interfaces"
        for interface in ("eth0", "eth0.100")
    ]


def test_a_smaller_value_elsewhere_does_no_harm():
    assert warnings(etc("99-x.conf", "net.ipv4.conf.eth0.arp_ignore = 1\nnet.ipv4.conf.lo.arp_ignore = 8\n")) == []


def test_files_are_no_matter_without_persistence():
    assert warnings(etc("99-x.conf", "net.ipv4.conf.all.arp_ignore = 0\n"), persistent=False) == []


def test_a_file_that_nothing_reads():
    assert warnings(file="/srv/x.conf") == [
        "file: nothing reads /srv/x.conf at boot: choose a file in"
        " /etc/sysctl.d, /run/sysctl.d, /usr/local/lib/sysctl.d, /usr/lib/sysctl.d"
    ]


def test_a_file_that_another_one_hides():
    assert warnings(etc("x.conf", ""), file="/usr/lib/sysctl.d/x.conf") == [
        "file: /etc/sysctl.d/x.conf is read instead of /usr/lib/sysctl.d/x.conf at boot: remove it, or choose another name"
    ]
