# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of both READMEs are complete, and the commands that pages show exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
READMES = ("README.md", "README.zh.md")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("roles/*/README.md")])
THERE = {
    "playbook": {path.stem for path in (ROOT / "playbooks").glob("*.yml")},
    "module": {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")},
    "role": {path.name for path in (ROOT / "roles").iterdir() if path.is_dir()},
}
# The head of each table, in the order of the pages.
HEADS = {"playbook": ("playbook", "playbook"), "module": ("module", "模块"), "role": ("role", "角色")}


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def listed(page, head):
    """The names in the first column of the table with this head."""
    [rows] = re.findall(rf"(?m)^\| {head} \|.*\n\|[ -|]+\n((?:\|.*\n)+)", text(page))
    return re.findall(r"`(\w+)`", "\n".join(row.split("|")[1] for row in rows.splitlines()))


@pytest.mark.parametrize("page", READMES)
@pytest.mark.parametrize("kind", THERE)
def test_a_table_has_each_once(page, kind):
    assert sorted(listed(page, HEADS[kind][READMES.index(page)])) == sorted(THERE[kind])


def test_both_lead_to_each_other():
    assert "(README.zh.md)" in text("README.md")
    assert "(README.md)" in text("README.zh.md")


def test_both_show_the_same_commands():
    first, second = (re.findall(r"(?m)^    (\S.*?)(?:  +#.*)?$", text(page)) for page in READMES)
    assert first == second


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
class TestPage:
    def test_what_make_is_told_to_make_can_be_made(self, page):
        targets = set(re.findall(r"(?m)^([a-z_-]+):", text("Makefile")))
        assert set(re.findall(r"(?:^ {4}|`)(?:\w+=\S+ )*make ([a-z_-]+)", text(page), re.MULTILINE)) <= targets

    def test_a_playbook_that_is_run_is_there(self, page):
        named = re.findall(r"ansible-playbook ((?:playbooks/)?\w+\.yml)", text(page))
        assert [name for name in named if not (ROOT / name).exists()] == []
