# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a host's clock follows another one."""

from __future__ import annotations

import re
from typing import Any, Dict

from ..host.commands import Runner


def time_look(runner: Runner) -> Dict[str, Any]:
    """What chrony, or else systemd, says of the clock. Empty values where neither says anything."""
    done = runner(["chronyc", "-c", "-n", "tracking"], None)
    if not done.code and done.output:
        # Reference, its address, stratum, time, offset in seconds, ..., leap status: chronyc(1).
        fields = done.output.strip().split(",")
        return {"by": "chrony", "synchronised": fields[-1] != "Not synchronised", "offset": float(fields[4])}
    shown = runner(["timedatectl", "show", "--property=NTPSynchronized"], None).output
    match = re.search("NTPSynchronized=(yes|no)", shown)
    return {"by": "systemd" if match else "", "synchronised": bool(match and match[1] == "yes"), "offset": None}
