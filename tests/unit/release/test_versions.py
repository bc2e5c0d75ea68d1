# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions that the project names are those of its releases."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
RELEASES = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]


def test_this_version_has_its_notes():
    assert RELEASES[VERSION]["changes"]["release_summary"]
    anchor = VERSION.replace(".", "-")
    assert f'<a id="v{anchor}"></a>' in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_fragments_are_well_formed():
    done = subprocess.run(["antsibull-changelog", "lint"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_was_added_in_a_version_that_was_never_released():
    files = [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "roles").glob("*/meta/argument_specs.yml")]
    named = {file: re.findall(r'version_added: "?([0-9.]+)', file.read_text(encoding="utf-8")) for file in files}
    assert {str(file): versions for file, versions in named.items() if not set(versions) <= set(RELEASES)} == {}


def test_ansible_test_takes_the_same_versions():
    pinned = {line for name in ("requirements.txt", "requirements-dev.txt") for line in (ROOT / name).read_text().splitlines()}
    # PyYAML comes with Ansible.
    taken = re.findall(r"(?m)^(?!PyYAML|#).+", (ROOT / "tests" / "unit" / "requirements.txt").read_text())
    assert taken
    assert set(taken) <= pinned
