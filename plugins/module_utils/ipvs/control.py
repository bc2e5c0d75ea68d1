# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What IPVS has beside the table: daemons that synchronise connections between directors, and timeouts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Dict

# The kernel's own (net/netfilter/ipvs/ip_vs_proto_tcp.c and _udp.c), in seconds.
DEFAULT_TCP, DEFAULT_TCP_FIN, DEFAULT_UDP = 900, 120, 300


@dataclass(frozen=True)
class Timeouts:
    """Seconds until an idle connection is forgotten."""

    tcp: int = DEFAULT_TCP
    tcp_fin: int = DEFAULT_TCP_FIN
    udp: int = DEFAULT_UDP


@dataclass(frozen=True)
class Daemon:
    """One end of connection synchronisation: a master sends, a backup receives. A host can run one of each."""

    role: str
    interface: str
    sync_id: int = 0
    # Bytes of a message; 0 lets the kernel choose, and is what is read where the kernel does not say.
    max_length: int = 0
    group: str = "224.0.0.81"
    port: int = 8848
    ttl: int = 1

    def __str__(self) -> str:
        return f"{self.role} synchronisation daemon on {self.interface}"


class Control(ABC):
    """Reading changes nothing on the host: without the kernel module there are no daemons, and the default timeouts."""

    @abstractmethod
    def daemons(self) -> Dict[str, Daemon]:
        """The running daemons by their role, master or backup."""

    def check_daemon(self, daemon: Daemon) -> None:  # noqa: B027 a kernel's own interface can say everything
        """Refuse, before anything is changed, a daemon that this way to the kernel has no words for."""

    @abstractmethod
    def start_daemon(self, daemon: Daemon) -> None: ...

    @abstractmethod
    def stop_daemon(self, daemon: Daemon) -> None: ...

    @abstractmethod
    def timeouts(self) -> Timeouts: ...

    @abstractmethod
    def set_timeouts(self, timeouts: Timeouts) -> None:
        """As in the kernel, 0 leaves one unchanged."""
