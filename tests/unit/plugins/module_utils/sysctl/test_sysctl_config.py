# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which line of sysctl.d wins at boot."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.config import (
    SYSCTL_CONF,
    Boot,
    ConfigFile,
    in_order,
    mask,
    matches,
    meaning,
    overrides,
    parse,
    render,
)

ALL = "net/ipv4/conf/all/arp_ignore"
ETH0 = "net/ipv4/conf/eth0/arp_ignore"
OWN = ConfigFile("/etc/sysctl.d/60-own.conf", "net.ipv4.conf.all.arp_ignore = 1\n")


def etc(name, text):
    return ConfigFile(f"/etc/sysctl.d/{name}", text)


def found(*files):
    return [
        (override.line.path, override.line.number, override.key, override.line.value, override.procps_only)
        for override in overrides(files, OWN)
    ]


def test_lines():
    text = "# a comment\n; another\n\n  net.ipv4.ip_forward=1 \r\n-kernel.x = a = b\n-net.ipv4.conf.all.rp_filter\nnonsense\n = 1\nkey =\n"
    assert [(line.number, line.key, line.value) for line in parse("/f", text)] == [
        (4, "net/ipv4/ip_forward", "1"),
        (5, "kernel/x", "a = b"),
        (6, "net/ipv4/conf/all/rp_filter", None),
        (9, "key", ""),
    ]


def test_what_is_written_is_read_back():
    values = {ALL: "1", "net/ipv4/conf/eth0.100/arp_ignore": "2"}
    text = render(values, ("Ours.", ""))
    assert text == "# Ours.\n#\nnet.ipv4.conf.all.arp_ignore = 1\nnet/ipv4/conf/eth0.100/arp_ignore = 2\n"
    assert meaning(parse("/f", text)) == values


def test_the_last_word_of_a_file_counts():
    assert meaning(parse("/f", "a.b = 1\na/b = 0x2\n")) == {"a/b": "2"}


def test_files_are_sorted_by_name_whatever_their_folder():
    paths = ["/usr/lib/sysctl.d/50.conf", "/etc/sysctl.d/99.conf", "/run/sysctl.d/10.conf", "/etc/sysctl.d/README", "/tmp/1.conf"]
    assert [file.path for file in in_order(ConfigFile(path, "") for path in paths)] == [
        "/run/sysctl.d/10.conf",
        "/usr/lib/sysctl.d/50.conf",
        "/etc/sysctl.d/99.conf",
    ]


@pytest.mark.parametrize("reverse", [False, True])
def test_the_first_folder_wins_between_files_of_the_same_name(reverse):
    folders = ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"]
    while folders:
        files = [ConfigFile(f"{folder}/a.conf", "") for folder in (reversed(folders) if reverse else folders)]
        assert [file.path for file in in_order(files)] == [f"{folders[0]}/a.conf"]
        folders.pop(0)


def test_names_are_compared_as_bytes():
    assert [file.path for file in in_order([etc("b.conf", ""), etc("B.conf", ""), etc("é.conf", "")])] == [
        "/etc/sysctl.d/B.conf",
        "/etc/sysctl.d/b.conf",
        "/etc/sysctl.d/é.conf",
    ]


def test_a_later_file_overrides():
    assert found(etc("99-x.conf", "\nnet.ipv4.conf.all.arp_ignore = 0\n")) == [("/etc/sysctl.d/99-x.conf", 2, ALL, "0", False)]


def test_an_earlier_file_does_not():
    assert found(etc("10-x.conf", "net.ipv4.conf.all.arp_ignore = 0\n-net.ipv4.conf.all.arp_ignore\n")) == []


def test_the_same_value_does_not():
    assert found(etc("99-x.conf", "net/ipv4/conf/all/arp_ignore = 0x1\n")) == []


def test_the_last_of_several_is_named():
    files = etc("98-x.conf", "net.ipv4.conf.all.arp_ignore = 2"), etc("99-x.conf", "net.ipv4.conf.all.arp_ignore = 3")
    assert found(*files) == [("/etc/sysctl.d/99-x.conf", 1, ALL, "3", False)]


def test_a_later_file_may_put_it_right_again():
    files = etc("98-x.conf", "net.ipv4.conf.all.arp_ignore = 2"), etc("99-x.conf", "net.ipv4.conf.all.arp_ignore = 1")
    assert found(*files) == []


def test_a_later_exclusion_takes_the_assignment_back():
    assert found(etc("99-x.conf", "-net.ipv4.conf.all.arp_ignore\n")) == [("/etc/sysctl.d/99-x.conf", 1, ALL, None, False)]


