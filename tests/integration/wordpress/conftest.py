# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The how-to's cluster, made from bare hosts for these tests."""

from __future__ import annotations

import json
from typing import Iterator

import pytest
from inventory_lab import ROOT, InventoryLab

CLIENT = ROOT / "tests" / "support" / "wordpress_client.py"
VIP = "172.16.0.40"


class Cluster(InventoryLab):
    def told(self, *arguments: str) -> str:
        """All that a run of site.yml says."""
        done = self.playbook("site.yml", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def secrets(self) -> list[str]:
        return [path.read_text(encoding="utf-8").split()[0] for path in (self.folder / "secrets").iterdir()]

    def publish(self, title: str) -> dict[str, str]:
        """Write a post with a picture through the VIP; where both are."""
        self.say("client1", "cat > /tmp/wordpress_client.py", CLIENT.read_text(encoding="utf-8"))
        password = (self.folder / "secrets" / "administrator").read_text(encoding="utf-8").split()[0]
        told: dict[str, str] = json.loads(
            self.say("client1", f"python3 /tmp/wordpress_client.py http://{VIP} admin '{title}'", password + "\n")
        )
        return told


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster("wordpress", "wordpress-test")
    try:
        cluster.build()
        yield cluster
    finally:
        cluster.remove()
