# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scenarios' tests share: the lab's hosts, reached as a person reaches them."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator, NamedTuple, TypeVar

import pytest
import testinfra
from awaiting import until
from testinfra.host import Host

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(__file__).resolve().parent / "shared"


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

    def requests(self, client: str, url: str, number: int) -> list[str]:
        """What a client gets from so many requests, one after the other, each with a connection of its own."""
        command = f"curl --silent --show-error --fail-early --fail --max-time 5 --header 'Connection: close' '{url}?[1-{number}]'"
        return self[client].check_output(command).splitlines()

    def begin(self, host: str, unit: str, command: str) -> None:
        """Start a command that goes on while the test does; `end` awaits it."""
        self[host].check_output(
            f"rm -f /run/{unit}; systemd-run --quiet --collect --unit={unit} "
            f"--property=StandardOutput=file:/run/{unit} --property=StandardError=null {command}"
        )

    def end(self, host: str, unit: str, seconds: float = 30.0) -> str:
        """Await the end of what was begun; what it said."""
        self.until(
            lambda: self[host].run(f"systemctl is-active {unit}").stdout.strip() not in ("active", "deactivating"), seconds
        )
        return self[host].check_output(f"cat /run/{unit}")

    @contextmanager
    def capture(self, host: str, card: str, expression: str, count: int = 1) -> Iterator[list[str]]:
        """The first packets of a kind that a card sees while the body runs, a line each; the list is filled when it has ended."""
        # As tcpdump prints them with -e: TIME FROM-MAC > TO-MAC, ethertype ...: FROM > TO: ...
        lines: list[str] = []
        self.begin(host, f"capture-{card}", f"timeout 20 tcpdump -i {card} -e -n -l -c {count} '{expression}'")
        self.until(lambda: self[host].run(f"ss --packet --processes | grep -q '{card}.*tcpdump'").rc == 0)
        yield lines
        lines += self.end(host, f"capture-{card}").splitlines()

    def mac(self, host: str, card: str) -> str:
        return self[host].check_output(f"cat /sys/class/net/{card}/address")

    def who_has(self, asker: str, card: str, sender: str, target: str) -> list[str]:
        """The hardware addresses that answer to an ARP question."""
        argv = ["ssh", "-F", str(self.ssh_config), asker, f"python3 - {card} {sender} {target}"]
        source = (SHARED / "arping.py").read_text(encoding="utf-8")
        return subprocess.run(argv, input=source, capture_output=True, text=True, check=True).stdout.split()

    def left_behind(self, host: str, what: str = "runtime") -> list[str]:
        """In what a host differs from the bare host that it was (shared/tasks/bare.yml), as lines of diff(1)."""
        lines = self[host].run(f"snapshot {what} | diff /root/bare-{what} -").stdout.splitlines()
        return [line for line in lines if line[0] in "<>"]

    def play(self, playbook: str, *arguments: str) -> Run:
        """Run a playbook on the lab, as a person would."""
        environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}
        command = ["ansible-playbook", str(ROOT / playbook), "-i", str(ROOT / "extensions/molecule/inventory"), *arguments]
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
        return until(condition, seconds)

    def _boot_id(self, name: str) -> str:
        return self._say(name, "cat /proc/sys/kernel/random/boot_id")

    def _say(self, name: str, command: str) -> str:
        """What a command prints on a host; nothing where the host cannot be reached, which Testinfra takes for an error."""
        argv = ["ssh", "-F", str(self.ssh_config), "-o", "ConnectTimeout=5", name, command]
        return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False).stdout.strip()


@pytest.fixture(scope="session")
def lab() -> Lab:
    return Lab()
