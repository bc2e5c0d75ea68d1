# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which services a question is about: those that have everything that was named."""

from __future__ import annotations

from dataclasses import dataclass

from .model import FAMILIES, ServiceKey, Table
from .transport import Transport


@dataclass(frozen=True)
class Selection:
    """What is empty or None does not matter."""

    family: str = ""
    protocol: str = ""
    address: str = ""
    port: int | None = None
    fwmark: int = 0

    def read(self, transport: Transport) -> Table:
        keys = self._keys()
        if keys:
            return transport.read(keys)
        return {key: entry for key, entry in transport.read_all().items() if self.covers(key)}

    def covers(self, key: ServiceKey) -> bool:
        return (
            self.family in ("", key.family)
            and self.protocol in ("", key.protocol)
            and self.address in ("", key.address)
            and self.fwmark in (0, key.fwmark)
            # The key of a fwmark service has the port 0 for want of another.
            and (self.port is None or (self.port == key.port and not key.fwmark))
        )

    def _keys(self) -> list[ServiceKey]:
        """Where it leaves no doubt, a few keys that spare reading a table of thousands."""
        if self.fwmark:
            return [ServiceKey.marked(self.fwmark, family) for family in ([self.family] if self.family else FAMILIES)]
        if self.protocol and self.address and self.port is not None:
            return [ServiceKey.at(self.protocol, self.address, self.port)]
        return []
