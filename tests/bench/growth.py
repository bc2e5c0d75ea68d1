# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long site.yml takes with more and more real servers, at first and again. Prints figures; judges nothing. Usage: growth.py"""

from __future__ import annotations

import tempfile
from pathlib import Path

import yaml
from bench_lab import CLUSTER, ROOT, BenchLab, report

SIZES = (2, 4, 8)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="growth-", dir=ROOT / ".cache") as folder:
        inventory = Path(folder)
        (inventory / "group_vars").symlink_to(ROOT / CLUSTER / "group_vars")
        grow(inventory, SIZES[0])
        with BenchLab("bench-growth", folder) as lab:
            for size in SIZES:
                grow(inventory, size)
                lab.play("playbooks/lab_up.yml")
                first = lab.play("site.yml")
                again = lab.play("site.yml")
                report(f"site.yml with {size} real servers, the added ones bare", first, "s")
                report(f"site.yml with {size} real servers, again", again, "s", f"{again / size:.1f} s a real server")


def grow(inventory: Path, size: int) -> None:
    """The cluster's own inventory with so many near real servers, and no remote one."""
    hosts = yaml.safe_load((ROOT / CLUSTER / "hosts.yml").read_text(encoding="utf-8"))
    groups = hosts["all"]["children"]["real_servers"]["children"]
    groups["remote_real_servers"] = {"hosts": {}}
    near = groups["near_real_servers"]["hosts"]
    for number in range(3, size + 1):
        address = f"192.168.239.{160 + number}"
        near[f"more{number}"] = {
            "lvs_rip": address,
            "lab_cards": [{"network": "back", "addresses": [f"{address}/24"], "gateway": "192.168.239.1"}],
        }
    (inventory / "hosts.yml").write_text(yaml.safe_dump(hosts), encoding="utf-8")


if __name__ == "__main__":
    main()
