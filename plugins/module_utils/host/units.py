# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The units that do at boot what Ansible does now."""

from __future__ import annotations

from typing import Dict, Iterable, Sequence, Set

from .commands import Runner, check
from .kind import Kind
from .plan import Change

RUNNING = "enabled, active"
# Of a unit that another one brings along.
DRAWN_IN = "static, active"


class Units(Kind):
    """`lvs-director.service`: `enabled, active`."""

    name = "unit"
    lasting = True

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        self._lost: Set[str] = set()

    def lost(self, names: Iterable[str]) -> None:
        """Units whose files are gone, or were until now. systemd remembers them until it reads its files again, but no boot brings them."""
        self._lost.update(names)

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        found = {}
        for name in names:
            if name in self._lost:
                continue
            shown = self._run(["systemctl", "show", "--property=LoadState,UnitFileState,ActiveState", name], None)
            facts = dict(line.split("=", 1) for line in shown.output.splitlines() if "=" in line)
            enabled, active = facts.get("UnitFileState", ""), facts.get("ActiveState", "")
            # One that neither runs nor will on its own is as good as none.
            idle = enabled in ("disabled", "static") and active in ("inactive", "failed")
            if facts.get("LoadState") == "loaded" and not idle:
                found[name] = f"{enabled}, {active}"
        return found

    def apply(self, changes: Sequence[Change]) -> None:
        wanted = [change for change in changes if change.after is not None]
        for change in changes:
            if change.after is None:
                check(self._run, "systemctl", "disable", "--no-reload", "--now", change.name)
        for change in wanted:
            if change.after == RUNNING:
                check(self._run, "systemctl", "enable", "--no-reload", change.name)
        # Once for all of them, since it takes a small host seconds; and also right for the unit file that a killed run left behind.
        self.read_files_again()
        for change in wanted:
            check(self._run, "systemctl", "start", change.name)

    def read_files_again(self) -> None:
        self._lost.clear()
        check(self._run, "systemctl", "daemon-reload")
