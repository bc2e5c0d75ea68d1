# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kernel's refusals mean for synchronisation daemons and timeouts."""

from __future__ import annotations

import errno

from .errors import KernelError


class ControlRefusedError(KernelError):
    """The kernel refused to start or stop a daemon, or to set timeouts; its numbers mean something else for the table."""

    def __init__(self, number: int, operation: str) -> None:
        super().__init__(number, operation)
        if number in _REASONS:
            self.args = (f"{operation}: {_REASONS[number]}",)


_REASONS = {
    errno.EEXIST: "a daemon of this role runs already; something else started it meanwhile, so run the task again",
    errno.ESRCH: "no daemon of this role is running; something else stopped it meanwhile, so run the task again",
    errno.ENODEV: "the kernel has no such interface, or it is down or cannot do multicast",
    errno.EINVAL: "the kernel calls it invalid; synchronisation and tunnels that cross address families exclude each other",
    errno.EAFNOSUPPORT: "the kernel does not support IPv6 groups: use an IPv4 one",
    errno.ENOMEM: "the kernel is out of memory",
}
