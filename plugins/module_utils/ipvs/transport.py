# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the planner's actions and the modules need from a way to the kernel's table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Dict, Iterable, Sequence

from .model import ServiceKey, Table
from .plan import Action
from .statistics import ServiceStatistics


class Transport(ABC):
    """Reading changes nothing on the host: a missing kernel module is an empty table."""

    def expect(self, table: Table) -> None:  # noqa: B027 nobody has to make use of it
        """What will probably be read, so that it can be read faster. What is read is the same in any case."""

    @abstractmethod
    def read(self, keys: Iterable[ServiceKey]) -> Table:
        """The services among `keys` that exist."""

    @abstractmethod
    def read_all(self) -> Table:
        """The whole table."""

    def check(self, actions: Sequence[Action]) -> None:  # noqa: B027 the kernel's own interface can say everything
        """Refuse, before anything is changed and in check mode as well, what this way to the kernel has no words for."""

    @abstractmethod
    def apply(self, actions: Sequence[Action]) -> None:
        """Make the changes in their order. The caller knows that this is not check mode.

        :raises KernelError: for the first one that the kernel refuses; some of those after it may have been made, and
            `made` has all that were
        """

    @abstractmethod
    def statistics(self, keys: Iterable[ServiceKey]) -> Dict[ServiceKey, ServiceStatistics]:
        """Connections and counters of the services among `keys` that exist."""
