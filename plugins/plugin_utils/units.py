# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How systemd names the units of mounts, and which mount lies in which. Pure."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Sequence

Mount = Dict[str, Any]


def unit_name(path: str) -> str:
    """What `systemd-escape --path` says, for the units of a path: systemd accepts them under this name only."""
    parts = [part for part in path.split("/") if part]
    if not path.startswith("/") or {".", ".."} & set(parts):
        raise ValueError(f"{path!r} is no path that a unit can be named after: it has to be absolute, without . and ..")
    if not parts:
        return "-"
    joined = "/".join(parts)
    escaped = re.sub(rb"[^a-zA-Z0-9:_./]|^[.]", lambda found: b"\\x%02x" % found[0][0], joined.encode("utf-8"))
    return escaped.decode("ascii").replace("/", "-")


def mount_units(mounts: Sequence[Mapping[str, Any]]) -> List[Mount]:
    """The mounts with the names of their units: outer ones before those that lie in them.

    `within` is the nearest mount around a mount, or empty; `children` are those whose nearest it is.
    """
    points = {"/" + "/".join(part for part in mount["mountpoint"].split("/") if part): mount for mount in mounts}
    within = {point: _nearest(point, list(points)) for point in points}
    return [
        {
            **points[point],
            "mountpoint": point,
            "unit": unit_name(point),
            "within": unit_name(within[point]) if within[point] else "",
            "children": [unit_name(other) for other in sorted(points) if within[other] == point],
        }
        for point in sorted(points, key=lambda point: (point.count("/"), point))
    ]


def _nearest(point: str, points: Sequence[str]) -> str:
    return max((other for other in points if point.startswith(f"{other}/")), key=len, default="")
