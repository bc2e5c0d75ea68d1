# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host knows of itself, of the others and of the time."""

from __future__ import annotations

import json

import pytest

CONVERGE = "extensions/molecule/baseline/converge.yml"
SOURCE = "192.168.239.152"
# Sends the shortest question of NTP 4; prints the stratum of the answer.
ASK = r"""
import socket, sys
wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
wire.settimeout(3)
wire.sendto(b"\x23" + bytes(47), (sys.argv[1], 123))
print(wire.recv(64)[1])
"""


def stratum(lab, asker: str, server: str):
    return lab[asker].run("python3 -c %s %s", ASK, server)


def named(lab, name: str) -> list[str]:
    return lab["web1"].run("getent hosts %s", name).stdout.split()


def test_the_host_has_its_name(lab):
    """Also the lasting one, which the next boot takes."""
    assert lab["web1"].check_output("uname -n") == "web1.example.org"
    assert lab["web1"].check_output("hostnamectl hostname --static") == "web1.example.org"


def test_the_inventorys_hosts_are_known_by_name(lab):
    assert named(lab, "web2") == ["192.168.239.137", "web2"]
    assert named(lab, "director1") == [SOURCE, "director1"]
    assert named(lab, "shuyan.com") == ["10.0.0.129", "www.shuyan.com", "shuyan.com"]


def test_lines_of_others_stay(lab):
    assert named(lab, "printer") == ["203.0.113.7", "printer"]
    # Below them: a line of the administrator's wins.
    assert [line[0] for line in lab["web1"].run("diff /root/bare-hosts /etc/hosts").stdout.splitlines()[1:]] == [">"] * len(
        lab["web1"].check_output("sed -n '/BEGIN lvs.cluster/,/END lvs.cluster/p' /etc/hosts").splitlines()
    )


def test_packages_are_there(lab):
    assert lab["web1"].package("ipvsadm").is_installed


def test_the_zone_is_that_of_the_inventory(lab):
    assert lab["web1"].check_output("date +%Z") == "CST"
    assert lab["web2"].check_output("date +%%Z") == "UTC"


@pytest.mark.parametrize("host", ["web1", "web2"])
def test_a_host_is_in_step_with_its_server(lab, host):
    def chosen():
        return [line for line in lab[host].run("chronyc -c -n sources").stdout.splitlines() if line.startswith("^,*,")]

    [line] = lab.until(chosen, 90)
    assert line.split(",")[2] == SOURCE
    tracking = lab[host].check_output("chronyc -c -n tracking").split(",")
    # One step farther from a reference clock than its server.
    assert tracking[2] == "8"
    assert abs(float(tracking[4])) < 0.5


def test_only_where_it_is_asked_for_the_clock_is_left_to_the_machine(lab):
    command = "tr '\\0' ' ' < /proc/$(cat /run/chrony/chronyd.pid)/cmdline"
    assert " -x" in lab["web1"].check_output(command)
    assert " -x" not in lab["web2"].check_output(command)


def test_the_time_is_given_to_the_inner_network_and_to_nobody_else(lab):
    assert stratum(lab, "web2", SOURCE).stdout.strip() == "7"
    assert "timed out" in stratum(lab, "client1", "10.0.0.128").stderr
    # Nor does a host give it that was told to take it only.
    assert "timed out" in stratum(lab, "web1", "192.168.239.137").stderr


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        (
            "scenario_hosts",
            [{"address": "192.0.2.300", "names": ["x"]}],
            "baseline_hosts[0].address: '192.0.2.300' is no address",
        ),
        ("scenario_zone", "Asia/Peking", "baseline_time_zone: the host knows no 'Asia/Peking'"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(lab, variable, value, said):
    done = lab.play(CONVERGE, "--limit", "web1", "--extra-vars", json.dumps({variable: value}))
    assert done.code != 0
    assert said in done.messages
    assert done.changes == []


def test_a_configuration_that_chrony_has_not_loaded_is_loaded(lab):
    """As after a run that was killed between writing and restarting."""
    before = lab["web1"].check_output("cat /run/chrony/chronyd.pid")
    lab["web1"].check_output("touch /etc/chrony/chrony.conf")
    assert "Restart chrony" in {change.task for change in lab.play(CONVERGE, "--limit", "web1").changes}
    assert lab["web1"].check_output("cat /run/chrony/chronyd.pid") != before


def test_absent_gives_back_what_was_there(lab):
    """Last, since it is gone then."""
    absent = ("--limit", "web1", "--extra-vars", "scenario_state=absent")
    checked = lab.play(CONVERGE, "--check", *absent)
    assert lab.play(CONVERGE, *absent).changes == checked.changes != []
    web1 = lab["web1"]
    assert web1.check_output("diff /root/bare-hosts /etc/hosts") == ""
    web1.check_output("cmp /etc/chrony/chrony.conf /usr/share/chrony/chrony.conf")
    assert not web1.file("/etc/chrony/chrony.conf.before-lvs").exists
    assert " -x" not in web1.check_output("tr '\\0' ' ' < /proc/$(cat /run/chrony/chronyd.pid)/cmdline")
    assert lab.play(CONVERGE, *absent).changes == []
