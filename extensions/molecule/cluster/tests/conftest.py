# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests of the whole cluster take."""

from __future__ import annotations

import pytest
from whole_cluster import Cluster


@pytest.fixture(scope="session")
def cluster(lab) -> Cluster:
    return Cluster(lab)
