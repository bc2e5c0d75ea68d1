# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel modules and kernel settings."""

from __future__ import annotations

import glob
import os
from typing import Dict, Iterable, List, Mapping, Sequence

from .commands import HostError, Runner, check
from .kind import Kind
from .plan import Change


class Modules(Kind):
    """`ip_vs_rr`: `loaded`. A module that is no longer wanted stays: others may use it by now."""

    name = "module"
    stays = True

    def __init__(self, runner: Runner, root: str = "/") -> None:
        self._run = runner
        self._root = root

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        builtin = self._builtin()
        return {
            name: "loaded" for name in names if name in builtin or os.path.isdir(os.path.join(self._root, "sys/module", name))
        }

    def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            check(self._run, "modprobe", change.name)

    def _builtin(self) -> List[str]:
        path = os.path.join(self._root, "lib/modules", os.uname().release, "modules.builtin")
        try:
            with open(path, encoding="ascii") as file:
                return [os.path.basename(line.strip())[: -len(".ko")].replace("-", "_") for line in file]
        except OSError:
            return []


class Sysctls(Kind):
    """`net.ipv4.ip_forward`: `1`. A `*` in a name stands for every interface that is there, as in sysctl.d(5)."""

    name = "sysctl"
    lasting = True
    ours_by_name = False

    def __init__(self, root: str = "/") -> None:
        self._folder = os.path.join(root, "proc/sys")

    def expand(self, wanted: Mapping[str, str]) -> Mapping[str, str]:
        found = {}
        # A name without `*` has the last word, wherever it stands.
        for name in sorted(wanted, key=lambda name: "*" not in name):
            for path in sorted(glob.glob(self._path(name))) if "*" in name else [self._path(name)]:
                found[self._name(path)] = " ".join(wanted[name].split())
        return found

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        found = {}
        for name in names:
            try:
                with open(self._path(name), encoding="ascii") as file:
                    found[name] = " ".join(file.read().split())
            except FileNotFoundError:
                continue
            except OSError as error:
                raise HostError(f"cannot read {name}: {error.strerror}") from error
        return found

    def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.before is None:
                raise HostError(f"this kernel has no setting {change.name}: leave it out, or load the module that it belongs to")
            try:
                with open(self._path(change.name), "w", encoding="ascii") as file:
                    file.write(change.after or "")
            except OSError as error:
                raise HostError(f"cannot set {change.name} to {change.after}: {error.strerror}") from error

    # As in sysctl.d(5): a name whose first separator is a slash may have interfaces with dots in it.
    def _path(self, name: str) -> str:
        first = next((letter for letter in name if letter in "./"), ".")
        return os.path.join(self._folder, name if first == "/" else name.replace(".", "/"))

    def _name(self, path: str) -> str:
        name = os.path.relpath(path, self._folder)
        return name if "." in name else name.replace("/", ".")
