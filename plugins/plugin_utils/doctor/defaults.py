# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles set where an inventory says nothing: read from the roles themselves, the one thing that the doctor reads from a disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

import yaml

from .cluster import SETTINGS

_ROLES = Path(__file__).resolve().parents[3] / "roles"


def director_defaults() -> Dict[str, Any]:
    """What role director sets of the kernel's settings: its variables for that, with their values."""
    defaults = yaml.safe_load((_ROLES / "director/defaults/main.yml").read_text(encoding="utf-8"))
    return {name: dict(defaults[name]) for name in SETTINGS}
