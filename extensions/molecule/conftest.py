# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scenarios' tests share: the lab's hosts, reached as a person reaches them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Callable, TypeVar

import pytest
import testinfra
from testinfra.host import Host

T = TypeVar("T")


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

    def reboot(self, name: str) -> None:
        """Reboot a host from inside and wait until it has come up again."""
        before = self._boot_id(name)
        self[name].run("systemctl reboot")
        self.until(lambda: self._boot_id(name) not in ("", before), 90)
        self.until(lambda: self[name].run("systemctl is-system-running --wait").stdout.strip() in ("running", "degraded"), 60)

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
        return self[name].run("cat /proc/sys/kernel/random/boot_id").stdout.strip()


@pytest.fixture(scope="session")
def lab() -> Lab:
    return Lab()
