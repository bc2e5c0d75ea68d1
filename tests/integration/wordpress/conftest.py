# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The how-to's cluster, made from bare hosts for these tests."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Callable, Iterator, NamedTuple, TypeVar

import pytest

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[3]
INVENTORY = ROOT / "inventories" / "wordpress"
CLIENT = ROOT / "tests" / "support" / "wordpress_client.py"
LAB = "wordpress-test"
VIP = "172.16.0.40"


class Run(NamedTuple):
    """How a playbook went, and the tasks that changed something, as HOST: TASK."""

    code: int
    changed: list[str]


class Cluster:
    def __init__(self) -> None:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lvs.cluster"
        self._folder = cache / "labs" / LAB
        self._environment = {**os.environ, "LVS_LAB": LAB, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}

    def build(self) -> None:
        self._lab("lab_up.yml")
        assert self.site().code == 0

    def remove(self) -> None:
        self._lab("lab_down.yml")

    def _lab(self, playbook: str) -> None:
        done = self._playbook(f"playbooks/{playbook}")
        assert done.returncode == 0, done.stdout + done.stderr

    def site(self, *arguments: str) -> Run:
        return self.play("site.yml", *arguments)

    def play(self, playbook: str, *arguments: str) -> Run:
        done = self._playbook(playbook, *arguments, ANSIBLE_STDOUT_CALLBACK="ansible.posix.json")
        assert done.returncode == 0, done.stdout + done.stderr
        # Warnings may stand before the report.
        report = json.loads(done.stdout[done.stdout.index("{") :])
        tasks = [(task, host) for play in report["plays"] for task in play["tasks"] for host in task["hosts"]]
        changed = [f"{host}: {task['task']['name']}" for task, host in tasks if task["hosts"][host].get("changed")]
        return Run(done.returncode, changed)

    def told(self, *arguments: str) -> str:
        """All that a run of site.yml says."""
        done = self._playbook("site.yml", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def _playbook(self, playbook: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["ansible-playbook", playbook, "-i", str(INVENTORY), *arguments],
            cwd=ROOT,
            env={**self._environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def secrets(self) -> list[str]:
        return [path.read_text(encoding="utf-8").split()[0] for path in (self._folder / "secrets").iterdir()]

    def publish(self, title: str) -> dict[str, str]:
        """Write a post with a picture through the VIP; where both are."""
        self.say("client1", "cat > /tmp/wordpress_client.py", CLIENT.read_text(encoding="utf-8"))
        password = (self._folder / "secrets" / "administrator").read_text(encoding="utf-8").split()[0]
        told: dict[str, str] = json.loads(
            self.say("client1", f"python3 /tmp/wordpress_client.py http://{VIP} admin '{title}'", password + "\n")
        )
        return told

    def run(self, host: str, command: str, text: str = "") -> subprocess.CompletedProcess[str]:
        argv = ["ssh", "-F", str(self._folder / "ssh_config"), "-o", "ConnectTimeout=5", host, command]
        return subprocess.run(argv, input=text, capture_output=True, text=True, check=False)

    def say(self, host: str, command: str, text: str = "") -> str:
        done = self.run(host, command, text)
        assert done.returncode == 0, f"{host}: {command}: {done.stdout}{done.stderr}"
        return done.stdout

    def reboot(self, host: str) -> None:
        before = self.run(host, "cat /proc/sys/kernel/random/boot_id").stdout
        self.run(host, "systemctl reboot")
        self.until(lambda: self.run(host, "cat /proc/sys/kernel/random/boot_id").stdout not in ("", before), 120)
        state = self.run(host, "systemctl is-system-running --wait").stdout.strip()
        assert state == "running", f"{host} is {state}: {self.run(host, 'systemctl --failed --no-legend').stdout}"

    @staticmethod
    def until(condition: Callable[[], T], seconds: float = 60.0) -> T:
        deadline = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain"
            time.sleep(0.5)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    try:
        cluster.build()
        yield cluster
    finally:
        cluster.remove()
