# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each how-to's inventory, made from bare hosts for the tests of one file."""

from __future__ import annotations

from typing import Iterator

import pytest
from inventory_lab import InventoryLab


@pytest.fixture(scope="module")
def cluster(request: pytest.FixtureRequest) -> Iterator[InventoryLab]:
    """The hosts of the inventory that the file names, built by site.yml."""
    inventory = request.module.INVENTORY
    lab = InventoryLab(inventory, f"{inventory.replace('_', '-')}-test")
    try:
        lab.build()
        yield lab
    finally:
        lab.remove()
