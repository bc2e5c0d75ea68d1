# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What we made on a host and what stood before, kept on the host: without it nothing could be given back."""

from __future__ import annotations

import json
import os
from typing import Dict, Mapping

from .commands import HostError
from .files import leave_folder, write
from .plan import Owned, Record


class Ledger:
    """The record of one part of a host, by kind.

    What a reboot takes away leaves the record with it, since the record says which boot it is of; what lasts stays.
    """

    def __init__(self, name: str, root: str = "/") -> None:
        self._path = os.path.join(root, "var/lib/lvs-cluster", f"{name}.json")
        self._boot_path = os.path.join(root, "proc/sys/kernel/random/boot_id")

    def load(self, lasting: Mapping[str, bool]) -> Dict[str, Dict[str, Owned]]:
        try:
            with open(self._path, encoding="utf-8") as file:
                stored = json.load(file)
            boot, kinds = stored["boot"], stored["kinds"]
            known = {kind: {name: Owned(**owned) for name, owned in names.items()} for kind, names in kinds.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise HostError(
                f"{self._path} is damaged ({error}): remove it, and know that what it recorded will not be given back"
            ) from error
        same_boot = boot == self._boot()
        return {kind: record for kind, record in known.items() if same_boot or lasting.get(kind)}

    def save(self, kinds: Mapping[str, Record]) -> None:
        """Before anything is changed on the host, and after."""
        filled = {kind: record for kind, record in kinds.items() if record}
        if not filled:
            if os.path.exists(self._path):
                os.unlink(self._path)
                leave_folder(self._path)
            return
        stored = {
            "boot": self._boot(),
            "kinds": {kind: {name: vars(owned) for name, owned in record.items()} for kind, record in filled.items()},
        }
        text = json.dumps(stored, indent=1, sort_keys=True) + "\n"
        # A run that changes nothing writes nothing, and waits for no disk.
        if text != self._text():
            # It may hold the content of files that only root may read.
            write(self._path, "0600", text)

    def adopt(self, kind: str, name: str, owned: Owned) -> None:
        """Take over an item that another part made and this one wants, too."""
        kinds = self.load(dict.fromkeys([kind], True))
        self.save({**kinds, kind: {**kinds.get(kind, {}), name: owned}})

    def _text(self) -> str:
        try:
            with open(self._path, encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def _boot(self) -> str:
        with open(self._boot_path, encoding="ascii") as file:
            return file.read().strip()
