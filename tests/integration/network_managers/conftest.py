# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster on hosts that are handed from one manager of networks to the next."""

from __future__ import annotations

from typing import Iterator

import pytest
from managed_lab import Lab


@pytest.fixture(scope="session")
def cluster() -> Iterator[Lab]:
    lab = Lab()
    lab.playbook("playbooks/lab_down.yml")
    try:
        lab.playbook("playbooks/lab_up.yml")
        yield lab
    finally:
        lab.playbook("playbooks/lab_down.yml")


@pytest.fixture(scope="module")
def lab(cluster, request) -> Lab:
    """The cluster, built on hosts whose network a manager configures."""
    cluster.hand_over(request.param)
    cluster.playbook("site.yml")
    return cluster
