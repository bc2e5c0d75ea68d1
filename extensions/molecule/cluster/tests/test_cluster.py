# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster as its clients see it, in the mode that the inventory names."""

from __future__ import annotations


def test_real_servers_take_turns(cluster):
    assert cluster.serves("nat")


def test_the_proof_holds(lab):
    assert lab.play("playbooks/prove.yml").code == 0


def test_the_proof_fails_where_a_real_server_is_down(lab):
    lab["web1"].check_output("systemctl stop nginx")
    try:
        assert lab.play("playbooks/prove.yml").code != 0
    finally:
        lab["web1"].check_output("systemctl start nginx")
