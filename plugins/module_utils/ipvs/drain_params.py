# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of draining, and what they ask for."""

from __future__ import annotations

from typing import Any, Mapping

from .drain import FAIL, LEAVE, REMOVE, REPORT, DrainPolicy
from .errors import InvalidOptionError
from .fields import between

# A day: a task that waits longer is a mistake.
TIMEOUT_MAX = 24 * 3600

DRAIN_SPEC: dict[str, dict[str, Any]] = {
    "state": {"type": "str", "choices": ["present", "absent", "drained"], "default": "present"},
    "drain_connections": {"type": "str", "choices": ["all", "active"], "default": "all"},
    "drain_timeout": {"type": "int", "default": 300},
    "drain_then": {"type": "str", "choices": [LEAVE, REMOVE], "default": LEAVE},
    "drain_on_timeout": {"type": "str", "choices": [REPORT, FAIL, REMOVE], "default": REPORT},
}


def drain_policy(params: Mapping[str, Any]) -> DrainPolicy:
    timeout = between("drain_timeout", 0, TIMEOUT_MAX, "seconds (a day); 0 means not to wait")(params["drain_timeout"])
    then, on_timeout = params["drain_then"], params["drain_on_timeout"]
    if on_timeout == REMOVE and then != REMOVE:
        raise InvalidOptionError(
            "drain_on_timeout",
            f"remove contradicts drain_then={then}: set drain_then to remove, too, or use {REPORT} or {FAIL}",
        )
    return DrainPolicy(params["drain_connections"] == "all", timeout, then, on_timeout)
