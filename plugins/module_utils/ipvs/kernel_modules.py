# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's IPVS modules: whether ip_vs is there, loading it, and which schedulers and engines exist."""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
from typing import Callable, Sequence

from .errors import ModuleMissingError

_FILE = re.compile(r"ip_vs_([a-z0-9_]+?)(?:\.ko(?:\.\w+)?)?\Z")
_LISTED = re.compile(r"^\S*/(ip_vs_[a-z0-9_]+\.ko(?:\.\w+)?)\b", re.MULTILINE)
_NEITHER = {"ftp"}


def _run(argv: Sequence[str]) -> tuple[int, str]:
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True)
    return done.returncode, done.stdout.strip()


class KernelModules:
    def __init__(self, root: str = "/", run: Callable[[Sequence[str]], tuple[int, str]] = _run) -> None:
        self._root = root
        self._folder = os.path.join(root, "lib/modules", os.uname().release)
        self._run = run

    def ip_vs_present(self) -> bool:
        # Asking netlink for the family instead would load the module on newer kernels.
        return os.path.exists(os.path.join(self._root, "proc/net/ip_vs"))

    def load_ip_vs(self) -> None:
        # Sessions of ordinary users do not have the sbin folders in their path.
        modprobe = shutil.which("modprobe", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        if modprobe is None:
            raise ModuleMissingError("there is no modprobe on this host; load it there, or on the host of this container")
        code, output = self._run([modprobe, "ip_vs"])
        if code:
            raise ModuleMissingError(f"modprobe ip_vs failed ({output}); install the kernel's modules, or load it by hand")

    def all_known(self) -> bool:
        """Whether the lists below are complete: a container sees only what is loaded, and the kernel can load more."""
        return os.path.exists(os.path.join(self._folder, "modules.dep"))

    def schedulers(self) -> list[str]:
        """Names of the schedulers that are loaded or could be."""
        return sorted(name for name in self._names() if not name.startswith("pe_") and name not in _NEITHER)

    def engines(self) -> list[str]:
        """Names of the persistence engines that are loaded or could be."""
        return sorted(name[3:] for name in self._names() if name.startswith("pe_"))

    def _names(self) -> set[str]:
        paths = glob.glob(os.path.join(self._root, "sys/module/ip_vs_*"))
        paths += glob.glob(os.path.join(self._folder, "kernel/net/netfilter/ipvs/ip_vs_*"))
        # Modules of others (DKMS) are in other folders, and depmod's list has them.
        for name in ("modules.builtin", "modules.dep"):
            try:
                with open(os.path.join(self._folder, name), encoding="ascii") as listing:
                    paths += _LISTED.findall(listing.read())
            except OSError:
                pass
        matches = (_FILE.match(os.path.basename(path)) for path in paths)
        return {match.group(1) for match in matches if match}
