# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What site.yml refuses, before any host is changed."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ("lvs_mode=nut", "lvs_mode: 'nut' is no mode (did you mean nat?): use one of nat, dr, tun, fullnat"),
        (
            '{"lvs_services": [{"name": "web", "vip": "10.0.0.300", "port": 80}]}',
            "lvs_services[0].vip: '10.0.0.300' is no IP address",
        ),
        (
            '{"lvs_services": [{"name": "web", "vip": "10.0.0.129", "port": 80, "scheduler": "wwr"}]}',
            "lvs_services[0].scheduler: 'wwr' is no scheduler",
        ),
        (
            '{"lvs_services": [{"name": "web", "vip": "10.0.0.129", "port": 80, "real_servers": "nobody"}]}',
            "lvs_services[0].real_servers: the inventory has no group 'nobody'",
        ),
        ("lvs_rip=192.168.239.148", "lvs_rip: 192.168.239.148 is also web1: lvs_rip: an address belongs to one host only"),
        ("lvs_wieght=3", "lvs_wieght: there is no such variable (did you mean lvs_weight?): rename it"),
        (
            "lvs_rip_interface=bakc",
            "web1: lvs_rip_interface: lab_cards has no card 'bakc' (did you mean back?): name one of back",
        ),
        (
            '{"nfs_client_mounts": [{"server": "web1", "path": "/srv"}], "nfs_server_exports": [{"path": "/srv", "clients": ["::/0"]}]}',
            "nfs_client_mounts[0]: web1 is not in group nfs_servers",
        ),
        ("lvs_back_network=192.168.0.0/24", "web1: lvs_rip: 192.168.239.148 is outside lvs_back_network 192.168.0.0/24"),
    ],
)
def test_a_wrong_inventory_is_refused_before_any_host_is_changed(lab, variables, text):
    refused = lab.play("site.yml", "-e", variables)
    assert refused.code != 0
    assert refused.changes == []
    assert text in refused.messages
    assert "No host has been changed." in refused.messages


def test_a_host_that_cannot_be_reached_stops_the_run_before_any_host_is_changed(lab, cluster):
    """Something is to be repaired on another host, and must not be."""
    lab["director1"].check_output("ip address delete 10.0.0.129/32 dev front")
    # Nothing but ssh leads into the host, so it is told beforehand to let us in again.
    lab["web2"].check_output(
        "systemd-run --quiet --on-active=15 --timer-property=AccuracySec=1s systemctl start ssh && systemctl stop ssh"
    )
    try:
        refused = lab.play("site.yml", "--ssh-extra-args=-o ControlPath=none -o ConnectTimeout=5")
        assert refused.code != 0
        assert refused.changes == []
        assert "These hosts cannot be reached: web2" in refused.messages
    finally:
        lab.until(lambda: lab["web2"].run("ss --listening --tcp --numeric | grep -q ':22 '").rc == 0)
        lab["director1"].run("ip address add 10.0.0.129/32 dev front")
    assert cluster.serves(cluster.mode)
