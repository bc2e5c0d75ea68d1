# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Synchronisation daemons and timeouts over generic netlink."""

from __future__ import annotations

from typing import Any, Callable, Dict

from . import wire, wire_control
from .control import Control, Daemon, Timeouts
from .control_errors import ControlRefusedError
from .errors import TransportError
from .family import IpvsFamily
from .kernel_modules import KernelModules
from .netlink import RefusedError, open_socket


class NetlinkControl(Control):
    def __init__(
        self,
        load_module: bool = True,
        modules: KernelModules | None = None,
        open_socket: Callable[[], Any] = open_socket,
    ) -> None:
        self._family = IpvsFamily(load_module, modules, open_socket)

    def daemons(self) -> Dict[str, Daemon]:
        if not self._family.present():
            return {}
        answers = self._ask("read the synchronisation daemons", self._family.dump, wire_control.GET_DAEMON, b"")
        found = [wire_control.unpack_daemon(wire.unpack_attributes(answer)[wire_control.ATTR_DAEMON]) for answer in answers]
        return {daemon.role: daemon for daemon in found}

    def start_daemon(self, daemon: Daemon) -> None:
        self._ask(f"start {daemon}", self._family.request, wire_control.NEW_DAEMON, wire_control.pack_daemon(daemon))

    def stop_daemon(self, daemon: Daemon) -> None:
        self._ask(f"stop {daemon}", self._family.request, wire_control.DEL_DAEMON, wire_control.pack_role(daemon.role))

    def timeouts(self) -> Timeouts:
        if not self._family.present():
            return Timeouts()
        answers = self._ask("read the timeouts", self._family.request, wire_control.GET_CONFIG, b"")
        if not answers:
            raise TransportError("read the timeouts: the kernel acknowledged it without an answer")
        return wire_control.unpack_timeouts(answers[0])

    def set_timeouts(self, timeouts: Timeouts) -> None:
        self._ask("set the timeouts", self._family.request, wire_control.SET_CONFIG, wire_control.pack_timeouts(timeouts))

    @staticmethod
    def _ask(operation: str, ask: Callable[[int, bytes], list[bytes]], command: int, attributes: bytes) -> list[bytes]:
        try:
            return ask(command, attributes)
        except RefusedError as refusal:
            raise ControlRefusedError(refusal.number, operation) from None
