# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mounts as the kernel has them, and whether they answer: a share whose server is away never does."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from ..host.commands import Runner

# Seconds that a look into a mount may take.
_PATIENCE = "10"
_KILLED = 124


def mounts_look(points: Sequence[str], runner: Runner) -> List[Dict[str, Any]]:
    """Looking into a folder has systemd mount what belongs there, as any other visitor would."""
    found = []
    for point in points:
        # In a process of its own, which can be given up.
        answered = runner(["timeout", "--signal=KILL", _PATIENCE, "stat", "--file-system", "--format=%T", point], None)
        mount = _mounted(point)
        error = "" if not answered.code else answered.error or f"gave no answer within {_PATIENCE} s"
        found.append({"mountpoint": point, **mount, "error": error})
    return found


def _mounted(point: str, table: str = "/proc/self/mounts") -> Dict[str, Any]:
    with open(table, encoding="utf-8", errors="surrogateescape") as file:
        rows = [line.split() for line in file]
    mounts = [row for row in rows if row[1].replace("\\040", " ") == point.rstrip("/")]
    # The automount stands under the share that it mounted.
    last = mounts[-1] if mounts else ["", "", "", ""]
    return {"source": last[0], "type": last[2], "writable": "rw" in last[3].split(",")}
