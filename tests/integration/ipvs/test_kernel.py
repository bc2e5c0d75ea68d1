# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every field of the kernel's table, written and read over both ways: the scripts in guest/, one test for each of their checks."""

from __future__ import annotations

import pytest
from ipvs_lab import checks


@pytest.mark.parametrize("check", checks("matrix"))
def test_matrix(director, check):
    director.prove("matrix", check)


@pytest.mark.parametrize("check", checks("control"))
def test_daemons_and_timeouts(director, check):
    director.prove("control", check)


@pytest.mark.parametrize("check", checks("crowd"))
def test_several_at_once(director, check):
    director.prove("crowd", check)


@pytest.mark.parametrize("check", checks("scale"))
def test_large_tables(director, check):
    director.prove("scale", check)
