# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page that maps the how-tos names tests and inventories that there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "documents.md").read_text(encoding="utf-8")
FOLDERS = [ROOT / "tests" / "integration" / name for name in ("documents", "network_managers", "wordpress")]


def test_each_test_that_stands_for_a_claim_exists():
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    there = {
        name
        for folder in FOLDERS
        for file in folder.glob("*.py")
        for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))
    }
    assert len(named) > 20
    assert named <= there


def test_each_inventory_has_its_how_to_and_its_tests():
    inventories = {path.name for path in (ROOT / "inventories").iterdir()} - {"lab"}
    assert set(re.findall(r"`inventories/(\w+)`", PAGE)) - {"lab"} == inventories
    tested = {
        name
        for file in [*(FOLDERS[0]).glob("test_*.py"), FOLDERS[2] / "conftest.py"]
        for name in re.findall(r'(?:INVENTORY = |WordPressLab\(\s*)"(\w+)"', file.read_text("utf-8"))
    }
    assert tested == inventories
