# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries of a long list differ in their addresses, and in little else: one is read, and the others are made after it."""

from __future__ import annotations

import marshal
from typing import Any, Dict, Generic, Tuple, TypeVar

from .keys import host_address
from .model import Destination, Service

Item = TypeVar("Item", Service, Destination)


class Examples(Generic[Item]):
    """What dictionaries that were found right stand for, by all in them but their addresses."""

    def __init__(self) -> None:
        self._found: Dict[Tuple[str, bytes], Item] = {}
        self._asked: Tuple[str, bytes] | None = None

    def recall(self, raw: Any, *without: str) -> Item | None:
        """What `raw` stands for, leaving out of account its options `without`; None where it has to be read."""
        self._asked = None
        try:
            rest = raw.copy()
            family, address = host_address(rest.pop("address"))
            for option in without:
                rest.pop(option, None)
            # Unlike equality, these bytes tell true from 1.
            asked = family, marshal.dumps(rest, 2)
        except (AttributeError, KeyError, OSError, TypeError, ValueError):
            return None
        example = self._found.get(asked)
        if example is None:
            self._asked = asked
            return None
        return example.at(address)

    def keep(self, item: Item) -> None:
        """What the `raw` that was last asked for stands for, if it was not known."""
        if self._asked:
            self._found[self._asked] = item
