# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine needs from each kind of state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Dict, Iterable, Mapping, Sequence

from .plan import Change


class Kind(ABC):
    """One kind of state of a host, as names with values."""

    name = ""
    # Whether it survives a reboot, and so the record of it has to.
    lasting = False
    # Whether the name alone makes a thing ours. Otherwise it is somebody else's once it has another value than ours.
    ours_by_name = True
    # Whether nobody else gives such names: one that is there before we know of it was ours once, and stood for nothing else.
    only_ours = False
    # Whether it is never given up, so that nobody needs to know who made it.
    stays = False

    def expand(self, wanted: Mapping[str, str]) -> Mapping[str, str]:
        """Names that stand for several, replaced by what they stand for on this host."""
        return wanted

    def merge(self, have: str, want: str) -> str:
        """What stands in while a cluster changes over, where one value can serve the old way and the new."""
        return want

    @abstractmethod
    def read(self, names: Iterable[str]) -> Dict[str, str]:
        """What the host has; at least those among `names` that exist. Changes nothing."""

    @abstractmethod
    def apply(self, changes: Sequence[Change]) -> None:
        """Make the changes in their order.

        :raises HostError: the host refused one; some may have been made
        """
