# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which check asks for which of the things that the parts want of their hosts. Each belongs to exactly one."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, Callable, Dict, List, Mapping, Tuple

from .cluster import Cluster, Item
from .model import CouldNotLookError, Seen, View

Change = Mapping[str, Any]

# Part, kind, name, and the check: the first line that fits.
_RULES: Tuple[Tuple[str, str, str, str], ...] = (
    ("director|gateway", "sysctl", r"ip_forward$|conf[./]all[./]forwarding$", "forwarding"),
    ("director|gateway", "sysctl", r"send_redirects$", "redirects"),
    ("director", "sysctl", r"vs[./]conntrack$|net[./]netfilter[./]", "source_translation"),
    ("director", "sysctl", r"ipv4[./]vs[./]", "connection_settings"),
    ("director", "module", r"", "kernel_modules"),
    ("director", "address", r"", "vip"),
    ("director", "ipvs", r"", "table"),
    ("director", "route", r"", "next_hops"),
    ("director", "chain|jump", r"^\S+ nat ", "source_translation"),
    ("director", "chain|jump", r"^\S+ mangle ", "marks"),
    ("gateway", "chain|jump", r"", "masquerade"),
    ("realserver", "rule", r"", "gateway"),
    ("realserver", "route", r"^(default|::/0)", "gateway"),
    ("realserver", "route|address", r"", "vip"),
    ("realserver", "chain|jump", r"LVS-REPLIES$", "gateway"),
    ("realserver", "chain|jump", r"LVS-REALSERVER$", "segment_size"),
    ("realserver", "chain|jump", r"^arptables ", "arp_policy"),
    ("realserver", "module|link|decapsulator", r"", "tunnel"),
    ("realserver", "sysctl", r"rp_filter$", "rp_filter"),
    ("firewall", "chain|jump|policy|nft_chain|nft_pass", r"", "firewall"),
    (".*", "file|unit", r"", "boot"),
)


@lru_cache(maxsize=None)
def check_of(part: str, kind: str, name: str) -> str:
    """The name of the check; empty where there is none."""
    for parts, kinds, names, check in _RULES:
        if re.fullmatch(parts, part) and re.fullmatch(kinds, kind) and re.search(names, name):
            return check
    return ""


def hosts_with(check: str) -> Callable[[Cluster], List[str]]:
    """The hosts that are to have anything that a check asks for."""

    def hosts(cluster: Cluster) -> List[str]:
        return [host for host in cluster.hosts if any(wanted_by(check, item) for item in cluster.items(host))]

    return hosts


def wanted_by(check: str, item: Item) -> bool:
    return check_of(item.part, item.kind, item.name) == check


def changes(view: View, host: str, *parts: str) -> List[Tuple[str, Change]]:
    """What differs from what the parts of a host are to have, with the part.

    :raises CouldNotLookError: a part cannot be looked at
    """
    found: Dict[Tuple[str, str], Tuple[str, Change]] = {}
    for part, look in view.looks.host(host, "parts").items():
        if parts and part not in parts:
            continue
        if look["error"]:
            raise CouldNotLookError(str(look["error"]))
        for change in look["changes"]:
            # Two parts may want one setting.
            found.setdefault((change["kind"], change["name"]), (part, change))
    return list(found.values())


def missed(view: View, host: str, check: str) -> List[Change]:
    """Those of a check, but for what is only left over."""
    own = {item.part for item in view.cluster.items(host) if wanted_by(check, item)}
    return [
        change
        for part, change in changes(view, host, *own)
        if not change["retreat"] and check_of(part, change["kind"], change["name"]) == check
    ]


def as_declared(check: str) -> Callable[[View, str], Seen]:
    """Whether a host has all that the parts want of it and this check asks for."""

    def judge(view: View, host: str) -> Seen:
        wrong = missed(view, host, check)
        number = sum(1 for item in view.cluster.items(host, view.looks.host(host, "firewall")) if wanted_by(check, item))
        return Seen(f"{number} as declared", [spoken(change) for change in wrong])

    return judge


def spoken(change: Change) -> str:
    """A difference as a person says it."""
    name = f"{change['kind']} {change['name']}"
    before, after = change["before"], change["after"]
    if before is None:
        return f"{name} is missing"
    if after is None:
        return f"{name} is left over"
    if change["kind"] == "ipvs":
        have, want = json.loads(before), json.loads(after)
        return f"{name}: " + ", ".join(
            f"{key} is {have.get(key)}, declared {want[key]}" for key in want if have.get(key) != want[key]
        )
    if change["kind"] == "file":
        return f"{name} says something else"
    if "\n" in f"{before}{after}":
        have, want = before.splitlines(), after.splitlines()
        gone = [f"lacks '{line}'" for line in want if line not in have]
        more = [f"has '{line}' besides" for line in have if line not in want]
        return f"{name} {', '.join([*gone, *more]) or 'is in another order'}"
    return f"{name} is {before or 'empty'}, declared {after}"
