# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Synchronisation daemons and timeouts over the program ipvsadm."""

from __future__ import annotations

import re
from typing import Callable, Dict, Sequence, TypeVar

from .control import Control, Daemon, Timeouts
from .control_errors import ControlRefusedError
from .errors import TransportError
from .ipvsadm import Ipvsadm, IpvsadmRefusedError, NotExpressibleError
from .model import parse_address

Answer = TypeVar("Answer")

_DAEMON = re.compile(
    r"(?P<role>master|backup) sync daemon \(mcast=(?P<interface>.+?), syncid=(?P<sync_id>\d+)(?:, maxlen=(?P<max_length>\d+))?"
    r"(?:, group=(?P<group>[^,)]+))?(?:, port=(?P<port>\d+))?(?:, ttl=(?P<ttl>\d+))?\)\Z"
)
_TIMEOUTS = re.compile(r"Timeout \(tcp tcpfin udp\): (\d+) (\d+) (\d+)")


class IpvsadmControl(Control):
    def __init__(self, load_module: bool = True, program: Ipvsadm | None = None) -> None:
        self._program = program or Ipvsadm(load_module)

    def daemons(self) -> Dict[str, Daemon]:
        if not self._program.present():
            return {}
        return parse_daemons(self._ask("read the synchronisation daemons", self._program.read, ["-Ln", "--daemon"]))

    def check_daemon(self, daemon: Daemon) -> None:
        if not self._program.limited:
            return
        plain = Daemon(daemon.role, daemon.interface, daemon.sync_id)
        for name in ("max_length", "group", "port", "ttl"):
            if getattr(daemon, name) != getattr(plain, name):
                raise NotExpressibleError(f"start {daemon}", f"without netlink sockets, ipvsadm cannot set {name}")

    def start_daemon(self, daemon: Daemon) -> None:
        self._ask(f"start {daemon}", self._program.write, daemon_arguments(daemon))

    def stop_daemon(self, daemon: Daemon) -> None:
        self._ask(f"stop {daemon}", self._program.write, ["--stop-daemon", daemon.role])

    def timeouts(self) -> Timeouts:
        if not self._program.present():
            return Timeouts()
        return parse_timeouts(self._ask("read the timeouts", self._program.read, ["-Ln", "--timeout"]))

    def set_timeouts(self, timeouts: Timeouts) -> None:
        values = [str(value) for value in (timeouts.tcp, timeouts.tcp_fin, timeouts.udp)]
        self._ask("set the timeouts", self._program.write, ["--set", *values])

    @staticmethod
    def _ask(operation: str, ask: Callable[[str, Sequence[str]], Answer], arguments: Sequence[str]) -> Answer:
        try:
            return ask(operation, arguments)
        except IpvsadmRefusedError as refusal:
            raise ControlRefusedError(refusal.number, operation) from None


def daemon_arguments(daemon: Daemon) -> list[str]:
    arguments = ["--start-daemon", daemon.role, "--mcast-interface", daemon.interface, "--syncid", str(daemon.sync_id)]
    if daemon.max_length:
        arguments += ["--sync-maxlen", str(daemon.max_length)]
    return [*arguments, "--mcast-group", daemon.group, "--mcast-port", str(daemon.port), "--mcast-ttl", str(daemon.ttl)]


def parse_daemons(text: str) -> dict[str, Daemon]:
    found = {}
    for line in filter(None, text.splitlines()):
        match = _DAEMON.match(line)
        if match is None:
            raise TransportError(f"ipvsadm printed a daemon that is not understood: {line}")
        # Without netlink it does not know the rest: then the defaults are assumed.
        given = {name: value for name, value in match.groupdict().items() if value is not None}
        group = parse_address(given.pop("group", Daemon.group))[1]
        role, interface = given.pop("role"), given.pop("interface")
        found[role] = Daemon(role, interface, group=group, **{name: int(value) for name, value in given.items()})
    return found


def parse_timeouts(text: str) -> Timeouts:
    match = _TIMEOUTS.match(text)
    if match is None:
        raise TransportError(f"ipvsadm printed timeouts that are not understood: {text.strip()}")
    return Timeouts(*(int(value) for value in match.groups()))
