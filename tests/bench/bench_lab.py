# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab for measurements: playbooks with their durations, commands on its hosts, and the figures on the screen."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUPPORT = ROOT / "tests" / "support"
# Director, router, three real servers and a client, without an application.
CLUSTER = "extensions/molecule/inventory"


class BenchLab:
    def __init__(self, name: str, inventory: str = CLUSTER) -> None:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        self._ssh_config = cache / "lvs.cluster" / "labs" / name / "ssh_config"
        self._environment = {**os.environ, "LVS_LAB": name, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
        self.inventory = inventory

    def __enter__(self) -> BenchLab:
        self.play("playbooks/lab_up.yml")
        return self

    def __exit__(self, *_error: object) -> None:
        self.play("playbooks/lab_down.yml")

    def play(self, *arguments: str) -> float:
        """Run a playbook; the seconds that it took."""
        began = time.monotonic()
        done = subprocess.run(
            ["ansible-playbook", "-i", self.inventory, *arguments],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
        return time.monotonic() - began

    def ssh(self, host: str, command: str) -> list[str]:
        return ["ssh", "-F", str(self._ssh_config), host, command]

    def say(self, host: str, command: str, text: str = "") -> str:
        return subprocess.run(self.ssh(host, command), input=text, stdout=subprocess.PIPE, text=True, check=True).stdout


def report(what: str, value: float, unit: str, note: str = "") -> None:
    print(f"{what:56} {value:9.1f} {unit:3} {note and f'({note})'}".rstrip(), flush=True)
