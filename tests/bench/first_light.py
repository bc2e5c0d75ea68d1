# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the lab and the cluster take, and what they cost while they stand. Prints figures; judges nothing.

Everything happens in a lab and an image cache of its own, so that `from nothing` means it. Usage: first_light.py
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Iterator

from bench_lab import CLUSTER, ROOT

LAB = "bench"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="lvs-bench-", dir=ROOT / ".cache") as cache:
        # A short path: sockets of shared ssh connections lie below it.
        short = Path(tempfile.mkdtemp(prefix="lvsb-"))
        (short / "lvs.cluster").symlink_to(cache)
        environment = {**os.environ, "XDG_CACHE_HOME": str(short), "LVS_LAB": LAB, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
        try:
            measure(environment)
        finally:
            play(environment, "playbooks/lab_down.yml")
            shutil.rmtree(short)


def measure(environment: dict[str, str]) -> None:
    up, site, prove = "playbooks/lab_up.yml", "site.yml", "playbooks/prove.yml"
    cold = play(environment, up)
    report("image from nothing and bare hosts", cold, "s", "image alone: under 240 s")
    play(environment, "playbooks/lab_down.yml")
    warm = play(environment, up)
    report("bare hosts, image cached", warm, "s", "")
    report("  so the image took about", cold - warm, "s", "under 240 s")
    first = play(environment, site)
    report("site.yml on bare hosts", first, "s", "")
    proof = play(environment, prove)
    report("boot, site.yml and proof, image cached", warm + first + proof, "s", "under 180 s")
    second = play(environment, site)
    report("site.yml again", second, "s", "under 30 s")
    report("  of the first run", 100 * second / first, "%", "")
    again = play(environment, up)
    report("lab_up again", again, "s", "under 5 s")
    report("  of the first boot", 100 * again / warm, "%", "")

    before, began = ticks(), time.monotonic()
    time.sleep(20)  # the interval over which idle work is counted
    spent = (ticks() - before) / os.sysconf("SC_CLK_TCK")
    report("idle lab, of one core", 100 * spent / (time.monotonic() - began), "%", "under 5 %")
    for host, resident in sorted(memory().items()):
        report(f"memory of {host}", resident / 1024, "MiB", "under 250 MiB")


def play(environment: dict[str, str], playbook: str) -> float:
    began = time.monotonic()
    done = subprocess.run(
        ["ansible-playbook", playbook, "-i", CLUSTER], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return time.monotonic() - began


def report(what: str, value: float, unit: str, aim: str) -> None:
    print(f"{what:40} {value:8.1f} {unit:4} {aim and f'({aim})'}", flush=True)


def processes() -> Iterator[tuple[str, Path]]:
    """The lab's processes with the host that each belongs to."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_text().split("\0")
            except OSError:
                continue
            if f"lvs_lab={LAB}" in words:
                yield "".join(word[9:] for word in words if word.startswith("lvs_host=")), entry


def ticks() -> int:
    total = 0
    for _host, entry in processes():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total


def memory() -> dict[str, int]:
    """Proportional share of resident memory in KiB, by host: what several processes share is counted once."""
    found: dict[str, int] = defaultdict(int)
    counted: list[int] = []
    for host, entry in processes():
        pid = int(entry.name)
        # Some of a host's processes are one and the same memory under several numbers, each of which tells all of it.
        if any(same_memory(pid, other) for other in counted):
            continue
        try:
            lines = (entry / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        counted.append(pid)
        found[host] += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return found


def same_memory(one: int, other: int) -> bool:
    """Whether two processes have one address space: kcmp(2) with KCMP_VM, by its number on x86-64."""
    return ctypes.CDLL(None).syscall(312, one, other, 1, 0, 0) == 0


if __name__ == "__main__":
    main()
