# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which virtual services a task owns: by VIP, by network, by firewall mark, or by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

from .model import ServiceKey, pack_address

# Family, first and last packed address.
AddressRange = Tuple[str, bytes, bytes]


@dataclass(frozen=True)
class Scope:
    addresses: tuple[AddressRange, ...] = ()
    fwmarks: tuple[tuple[int, int], ...] = ()
    services: frozenset[ServiceKey] = frozenset()
    everything: bool = False

    def covers(self, key: ServiceKey) -> bool:
        if self.everything or key in self.services:
            return True
        if key.fwmark:
            return any(first <= key.fwmark <= last for first, last in self.fwmarks)
        packed = pack_address(key.family, key.address)
        return any(family == key.family and first <= packed <= last for family, first, last in self.addresses)
