# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What /etc/hosts says of the hosts of an inventory. Pure."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any, Dict, Iterable, List, Mapping

# Where an inventory says a host's address: the first of them that is one.
VARIABLES = ("lvs_address", "lvs_rip", "lvs_dip", "lab_address", "ansible_host")
# RFC 1123, several of them with dots between.
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")

Entry = Dict[str, Any]


def host_entries(groups: Mapping[str, Iterable[str]], hostvars: Mapping[str, Mapping[str, Any]]) -> List[Entry]:
    """Address and names of each host that has an address, sorted by it."""
    found = []
    for host in groups["all"]:
        variables = hostvars[host]
        address = next((str(variables[name]) for name in VARIABLES if name in variables and _is_address(variables[name])), "")
        if address:
            found.append({"address": address, "names": [host, *variables.get("lvs_names", [])]})
    return sorted(found, key=lambda entry: (ip_address(entry["address"]).version, ip_address(entry["address"]), entry["names"]))


def host_problems(entries: Iterable[Mapping[str, Any]]) -> List[str]:
    """What is wrong with entries that people may have written, a sentence each."""
    found = []
    places: Dict[str, str] = {}
    for index, entry in enumerate(entries):
        place, address = f"baseline_hosts[{index}]", str(entry["address"])
        if not _is_address(address):
            found.append(f"{place}.address: {address!r} is no address: write one such as 192.0.2.10, without prefix length")
        if not entry["names"]:
            found.append(f"{place}.names: {address} has no name: write at least one, or leave the entry out")
        for name in map(str, entry["names"]):
            if not NAME.fullmatch(name):
                found.append(f"{place}.names: {name!r} is no host name: write letters, digits and '-', with dots between")
            # A name may have an address of each family.
            key = f"{name} {':' in address}"
            first = places.setdefault(key, f"{address} in {place}")
            if first != f"{address} in {place}" and not first.startswith(f"{address} "):
                found.append(f"{place}.names: {name} is also {first}, and only the first would be found: take one of them out")
    return found


def _is_address(value: Any) -> bool:
    try:
        ip_address(str(value))
    except ValueError:
        return False
    return True
