# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role documents, what it defaults and how it names things: the same for every role, also for those to come."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROLES = sorted(path for path in (Path(__file__).parents[3] / "roles").iterdir() if path.is_dir())


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def options(role):
    return read(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]


def walk(described):
    for name, option in described.items():
        yield name, option
        yield from walk(option.get("options", {}))


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
class TestRole:
    def test_defaults_and_argument_specs_have_the_same_keys(self, role):
        assert sorted(read(role / "defaults" / "main.yml")) == sorted(options(role))

    def test_defaults_are_equal(self, role):
        # A variable that has to be given has an empty default, so that the role's own check can name it.
        defaults = read(role / "defaults" / "main.yml")
        for name, option in options(role).items():
            assert option.get("default") == defaults[name] or (option.get("required") and not defaults[name]), name

    def test_every_variable_has_type_and_description(self, role):
        for name, option in walk(options(role)):
            assert {"type", "description"} <= option.keys(), name

    def test_variables_start_with_the_name_of_the_role(self, role):
        assert all(name.startswith(f"{role.name}_") for name in options(role))
        for file in sorted((role / "vars").glob("*.yml")):
            assert all(name.startswith(f"__{role.name}_") for name in read(file)), file

    def test_templates_say_who_manages_the_file(self, role):
        for file in sorted((role / "templates").rglob("*.j2")):
            first, second = file.read_text(encoding="utf-8").splitlines()[:2]
            assert "{{ ansible_managed | comment }}" in (second if first.startswith("#!") else first), file
