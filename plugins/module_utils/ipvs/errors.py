# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong, each with the remedy in its text."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Sequence

from .model import ServiceKey

if TYPE_CHECKING:
    from .plan import Action


# So many problems or names of a list are told at once.
LISTED = 20


class IpvsError(Exception):
    """Base of all errors of this package: its text is meant for the person who runs the playbook."""


class InvalidOptionError(IpvsError):
    def __init__(self, option: str, problem: str) -> None:
        super().__init__(f"{option}: {problem}")
        self.option = option


class InvalidTableError(IpvsError):
    """All that is wrong with a description of the table, each problem with its place."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(_first(problems, LISTED)))
        self.problems = problems


class DeclarationError(IpvsError):
    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"file: {path} {problem}")


class TooManyDeletionsError(IpvsError):
    def __init__(self, services: int, real_servers: int, limit: int, names: Sequence[str]) -> None:
        super().__init__(
            f"{services} services and {real_servers} real servers would be deleted, and max_delete allows {limit} in all,"
            " so nothing was changed; if it is meant, raise max_delete (-1 is any number). These would go: "
            + "; ".join(_first(names, LISTED))
        )


class ServiceMissingError(IpvsError):
    def __init__(self, key: ServiceKey) -> None:
        super().__init__(f"the virtual service {key} does not exist: create it with lvs.cluster.ipvs_service first")
        self.key = key


class ModuleMissingError(IpvsError):
    def __init__(self, detail: str) -> None:
        super().__init__(f"the kernel module ip_vs is not loaded: {detail}")


class TransportError(IpvsError):
    """The conversation with the kernel broke, or could not begin."""


class KernelError(IpvsError):
    """The kernel refused an operation."""

    def __init__(self, number: int, operation: str) -> None:
        reason = _REASONS.get(number) or f"{os.strerror(number)} ({errno.errorcode.get(number, number)})"
        super().__init__(f"{operation}: {reason}")
        self.number = number
        # Those of the actions that were applied together and that were made all the same.
        self.made: Sequence[Action] = ()


class UnknownNameError(KernelError):
    """The kernel has no scheduler, or no persistence engine, of that name."""

    def __init__(self, operation: str, option: str, name: str, known: Sequence[str]) -> None:
        super().__init__(errno.ENOENT, operation)
        choice = "it has {}".format(", ".join(known)) if known else "its modules were not found, so install the kernel's modules"
        self.args = (f"{operation}: this kernel has no {option} {name!r}; {choice}",)


class NotAppliedError(IpvsError):
    """The kernel acknowledged a change, and reading back shows another state."""


class ContendedError(IpvsError):
    def __init__(self, attempts: int, last: str) -> None:
        super().__init__(
            f"the table changed during each of {attempts} attempts: something else manages it (keepalived, ldirectord, another"
            f" playbook), and only one can; the last attempt ended with: {last}"
        )


def _first(items: Sequence[str], limit: int) -> list[str]:
    rest = len(items) - limit
    return [*items[:limit], f"and {rest} more"] if rest > 0 else [*items]


_REASONS = {
    errno.EPERM: "permission denied: this needs CAP_NET_ADMIN in the host's first user namespace, so run it with become: true",
    errno.EACCES: "permission denied: a security policy of the host blocks it",
    errno.ESRCH: "the virtual service does not exist; if it was removed meanwhile, run the task again",
    errno.EEXIST: "it exists already; something else changes the same table meanwhile, so run the task again",
    errno.ENOENT: "the real server does not exist; if it was removed meanwhile, run the task again",
    errno.ERANGE: "a weight below 0, or a lower threshold above the upper one",
    errno.EINVAL: "the kernel calls it invalid; see its log (dmesg) for the reason",
    errno.EAFNOSUPPORT: "the kernel does not support this address family in IPVS; for IPv6 it needs CONFIG_IP_VS_IPV6",
    errno.EPROTONOSUPPORT: "the kernel does not support this protocol in IPVS",
    errno.ENOMEM: "the kernel is out of memory",
}