def test_no_pattern_reaches_a_key_that_is_named():
    assert found(etc("99-x.conf", "net.ipv4.conf.*.arp_ignore = 0\n")) == []


def test_our_old_file_on_the_disk_does_not_count():
    assert found(etc("60-own.conf", "net.ipv4.conf.all.arp_ignore = 0\n")) == []


def test_sysctl_conf_is_read_by_procps_only():
    assert found(ConfigFile(SYSCTL_CONF, "net.ipv4.conf.all.arp_ignore = 0")) == [(SYSCTL_CONF, 1, ALL, "0", True)]


def test_sysctl_conf_is_read_by_systemd_through_a_link():
    text = "net.ipv4.conf.all.arp_ignore = 2\nnet.ipv4.conf.all.arp_ignore = 0\n"
    link, conf = etc("99-sysctl.conf", text), ConfigFile(SYSCTL_CONF, text)
    assert found(link, conf) == [("/etc/sysctl.d/99-sysctl.conf", 2, ALL, "0", False)]


def test_procps_reads_sysctl_conf_last_also_where_a_link_sorts_before_ours():
    text = "net.ipv4.conf.all.arp_ignore = 0\n"
    assert found(etc("10-sysctl.conf", text), ConfigFile(SYSCTL_CONF, text)) == [(SYSCTL_CONF, 1, ALL, "0", True)]


def test_an_exclusion_takes_nothing_back_for_procps():
    assert found(ConfigFile(SYSCTL_CONF, "-net.ipv4.conf.all.arp_ignore\n")) == []
    pattern = [etc("1.conf", "net.ipv4.conf.*.arp_ignore = 2\n-net.ipv4.conf.*.arp_ignore\n")]
    assert Boot(pattern, systemd=False).winner(ETH0).value == "2"


def test_a_file_of_the_same_name_hides_ours():
    own = ConfigFile("/usr/lib/sysctl.d/60-own.conf", OWN.text)
    files = [etc("60-own.conf", "net.ipv4.conf.all.arp_ignore = 0")]
    assert mask(files, own) == "/etc/sysctl.d/60-own.conf"
    assert overrides(files, own) == []
    assert mask([own], OWN) is None


def test_patterns():
    boot = Boot(
        [etc("1.conf", "net.ipv4.conf.*.arp_ignore = 2\n-net.ipv4.conf.all.arp_ignore\nnet.ipv4.conf.wan0.arp_ignore = 3\n")]
    )
    assert boot.winner(ALL).value is None
    assert boot.winner(ETH0).value == "2"
    assert boot.winner("net/ipv4/conf/wan0/arp_ignore").value == "3"
    assert boot.winner("net/ipv4/conf/eth0/arp_announce") is None


def test_the_last_pattern_wins():
    boot = Boot([etc("1.conf", "net.ipv4.conf.*.arp_ignore = 2\nnet.ipv4.conf.eth*.arp_ignore = 1\n")])
    assert boot.winner(ETH0).value == "1"
    boot = Boot(
        [etc("1.conf", "net.ipv4.conf.*.arp_ignore = 3\nnet.ipv4.conf.eth*.arp_ignore = 1\nnet.ipv4.conf.*.arp_ignore = 2\n")]
    )
    assert boot.winner(ETH0).value == "2"


def test_an_excluded_pattern_sets_nothing():
    boot = Boot([etc("1.conf", "net.ipv4.conf.*.arp_ignore = 2\n-net.ipv4.conf.*.arp_ignore\n")])
    assert boot.winner(ETH0) is None


@pytest.mark.parametrize(
    ("pattern", "key", "expected"),
    [
        ("net/ipv4/conf/*/arp_ignore", "net/ipv4/conf/eth0.100/arp_ignore", True),
        ("net/ipv4/conf/*", "net/ipv4/conf/eth0/arp_ignore", False),
        ("net/ipv4/conf/eth?/arp_*", ETH0, True),
        ("net/ipv4/conf/eth[1-9]/arp_ignore", ETH0, False),
        ("net/ipv4/conf/eth[^1-9]/arp_ignore", ETH0, True),
        ("net/ipv4/conf/{wan,eth}*/arp_ignore", ETH0, True),
        ("net/ipv4/conf/{wan,ppp}*/arp_ignore", ETH0, False),
        (ETH0, ETH0, False),
    ],
)
def test_a_pattern_matches_part_by_part(pattern, key, expected):
    assert matches(pattern, key) is expected
