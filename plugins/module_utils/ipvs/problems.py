# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Problems of a long description, collected with their places, so that all can be told at once."""

from __future__ import annotations

import difflib
from contextlib import contextmanager
from typing import Any, Collection, Iterator, Mapping

from .errors import InvalidOptionError, InvalidTableError


class Problems:
    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, place: str, problem: InvalidOptionError) -> None:
        self.found.append(f"{place}.{problem}")

    @contextmanager
    def of(self, place: str) -> Iterator[None]:
        """What is read in this block, and may be wrong, stands there."""
        try:
            yield
        except InvalidOptionError as problem:
            self.add(place, problem)

    def unknown_options(self, place: str, given: Mapping[Any, Any], known: Collection[str]) -> None:
        for option in given.keys() - known:
            close = difflib.get_close_matches(str(option), known, 1)
            self.found.append(
                f"{place}.{option}: unknown; " + (f"did you mean {close[0]}?" if close else f"use {', '.join(known)}")
            )

    def check(self) -> None:
        if self.found:
            raise InvalidTableError(self.found)
