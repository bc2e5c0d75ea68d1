# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Daemons and timeouts as a kernel of our own keeps them."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control import Control, Timeouts
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control_errors import ControlRefusedError


class FakeControl(Control):
    def __init__(self, *daemons, timeouts=Timeouts(), length=1472, refuses=None, deaf=False):  # noqa: B008 it is frozen
        self.running = {daemon.role: daemon for daemon in daemons}
        self.current = timeouts
        # What the kernel chooses for max_length; 0 where it does not say.
        self.length = length
        # The interface on which no daemon can be started, with the error's number.
        self.refuses = refuses or {}
        # Acknowledges everything and does nothing.
        self.deaf = deaf
        self.calls = []

    def daemons(self):
        return dict(self.running)

    def start_daemon(self, daemon):
        self.calls.append(("start", daemon))
        if daemon.interface in self.refuses:
            raise ControlRefusedError(self.refuses[daemon.interface], f"start {daemon}")
        if not self.deaf:
            self.running[daemon.role] = replace(daemon, max_length=daemon.max_length or self.length)

    def stop_daemon(self, daemon):
        self.calls.append(("stop", daemon))
        if not self.deaf:
            del self.running[daemon.role]

    def timeouts(self):
        return self.current

    def set_timeouts(self, timeouts):
        self.calls.append(("set", timeouts))
        if not self.deaf:
            given = {name: value for name, value in vars(timeouts).items() if value}
            self.current = replace(self.current, **given)
