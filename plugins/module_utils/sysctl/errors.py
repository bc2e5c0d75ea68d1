# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong, each with the remedy in its text."""

from __future__ import annotations

import errno
import os

from .model import show_key


class SysctlError(Exception):
    """Base of all errors of this package: its text is meant for the person who runs the playbook."""


class InvalidOptionError(SysctlError):
    def __init__(self, option: str, problem: str) -> None:
        super().__init__(f"{option}: {problem}")
        self.option = option


class KeyMissingError(SysctlError):
    def __init__(self, key: str) -> None:
        super().__init__(
            f"{show_key(key)}: this kernel has no such setting:"
            " load the kernel module or create the interface that it belongs to, or correct the name"
        )
        self.key = key


class RefusedError(SysctlError):
    """The kernel did not let a setting be read or written."""

    def __init__(self, key: str, operation: str, number: int) -> None:
        reason = _REASONS.get(number) or f"{os.strerror(number)} ({errno.errorcode.get(number, number)})"
        super().__init__(f"{show_key(key)}: {operation}: {reason}")
        self.number = number


class FileError(SysctlError):
    """A file of ours cannot be read, written or removed."""

    def __init__(self, path: str, operation: str, number: int) -> None:
        reason = _FILE_REASONS.get(number) or f"{os.strerror(number)} ({errno.errorcode.get(number, number)})"
        super().__init__(f"{path}: {operation}: {reason}")
        self.number = number


class NotOursError(SysctlError):
    """Something stands at the file's path that is not to be replaced."""


class RecordError(SysctlError):
    def __init__(self, path: str, problem: str) -> None:
        super().__init__(
            f"{path}: the record of the values that stood before is damaged ({problem}): restore it from a backup,"
            " or delete it, and then the values that are set now stay when the settings go"
        )


class NotAppliedError(SysctlError):
    """A change was acknowledged, and reading back shows another state."""


_REASONS = {
    errno.EPERM: "permission denied: this needs root and CAP_NET_ADMIN for the host's network, so run it with become: true",
    errno.EACCES: "permission denied: this needs root, so run it with become: true; in a container it needs a privileged one",
    errno.EROFS: (
        "/proc/sys is read-only, as it is in a container: set it from the container's host (such as docker run --sysctl),"
        " or run the container privileged"
    ),
    errno.ENOENT: "it is not there any more; if its interface was removed meanwhile, run the task again",
    errno.EINVAL: "the kernel calls the value invalid",
    errno.EIO: "the kernel could not take the value",
}
_FILE_REASONS = {
    errno.EPERM: "not permitted: the file may be immutable (lsattr), or the task needs become: true",
    errno.EACCES: "permission denied: this needs root, so run it with become: true",
    errno.EROFS: "the file system is read-only: remount it, or choose another place",
    errno.ENOSPC: "the file system is full: make room and run the task again",
    errno.ENOTDIR: "a part of its path is not a folder: correct the path",
    errno.EISDIR: "it is a folder: name a file",
}
