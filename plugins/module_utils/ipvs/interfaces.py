# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The network interfaces of this network namespace."""

from __future__ import annotations

import fcntl
import socket
import struct
from typing import Callable

_SIOCGIFMTU = 0x8921


def _mtu(name: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        answer = fcntl.ioctl(sock, _SIOCGIFMTU, struct.pack("16si16x", name.encode(), 0))
    return int(struct.unpack_from("16si", answer)[1])


def read_interfaces(path: str = "/proc/self/net/dev", mtu: Callable[[str], int] = _mtu) -> dict[str, int]:
    """MTUs by name. Neither netlink, which may be blocked, nor /sys, which may show another namespace."""
    with open(path, encoding="utf-8", errors="surrogateescape") as listing:
        names = [line.rpartition(":")[0].strip() for line in listing.readlines()[2:]]
    found = {}
    for name in names:
        try:
            found[name] = mtu(name)
        except OSError:
            # Gone meanwhile.
            continue
    return found
