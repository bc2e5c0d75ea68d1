# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole lab from one run of site.yml, in every mode, as clients see it."""

from __future__ import annotations

import pytest

VIP, CIP, DIP = "10.0.0.129", "10.0.0.201", "192.168.239.152"
RIPS = {"web1": "192.168.239.148", "web2": "192.168.239.137", "web3": "172.25.3.13"}
NEAR, ALL = ("web1", "web2"), ("web1", "web2", "web3")
# Real servers, and the client's address in their logs. Back to the inventory's own mode at the end.
MODES = {"dr": (NEAR, CIP), "tun": (ALL, CIP), "fullnat": (ALL, DIP), "nat": (NEAR, CIP)}


def test_a_second_run_changes_nothing(lab):
    assert lab.site().changed == []


def test_a_check_foretells_nothing(lab):
    assert lab.site("--check").changed == []


@pytest.mark.parametrize("mode", MODES)
def test_pages_blog_and_virtual_hosts_answer_in_each_mode(lab, published, mode):
    servers, sender = MODES[mode]
    lab.site("-e", f"lvs_mode={mode}")
    lab.play("playbooks/prove.yml", "-e", f"lvs_mode={mode}")
    www = ["--resolve", f"www.lvs.test:80:{VIP}"]
    # Each kind as often as there are real servers, so that each of them answers it once.
    for _server in servers:
        assert published["picture"] in lab.visit(f"{published['post']}&seen-{mode}")
    for _server in servers:
        assert lab.visit(f"{published['picture']}?seen-{mode}", "--output", "/dev/null") is not None
    for _server in servers:
        assert "www.lvs.test on vhost" in lab.visit(f"http://www.lvs.test/?seen-{mode}", *www)
    for host in servers:
        entries = lab.entries(host, f"seen-{mode} ")
        assert len(entries) == 3
        # With full NAT, who the client was is lost.
        assert {line.split()[0] for line in entries} == {sender}


def test_what_a_writer_uploads_in_any_mode_belongs_to_the_blog(lab):
    """Where the farthest real server takes part, behind the router: its share and its database are the same."""
    lab.site("-e", "lvs_mode=tun")
    try:
        assert all(lab.shows(lab.publish(f"post {number}")) for number in range(2))
        assert lab.entries("web3", "rest_route=/wp/v2/")
    finally:
        lab.site()
