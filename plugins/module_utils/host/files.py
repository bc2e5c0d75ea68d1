# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of ours: written whole or not at all."""

from __future__ import annotations

import os
from typing import Dict, Iterable, Sequence

from .commands import HostError
from .kind import Kind
from .plan import Change

# What folders of our own are called, below /etc, /usr/local/lib and /var/lib.
OURS = "lvs-cluster"


class Files(Kind):
    """`/etc/systemd/system/lvs-director.service`: its mode, a line feed, its text."""

    name = "file"
    lasting = True

    def __init__(self, root: str = "/") -> None:
        self._root = root

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        found = {}
        for name in names:
            path = self._path(name)
            try:
                with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
                    found[name] = f"{os.fstat(file.fileno()).st_mode & 0o7777:04o}\n{file.read()}"
            except FileNotFoundError:
                continue
            except OSError as error:
                raise HostError(f"cannot read {path}: {error.strerror}") from error
        return found

    def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            path = self._path(change.name)
            try:
                if change.after is None:
                    os.unlink(path)
                    leave_folder(path)
                else:
                    write(path, *change.after.split("\n", 1))
            except OSError as error:
                raise HostError(f"cannot write {path}: {error.strerror}") from error

    def _path(self, name: str) -> str:
        return os.path.join(self._root, name.lstrip("/"))


def leave_folder(path: str) -> None:
    """Remove the folders of our own that a removed file leaves empty, and one that was for additions to a unit."""
    folder = os.path.dirname(path)
    while OURS in folder.split(os.sep) or folder.endswith(".service.d"):
        try:
            os.rmdir(folder)
        except OSError:
            return
        folder = os.path.dirname(folder)


def write(path: str, mode: str, text: str) -> None:
    """Replace a file in one step; what was there stays until the new one is complete on the disk."""
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    new = path + ".new"
    with open(new, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        os.fchmod(file.fileno(), int(mode, 8))
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
