# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What chrony is told, on each platform, and what it is not told."""

from __future__ import annotations

import re

import pytest
import yaml
from test_templates import ROLES, directives, render

CONFIGURATION = "etc/chrony/chrony.conf.j2"
UNIT = "etc/systemd/system/chrony.service.d/lvs-cluster.conf.j2"
RED_HAT = yaml.safe_load((ROLES / "baseline/vars/RedHat.yml").read_text(encoding="utf-8"))


def test_a_host_that_takes_the_time_gives_it_to_nobody():
    assert directives(
        render("baseline", CONFIGURATION, baseline_time_servers=["director1"], baseline_time_pools=["pool.ntp.org"])
    ) == [
        "server director1 iburst",
        "pool pool.ntp.org iburst",
        "driftfile /var/lib/chrony/chrony.drift",
        "makestep 1 3",
        "rtcsync",
    ]


def test_a_host_that_gives_the_time_does_so_without_a_server():
    lines = directives(render("baseline", CONFIGURATION, baseline_time_clients=["172.16.0.0/16", "2001:db8::/64"]))
    assert lines[-3:] == ["allow 172.16.0.0/16", "allow 2001:db8::/64", "local stratum 10"]
    assert "server" not in "".join(lines)


def test_a_host_without_a_clock_worth_having_gives_none():
    text = render("baseline", CONFIGURATION, baseline_time_clients=["172.16.0.0/16"], baseline_time_local_stratum=0)
    assert "local" not in "\n".join(directives(text))


def test_chrony_is_told_not_to_set_the_clock_in_the_way_of_its_unit():
    assert directives(render("baseline", UNIT)) == ["[Service]", "EnvironmentFile=", 'Environment="DAEMON_OPTS=-F 1 -x"']
    assert directives(render("baseline", UNIT, **RED_HAT))[-1] == 'Environment="OPTIONS=-F 2 -x"'


def test_files_are_where_the_platform_has_them():
    assert "driftfile /var/lib/chrony/drift" in directives(render("baseline", CONFIGURATION, **RED_HAT))


NETWORK = yaml.safe_load((ROLES / "baseline/vars/main.yml").read_text(encoding="utf-8"))["__baseline_network"]


@pytest.mark.parametrize(
    "given", ["172.16.0.0/16", "192.0.2.7", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/64", "::/0", "fe80::1/128"]
)
def test_networks_may_be_given_the_time(given):
    assert re.match(NETWORK, given)


@pytest.mark.parametrize(
    "given",
    [
        "172.16.0.0/33",
        "172.16.0/16",
        "172.16.0.256",
        "1.2.3.4.5",
        "2001:db8::/129",
        "all",
        "",
        "10.0.0.0/8 x",
        "10.0.0.0/8\nallow",
    ],
)
def test_what_is_no_network_is_not_given_the_time(given):
    assert not re.match(NETWORK, given)
