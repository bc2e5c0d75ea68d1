# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tests on whole clusters are left to `make test-all`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Each of them builds a cluster from bare hosts, which takes many minutes.
LONG = tuple(Path(__file__).parent / folder for folder in ("application", "documents", "wordpress"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "LVS_TEST_ALL" in os.environ:
        return
    for item in items:
        if any(folder in item.path.parents for folder in LONG):
            item.add_marker(pytest.mark.skip(reason="part of `make test-all`"))
