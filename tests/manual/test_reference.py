# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the tree has is in the reference: each plugin, each role, each of their options."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ROLES = sorted((ROOT / "roles").glob("*/meta/argument_specs.yml"))
# An action plugin is documented as the module whose name it has.
PLUGINS = [
    (path, {"modules": "module", "action": "module"}.get(path.parent.name, path.parent.name))
    for path in sorted((ROOT / "plugins").glob("*/*.py"))
    if path.parent.name not in ("module_utils", "plugin_utils", "doc_fragments")
]


def written(path):
    """What a plugin's file documents itself."""
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "DOCUMENTATION":
            return yaml.safe_load(statement.value.value)
    return {}


def names(options, above=""):
    for name, option in options.items():
        yield above + name
        yield from names(option.get("options") or option.get("suboptions") or {}, f"{above}{name}/")


def page(pages, name):
    [found] = [page for path, page in pages.items() if path.parent.name == "reference" and path.name == f"{name}.html"]
    return found


def documented(page):
    return {anchor[len("parameter-") :] for anchor in page.anchors if anchor.startswith("parameter-")}


@pytest.mark.parametrize(("path", "kind"), PLUGINS, ids=lambda value: value if isinstance(value, str) else value.stem)
def test_a_plugin(pages, path, kind):
    assert set(names(written(path).get("options", {}))) <= documented(page(pages, f"{path.stem}_{kind}"))


@pytest.mark.parametrize("path", ROLES, ids=lambda path: path.parts[-3])
def test_a_role(pages, path):
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
    expected = {f"{entry}--{name}" for entry, spec in entries.items() for name in names(spec["options"])}
    assert expected <= documented(page(pages, f"{path.parts[-3]}_role"))


def test_every_page_is_of_something_that_is_there(pages):
    there = {f"{path.stem}_{kind}" for path, kind in PLUGINS} | {f"{path.parts[-3]}_role" for path in ROLES}
    assert {path.stem for path in pages if path.parent.name == "reference"} == there | {"index"}
