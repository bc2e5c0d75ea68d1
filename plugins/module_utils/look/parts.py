# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts that a host plays, against what they are to be: by the very code that takes them up, in check mode."""

from __future__ import annotations

import os
import re
from typing import Any, Callable, Dict, List, Mapping, Sequence

from ..host.commands import HostError, Runner
from ..host.part import LIBRARY, PROGRAM, UNITS, Host
from ..host.plan import Change
from ..host.report import wanted
from ..host.units import Units

# What `lvs_firewall: auto` looks for, in this order (role firewall).
_SERVICES = {"firewalld": "firewalld.service", "nftables": "nftables.service"}
_OTHERWISE = "iptables"
# What the program says when it is told nothing.
_USAGE = 2
Play = Callable[[str], Host]


def parts_look(wants: Mapping[str, Mapping[str, Any]], play: Play, root: str = "/") -> Dict[str, Any]:
    """What differs from what is wanted of each part, as changes that taking it up would make."""
    found = {}
    for name in wants:
        try:
            outcome = play(name).take_up(wanted(wants[name]), _description(name, root), {}, check_mode=True)
            found[name] = {"changes": [_plain(change) for change in outcome.changes if not _of_program(change)], "error": ""}
        except HostError as error:
            found[name] = {"changes": [], "error": str(error)}
    return found


def filter_of(host_services: Mapping[str, Any], wants: Mapping[str, Any]) -> str:
    """The packet filter that the host goes by; empty where it is to have none of ours."""
    if len(wants) < 2:
        return next(iter(wants), "")
    running = [name for name, service in _SERVICES.items() if str(host_services.get(service, "")).endswith(", active")]
    return next((name for name in running if name in wants), _OTHERWISE)


def units_look(names: Sequence[str], runner: Runner) -> Dict[str, str]:
    """`enabled, active` for each unit that is there; one that neither runs nor will is not."""
    return Units(runner).read(sorted({*names, *_SERVICES.values()}))


def program_look(runner: Runner) -> str:
    """Empty where the program that boot runs can be started; else why not."""
    try:
        done = runner([PROGRAM], None)
    except OSError as error:
        return f"{PROGRAM}: {error.strerror}"
    return "" if done.code == _USAGE else f"{PROGRAM}: {(done.error or 'it says nothing').splitlines()[-1]}"


def _description(name: str, root: str) -> str:
    """What the part's unit says of itself; other words are no fault."""
    try:
        with open(os.path.join(root, UNITS.lstrip("/"), f"lvs-{name}.service"), encoding="utf-8") as file:
            found = re.search("^Description=(.*)$", file.read(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else name


def _of_program(change: Change) -> bool:
    # Another version of the program is not looked for: none was given.
    return change.kind == "file" and change.name.startswith((PROGRAM, LIBRARY))


def _plain(change: Change) -> Dict[str, Any]:
    return {
        "kind": change.kind,
        "name": change.name,
        "before": change.before,
        "after": change.after,
        "retreat": change.retreat,
    }


def table_look(wants: Mapping[str, Mapping[str, Any]], read: Callable[[List[str]], Dict[str, str]]) -> Dict[str, str]:
    """The director's services with all real servers that the kernel has for them."""
    names = [name for part in wants.values() for name in part.get("ipvs", {})]
    return read(names) if names else {}
