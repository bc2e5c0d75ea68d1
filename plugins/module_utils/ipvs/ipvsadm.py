# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running the program ipvsadm (1.31), and telling from its words what the kernel refused."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from typing import Callable, Sequence

from .errors import IpvsError, ModuleMissingError, TransportError
from .kernel_modules import KernelModules
from .netlink_probe import netlink_allowed

Runner = Callable[[Sequence[str]], "tuple[int, str, str]"]

# libipvs.c: ipvs_strerror; the rest it takes from the C library.
_MESSAGES = {
    **{os.strerror(number): number for number in errno.errorcode},
    "Service already exists": errno.EEXIST,
    "Scheduler or persistence engine not found": errno.ENOENT,
    "No such service": errno.ESRCH,
    "Service not defined": errno.ESRCH,
    "Destination already exists": errno.EEXIST,
    "No such destination": errno.ENOENT,
    "Daemon has already run": errno.EEXIST,
    "No daemon is running": errno.ESRCH,
    "Permission denied (you must be root)": errno.EPERM,
    "Invalid operation.  Possibly wrong module version, address not unicast, ...": errno.EINVAL,
    "Memory allocation problem": errno.ENOMEM,
    "Operation not supported with IPv6": errno.EOPNOTSUPP,
    "Operation not supported with specified address family": errno.EAFNOSUPPORT,
}
_CANNOT_BEGIN = "Can't initialize ipvs: "
# Sessions of ordinary users do not have the sbin folders in their path.
_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


class NotExpressibleError(IpvsError):
    """ipvsadm has no words for it, or would make something else of it in silence."""

    def __init__(self, what: object, problem: str) -> None:
        super().__init__(f"{what}: {problem}; backend=netlink can do it")


class IpvsadmRefusedError(Exception):
    """A number of the kernel's; who asked for it knows what was asked and makes a sentence of it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _run(argv: Sequence[str]) -> tuple[int, str, str]:
    program = shutil.which(argv[0], path=_PATH)
    if program is None:
        raise TransportError(f"there is no {argv[0]} on this host: install the package {argv[0]}, or use backend=netlink")
    # Its words are what tells the errors apart.
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run([program, *argv[1:]], capture_output=True, check=False, text=True, env=environment)
    except OSError as error:
        raise TransportError(f"{program} cannot be run: {error}") from error
    return done.returncode, done.stdout, done.stderr


class Ipvsadm:
    def __init__(
        self,
        load_module: bool = True,
        modules: KernelModules | None = None,
        run: Runner = _run,
        netlink_allowed: Callable[[], bool] = netlink_allowed,
    ) -> None:
        self.modules = modules or KernelModules()
        self._load_module = load_module
        self._run = run
        self._netlink_allowed = netlink_allowed
        self._limited: bool | None = None

    @property
    def limited(self) -> bool:
        """Without netlink, ipvsadm falls back to the kernel's old interface, which drops all that is newer in silence."""
        if self._limited is None:
            self._limited = not self._netlink_allowed()
        return self._limited

    def present(self) -> bool:
        # ipvsadm itself loads the module whatever it is asked, and reading must not.
        return self.modules.ip_vs_present()

    def read(self, operation: str, arguments: Sequence[str]) -> str:
        """What ipvsadm prints. Only for when the module is present."""
        return self._ask(operation, arguments)

    def write(self, operation: str, arguments: Sequence[str]) -> None:
        if not self.present():
            if not self._load_module:
                raise ModuleMissingError("set load_module to true, or load it at boot with a file in /etc/modules-load.d")
            self.modules.load_ip_vs()
        self._ask(operation, arguments)

    def _ask(self, operation: str, arguments: Sequence[str]) -> str:
        code, output, words = self._run(["ipvsadm", *arguments])
        if not code:
            return output
        for line in words.splitlines():
            began = line.startswith(_CANNOT_BEGIN)
            number = _MESSAGES.get(line[len(_CANNOT_BEGIN) :] if began else line)
            if began and number == errno.ENOPROTOOPT:
                raise ModuleMissingError("ipvsadm finds no IPVS in this network namespace")
            if number:
                raise IpvsadmRefusedError(number)
        raise TransportError(f"{operation}: ipvsadm {' '.join(arguments)} failed ({code}): {words.strip() or 'without a word'}")
