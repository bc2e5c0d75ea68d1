# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the planner's actions and the modules need from a way to the kernel."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Iterable

from .model import ServiceKey, Table
from .plan import Action


class Transport(ABC):
    @abstractmethod
    def read(self, keys: Iterable[ServiceKey]) -> Table:
        """The services among `keys` that exist. Changes nothing on the host: a missing kernel module is an empty table."""

    @abstractmethod
    def execute(self, action: Action) -> None:
        """Make one change. The caller knows that this is not check mode."""
