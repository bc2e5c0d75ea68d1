# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of an inventory in a lab of the tests' own: built as a person builds them, and reached as a person reaches them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from awaiting import until

ROOT = Path(__file__).resolve().parents[2]


class Run(NamedTuple):
    """How a playbook went, and the tasks that changed something, as HOST: TASK."""

    code: int
    changed: list[str]


class InventoryLab:
    def __init__(self, inventory: str, lab: str) -> None:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lvs.cluster"
        self.folder = cache / "labs" / lab
        self._inventory = ROOT / "inventories" / inventory
        self._environment = {**os.environ, "LVS_LAB": lab, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}

    def build(self) -> None:
        self.play("playbooks/lab_up.yml")
        self.site()

    def remove(self) -> None:
        self.play("playbooks/lab_down.yml")

    def site(self, *arguments: str) -> Run:
        return self.play("site.yml", *arguments)

    def play(self, playbook: str, *arguments: str) -> Run:
        done = self.playbook(playbook, *arguments, ANSIBLE_STDOUT_CALLBACK="ansible.posix.json")
        assert done.returncode == 0, done.stdout + done.stderr
        # Warnings may stand before the report.
        report = json.loads(done.stdout[done.stdout.index("{") :])
        tasks = [(task, host) for play in report["plays"] for task in play["tasks"] for host in task["hosts"]]
        changed = [f"{host}: {task['task']['name']}" for task, host in tasks if task["hosts"][host].get("changed")]
        return Run(done.returncode, changed)

    def playbook(self, playbook: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a playbook, whatever becomes of it."""
        return subprocess.run(
            ["ansible-playbook", playbook, "-i", str(self._inventory), *arguments],
            cwd=ROOT,
            env={**self._environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def hosts(self, group: str) -> list[str]:
        """The hosts of a group of the inventory."""
        argv = ["ansible-inventory", "-i", str(self._inventory), "--graph", group]
        said = subprocess.run(argv, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=True).stdout
        return [line.rpartition("--")[2] for line in said.splitlines() if not line.endswith(":")]

    def run(self, host: str, command: str, text: str = "") -> subprocess.CompletedProcess[str]:
        argv = ["ssh", "-F", str(self.folder / "ssh_config"), "-o", "ConnectTimeout=5", host, command]
        return subprocess.run(argv, input=text, capture_output=True, text=True, check=False)

    def say(self, host: str, command: str, text: str = "") -> str:
        """What a command prints; a failure is the test's failure."""
        done = self.run(host, command, text)
        assert done.returncode == 0, f"{host}: {command}: {done.stdout}{done.stderr}"
        return done.stdout

    def reboot(self, host: str) -> None:
        """Reboot a host from inside and wait until it has come up again."""
        before = self.run(host, "cat /proc/sys/kernel/random/boot_id").stdout
        self.run(host, "systemctl reboot")
        self.until(lambda: self.run(host, "cat /proc/sys/kernel/random/boot_id").stdout not in ("", before), 120)
        state = self.run(host, "systemctl is-system-running --wait").stdout.strip()
        assert state == "running", f"{host} is {state}: {self.run(host, 'systemctl --failed --no-legend').stdout}"

    until = staticmethod(until)
