# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual and the code name the same variables."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("roles/*/README.md")])
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
PREFIXES = ("lvs", "lab", *ROLES)
NAME = re.compile(rf"(?<![\w./-])(?:{'|'.join(PREFIXES)})_[a-z0-9_]+(?![\w-])")


def text(path):
    return path.read_text(encoding="utf-8")


def playbooks():
    """What plays and their templates read; comments name what there is not, too."""
    files = [*(ROOT / "playbooks").rglob("*.yml"), *(ROOT / "playbooks").rglob("*.j2")]
    return {name for file in files for name in NAME.findall(re.sub(r"(?m)(^| )#.*$", "", text(file)))}


def plugins():
    """Names that stand alone between quotes are looked up in the inventory, by whatever runs on the controller."""
    for file in [*(ROOT / "plugins" / "filter").glob("*.py"), *(ROOT / "plugins" / "plugin_utils").rglob("*.py")]:
        for node in ast.walk(ast.parse(text(file))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAME.fullmatch(node.value):
                yield node.value


def keys(data):
    if isinstance(data, dict):
        yield from (key for key in data if isinstance(key, str))
        data = list(data.values())
    if isinstance(data, list):
        for value in data:
            yield from keys(value)


def inventories():
    for file in (ROOT / "inventories").rglob("*.yml"):
        yield from keys(yaml.safe_load(text(file)))


def role_variables():
    for role in ROLES:
        for entry in yaml.safe_load(text(ROOT / "roles" / role / "meta" / "argument_specs.yml"))["argument_specs"].values():
            yield from entry["options"]


def named_things():
    """Roles, plugins, playbooks and groups may begin like a variable."""
    yield from ROLES
    for folder in ("plugins/*", "playbooks"):
        yield from (file.stem for file in ROOT.glob(f"{folder}/*.*"))
    yield from {f"{role}s" for role in ROLES}
    yield "lvs_cluster"  # the table of nftables


READ = {*playbooks(), *plugins()}
KNOWN = {*READ, *inventories(), *role_variables(), *named_things()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_no_variable_that_does_not_exist(page):
    assert set(NAME.findall(text(page))) - KNOWN == set()


def test_every_variable_of_the_inventory_is_in_the_manual():
    documented = {name for page in ROOT.glob("docs/*.md") for name in NAME.findall(text(page))}
    assert {name for name in READ if name.startswith("lvs_")} - documented == set()
