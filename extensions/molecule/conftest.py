# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scenarios' tests share: the lab's hosts, reached as a person reaches them."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Callable, NamedTuple, TypeVar

import pytest
import testinfra
from testinfra.host import Host

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]


class Change(NamedTuple):
    """What a playbook reports as changed."""

    host: str
    task: str


class Item(NamedTuple):
    """One thing on a host that the module host_part changed, or would change."""

    host: str
    kind: str
    name: str


class Run(NamedTuple):
    """How a playbook went."""

    code: int
    changes: list[Change]
    items: list[Item]
    messages: str


class Lab:
    """The hosts of the lab in which the scenarios run.

    Each claim here involves several hosts (one asks, another answers, a third must not be involved), so tests take the whole lab
    and not one host at a time.
    """

    def __init__(self) -> None:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        self.ssh_config = cache / "lvs.cluster" / "labs" / os.environ["LVS_LAB"] / "ssh_config"

    def __getitem__(self, name: str) -> Host:
        return testinfra.get_host(f"ssh://{name}", ssh_config=str(self.ssh_config))

    def get(self, client: str, url: str, *options: str) -> str:
        """What a client gets from a URL; a failure is the test's failure."""
        return self[client].check_output("curl --silent --show-error --fail --max-time 5 " + " ".join([*options, url])).strip()

    def play(self, playbook: str, *arguments: str) -> Run:
        """Run a playbook on the lab, as a person would."""
        environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}
        command = ["ansible-playbook", str(ROOT / playbook), "-i", str(ROOT / "inventories/lab"), *arguments]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        # Warnings may stand before the report.
        report = json.loads(done.stdout[done.stdout.index("{") :])
        results = [
            (host, task["task"]["name"], result)
            for play in report["plays"]
            for task in play["tasks"]
            for host, result in task["hosts"].items()
        ]
        changes = [Change(host, name.rpartition(" : ")[2]) for host, name, result in results if result.get("changed")]
        items = [
            Item(host, change["kind"], change["name"])
            for host, _name, result in results
            for one in [result, *result.get("results", [])]
            for change in one.get("changes", [])
        ]
        return Run(done.returncode, changes, items, "\n".join(str(result.get("msg", "")) for *where, result in results))

    def reboot(self, name: str) -> None:
        """Reboot a host from inside and wait until it has come up again."""
        self.reboot_all([name])

    def reboot_all(self, names: list[str]) -> None:
        """Reboot hosts at the same moment, and wait until all have come up again."""
        before = {name: self._boot_id(name) for name in names}
        for name in names:
            self._say(name, "systemctl reboot")
        for name in names:
            self.until(lambda name=name: self._boot_id(name) not in ("", before[name]), 120)
        for name in names:
            state = self._say(name, "systemctl is-system-running --wait")
            assert state == "running", f"{name} is {state}: {self._say(name, 'systemctl --failed --no-legend')}"

    @staticmethod
    def until(condition: Callable[[], T], seconds: float = 30.0) -> T:
        """Wait for a condition, and return what it returned."""
        deadline = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain"
            time.sleep(0.3)

    def _boot_id(self, name: str) -> str:
        return self._say(name, "cat /proc/sys/kernel/random/boot_id")

    def _say(self, name: str, command: str) -> str:
        """What a command prints on a host; nothing where the host cannot be reached, which Testinfra takes for an error."""
        argv = ["ssh", "-F", str(self.ssh_config), "-o", "ConnectTimeout=5", name, command]
        return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False).stdout.strip()


@pytest.fixture(scope="session")
def lab() -> Lab:
    return Lab()
