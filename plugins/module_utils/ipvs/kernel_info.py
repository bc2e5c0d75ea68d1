# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What /proc/net/ip_vs says of IPVS itself: the same as the kernel's GET_INFO, for every way to the kernel."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

_HEADER = re.compile(r"IP Virtual Server version (\d+(?:\.\d+)*) \(size=(\d+)\)")


@dataclass(frozen=True)
class KernelInfo:
    version: str
    # Buckets of the hash table, which is no limit for the number of connections.
    connection_table_size: int


def read_kernel_info(root: str = "/") -> KernelInfo | None:
    """None without the module, and where its first line is not what kernels write."""
    try:
        with open(os.path.join(root, "proc/net/ip_vs"), encoding="ascii") as table:
            header = _HEADER.match(table.readline())
    except OSError:
        return None
    return KernelInfo(header.group(1), int(header.group(2))) if header else None
