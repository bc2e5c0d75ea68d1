# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one task asks of a synchronisation daemon, and which calls get there. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Mapping

from .control import Daemon
from .errors import InvalidOptionError
from .model import parse_address

# net/netfilter/ipvs/ip_vs_sync.c: start_sync_thread; the headers of IP and UDP are not part of the message.
_HEADERS = {"ipv4": 20 + 8, "ipv6": 40 + 8}
_MTU, _MTU_MAX, _BACKUP_MIN = 1500, 65535, 1024


@dataclass(frozen=True)
class DaemonIntent:
    role: str
    present: bool
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class DaemonPlan:
    before: Daemon | None
    # What is sent: here a max_length of 0 leaves it to the kernel.
    want: Daemon | None
    # What is read then: with the kernel's choice filled in.
    predicted: Daemon | None

    @property
    def changed(self) -> bool:
        return self.before != self.predicted

    @property
    def operations(self) -> list[tuple[str, Daemon]]:
        # The kernel cannot edit a running daemon.
        if not self.changed:
            return []
        stop = [("stop", self.before)] if self.before else []
        return stop + ([("start", self.want)] if self.want else [])


def make_daemon_plan(have: Mapping[str, Daemon], intent: DaemonIntent, interfaces: Mapping[str, int]) -> DaemonPlan:
    before = have.get(intent.role)
    if not intent.present:
        return DaemonPlan(before, None, None)
    if before is None and "interface" not in intent.changes:
        raise InvalidOptionError(
            "interface", f"no {intent.role} daemon is running, and starting one needs an interface: {_choice(interfaces)}"
        )
    want = replace(before or Daemon(intent.role, ""), **intent.changes)
    if want == before:
        return DaemonPlan(before, want, before)
    # Before anything is stopped: what cannot be started must not cost what runs.
    if want.interface not in interfaces:
        raise InvalidOptionError("interface", f"this host has no {want.interface!r}: {_choice(interfaces)}")
    _check_length(want)
    return DaemonPlan(before, want, _as_read(want, interfaces[want.interface]))


def _check_length(daemon: Daemon) -> None:
    low = _BACKUP_MIN if daemon.role == "backup" else 1
    high = _MTU_MAX - _headers(daemon)
    if daemon.max_length and not low <= daemon.max_length <= high:
        raise InvalidOptionError(
            "max_length",
            f"{daemon.max_length} is out of range for a {daemon.role} with group {daemon.group}: use {low}..{high} bytes",
        )


def _as_read(daemon: Daemon, mtu: int) -> Daemon:
    if daemon.max_length:
        return daemon
    if daemon.role == "backup":
        return replace(daemon, max_length=min(max(mtu, _MTU), _MTU_MAX) - _headers(daemon))
    return replace(daemon, max_length=_MTU - _headers(daemon))


def _headers(daemon: Daemon) -> int:
    return _HEADERS[parse_address(daemon.group)[0]]


def _choice(interfaces: Mapping[str, int]) -> str:
    return "use one of {}".format(", ".join(sorted(interfaces)))
