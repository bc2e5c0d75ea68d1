# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role documents, what it defaults and how it names things: the same for every role, also for those to come."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

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

    def test_choices_hold_the_default(self, role):
        for name, option in walk(options(role)):
            if "choices" in option:
                assert option["default"] in option["choices"], name

    def test_every_platform_has_the_same_facts(self, role):
        platforms = {file.name: sorted(read(file)) for file in (role / "vars").glob("*.yml") if file.name != "main.yml"}
        if platforms:
            assert set(platforms) == {"Debian.yml", "RedHat.yml"}
            assert platforms["Debian.yml"] == platforms["RedHat.yml"]

    def test_a_fact_of_the_platform_has_one_value(self, role):
        common = read(role / "vars" / "main.yml") if (role / "vars" / "main.yml").exists() else {}
        for file in (role / "vars").glob("*.yml"):
            assert file.name == "main.yml" or not set(common) & set(read(file)), file

    def test_a_variable_of_the_role_that_tasks_use_exists(self, role):
        files = [*(role / "tasks").glob("*.yml"), *(role / "vars").glob("*.yml"), *(role / "templates").rglob("*.j2")]
        text = "\n".join(file.read_text(encoding="utf-8") for file in files)
        given = {*options(role), *(name for file in (role / "vars").glob("*.yml") for name in read(file))}
        made = set(re.findall(rf"^ +(?:register: |)(_*{role.name}_[a-z_]+)(?::|$)", text, re.MULTILINE))
        assert set(re.findall(rf"(?<![.\w])_*{role.name}_[a-z_]+\b(?!/)", text)) <= given | made

    def test_the_readme_shows_a_play_that_the_role_accepts(self, role):
        [example] = re.findall("```yaml\n(.*?)```", (role / "README.md").read_text(encoding="utf-8"), re.DOTALL)
        [play] = yaml.safe_load(example)
        [given] = play["roles"]
        assert given.pop("role") == f"lvs.cluster.{role.name}"
        result = ArgumentSpecValidator(options(role)).validate(given)
        assert result.error_messages == []

    def test_the_readme_says_where_the_variables_are(self, role):
        text = (role / "README.md").read_text(encoding="utf-8")
        assert text.startswith(f"# lvs.cluster.{role.name}\n")
        assert f"`ansible-doc --type role lvs.cluster.{role.name}`" in text

    def test_templates_say_who_manages_the_file(self, role):
        for file in sorted((role / "templates").rglob("*.j2")):
            first, second = file.read_text(encoding="utf-8").splitlines()[:2]
            # Some languages have other comments.
            assert "{{ ansible_managed | comment" in (second if first.startswith("#!") else first), file
