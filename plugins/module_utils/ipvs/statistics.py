# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kernel counts, as frozen values. No part of the table: it is read and never written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from .model import DestinationKey


@dataclass(frozen=True)
class Counters:
    """Since the entry was made, or its counters were zeroed; rates are per second, as the kernel estimates them every 2 seconds."""

    connections: int = 0
    incoming_packets: int = 0
    outgoing_packets: int = 0
    incoming_bytes: int = 0
    outgoing_bytes: int = 0
    connection_rate: int = 0
    incoming_packet_rate: int = 0
    outgoing_packet_rate: int = 0
    incoming_byte_rate: int = 0
    outgoing_byte_rate: int = 0


@dataclass(frozen=True)
class Connections:
    """Of one real server, now."""

    active: int = 0
    # Closing or idle ones, such as those in FIN_WAIT and all of UDP.
    inactive: int = 0
    # Templates that tie a persistent client to this real server.
    persistent: int = 0

    @property
    def total(self) -> int:
        return self.active + self.inactive


@dataclass(frozen=True)
class DestinationStatistics:
    connections: Connections
    counters: Counters


@dataclass(frozen=True)
class ServiceStatistics:
    counters: Counters
    destinations: Mapping[DestinationKey, DestinationStatistics]
