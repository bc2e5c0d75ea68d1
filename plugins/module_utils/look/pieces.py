# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A look is made of pieces: where one cannot be had, the others still are."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ..host.commands import HostError
from ..ipvs.errors import IpvsError
from ..sysctl.errors import SysctlError

Look = Dict[str, Any]


def gathered(pieces: Dict[str, Callable[[], Any]]) -> Look:
    """Each piece by its name, and under `errors` why some are missing."""
    found: Look = {"errors": {}}
    for name, piece in pieces.items():
        try:
            found[name] = piece()
        except (HostError, IpvsError, SysctlError, OSError, ValueError) as error:
            found["errors"][name] = str(error) or type(error).__name__
    return found
