# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether this host lets a process talk to the kernel over generic netlink."""

from __future__ import annotations

import errno
import socket
from typing import Any, Callable

from .netlink import NETLINK_GENERIC

# What seccomp filters of containers, security policies, and kernels without netlink answer.
_NOT_ALLOWED = {errno.EPERM, errno.EACCES, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.ENOSYS}


def netlink_allowed(open_socket: Callable[..., Any] = socket.socket) -> bool:
    try:
        open_socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC).close()
    except OSError as error:
        # Any other trouble is worth an error in netlink's own words.
        return error.errno not in _NOT_ALLOWED
    return True
