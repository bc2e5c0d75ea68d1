# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever configures a host's network takes away what it did not make, and it is there again, without Ansible."""

from __future__ import annotations

import pytest
from awaiting import until
from managed_lab import ALL, MANAGERS, VIPS

# systemd-networkd takes away the most: foreign addresses, routes and rules. The others are part of `make test-all`.
managers = pytest.mark.parametrize("lab", MANAGERS if ALL else ["systemd-networkd"], indirect=True)


@managers
def test_what_a_manager_takes_away_comes_back(lab):
    """Left alone with its manager a host lacks something, so there is something to bring back."""
    disturbances = MANAGERS[lab.manager].disturbances
    for disturbance in disturbances if ALL else disturbances[:1]:
        if disturbance.bites:
            lab.unwatched()
            lab.disturb(disturbance.command)
            until(lab.differences)
            lab.watched()
            lab.until_whole()
        lab.disturb(disturbance.command)
        lab.until_whole()


@managers
def test_what_is_lost_during_a_repair_comes_back(lab):
    """A manager's last word of what it does may come while all is being repaired after its first one."""
    # Each time as soon as it is there again, when the repair has not ended.
    again = f"until ip address show dev front | grep -q {VIPS[0]}/32; do true; done"
    lose = f"ip address delete {VIPS[0]}/32 dev front; echo >> /run/network/ifstate"
    lab.ssh("director1", f"timeout 60 sh -c 'for n in $(seq 6); do {again}; {lose}; done'")
    lab.until_whole()


@pytest.mark.skipif(not ALL, reason="part of `make test-all`")
@managers
def test_a_boot_with_it_makes_the_host_whole(lab):
    lab.reboot()
    assert lab.manages()
    lab.until_whole()


@managers
def test_ansible_finds_nothing_to_do(lab):
    assert lab.playbook("site.yml") == []
