# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role mysql prints of users that it refuses: their names, and no password, however much is asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PASSWORD = "correct-horse-battery"
GOOD = {"name": "wp", "password": PASSWORD, "hosts": ["192.0.2.1"]}


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"mysql_flavour": "mysql", "mysql_users": [GOOD]}, "mysql_flavour is mysql, which Debian has no packages of"),
        ({"mysql_users": [GOOD, {**GOOD, "hosts": []}]}, "mysql_users[1]: wp needs hosts"),
        ({"mysql_users": [GOOD, {"name": "b", "hosts": ["192.0.2.1"]}]}, "mysql_users[1]: b needs a password"),
        ({"mysql_users": [GOOD, {**GOOD, "state": "away"}]}, "must be one of: present, absent"),
        ({"mysql_users": [{**GOOD, "hots": ["192.0.2.1"]}]}, "hots. Supported parameters include"),
    ],
)
def test_a_refusal(tmp_path, variables, said):
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_facts": {"os_family": "Debian", "distribution": "Debian"}},
        "roles": [{"role": "lvs.cluster.mysql", **variables}],
    }
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
        "ANSIBLE_HOME": str(tmp_path),
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }
    command = [sys.executable, "-m", "ansible", "playbook", str(tmp_path / "play.yml"), "-i", "localhost,", "-vvv", "--check"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    printed = done.stdout + done.stderr
    assert done.returncode == 2, printed
    assert said in " ".join(printed.split())
    assert PASSWORD not in printed
