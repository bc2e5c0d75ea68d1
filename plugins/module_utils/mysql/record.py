# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which accounts we created, kept on the host: others are never removed unless they are named."""

from __future__ import annotations

import json
from typing import Iterable, List

from ..host.files import write
from .model import Account, DatabaseError


class Record:
    def __init__(self, path: str) -> None:
        self._path = path

    def load(self) -> List[Account]:
        try:
            with open(self._path, encoding="utf-8") as file:
                return sorted(Account(str(name), str(host)) for name, host in json.load(file)["accounts"])
        except FileNotFoundError:
            return []
        except (ValueError, KeyError, TypeError) as error:
            raise DatabaseError(
                f"{self._path} is damaged ({error}): remove it, and remove accounts that are wanted no more with state: absent"
            ) from error

    def save(self, accounts: Iterable[Account]) -> None:
        text = json.dumps({"accounts": sorted(set(accounts))}) + "\n"
        if self._text() != text:
            write(self._path, "0600", text)

    def _text(self) -> str:
        try:
            with open(self._path, encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""
