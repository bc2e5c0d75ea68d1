# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that share options are a group, so that `module_defaults` can give them to all at once."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
GROUPS = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
SHARED = {"ipvs": {"backend"}, "lab": {"lab", "folder"}}


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_is_all_modules_that_begin_with_its_name(group):
    assert GROUPS[group] == sorted(path.stem for path in (ROOT / "plugins" / "modules").glob(f"{group}_*.py"))


@pytest.mark.parametrize("group", GROUPS)
def test_its_modules_share_their_options(group):
    names = [f"lvs.cluster.{name}" for name in GROUPS[group]]
    done = subprocess.run(["ansible-doc", "--json", *names], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    for name, said in json.loads(done.stdout).items():
        assert set(said["doc"]["options"]) >= SHARED[group], name
