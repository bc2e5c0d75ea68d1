# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real servers that are drained: for the time being they get no new connections, whatever weight is declared.

Playbooks list them in a file. Without it, a card that is configured anew or a packet filter that loads its rules would send clients to a
server that is being worked on, since the part is done again then. The file is in /run, so a boot begins with what is declared.
"""

from __future__ import annotations

import json
import os
from typing import Dict, Mapping, Set

from .table import Services

# One real server a line, named as among the wants: `tcp 10.0.0.129:80 > 192.168.239.148:80`.
DRAINED = "/run/lvs-cluster.drained"


def without_drained(wants: Mapping[str, Mapping[str, str]], root: str) -> Mapping[str, Mapping[str, str]]:
    """What is wanted, with weight 0 for those that are drained."""
    names = _listed(root)
    table: Dict[str, str] = {
        name: json.dumps({**json.loads(text), "weight": 0}) if name in names else text
        for name, text in wants.get(Services.name, {}).items()
    }
    return {**wants, Services.name: table} if table else wants


def forget_drained(root: str) -> None:
    try:
        os.unlink(_path(root))
    except FileNotFoundError:
        pass


def _listed(root: str) -> Set[str]:
    try:
        with open(_path(root), encoding="utf-8") as file:
            return set(file.read().splitlines())
    except FileNotFoundError:
        return set()


def _path(root: str) -> str:
    return os.path.join(root, DRAINED.lstrip("/"))
