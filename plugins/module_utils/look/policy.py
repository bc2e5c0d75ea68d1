# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ARP policy of a real server, against what it is to be: by the planner of the module arp_sysctl."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping

from ..sysctl.arp import ARP_SPEC, DEFAULT_FILE, HEADER, NAMES, arp_intent
from ..sysctl.host import Sysctls
from ..sysctl.interfaces import conf_keys, own_value
from ..sysctl.plan import SetFile, SetValue, make_plan

# The value for all cards, which holds for each whose own is not greater.
_ALL = "all"


def policy_look(wants: Mapping[str, Any], root: str = "/") -> Dict[str, Any]:
    """What differs, as sentences, and what holds on each card: the greater of `all` and the card's own."""
    params = {name: option.get("default") for name, option in ARP_SPEC.items()}
    params.update({"file": DEFAULT_FILE, **wants})
    sysctls = Sysctls(DEFAULT_FILE, HEADER, root)
    intent = arp_intent(params)
    interfaces = sysctls.interfaces()
    have = sysctls.read(conf_keys(interfaces, NAMES))
    missing = [name for name in intent.interfaces if name != _ALL and name not in interfaces]
    if missing:
        return {"differences": [f"there is no card {name}" for name in missing], "effective": {}}
    differences: List[str] = []
    for action in make_plan(have, intent.goal(interfaces)).actions:
        if isinstance(action, SetValue):
            differences.append(f"{action.key.replace('/', '.')} is {action.before}, to be {action.after}")
        elif isinstance(action, SetFile):
            differences.append(f"{DEFAULT_FILE} {'is not there' if action.before is None else 'says something else'}")
    effective = {
        interface: {
            name: max(own_value(have.runtime, _ALL, name) or 0, own_value(have.runtime, interface, name) or 0) for name in NAMES
        }
        for interface in interfaces
    }
    return {"differences": differences, "effective": effective}
