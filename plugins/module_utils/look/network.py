# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cards, addresses, settings, and the way that a packet would take."""

from __future__ import annotations

import glob
import json
import os
from typing import Any, Dict, List, Mapping, Sequence

from ..host.commands import Runner
from ..host.kernel import Sysctls
from ..host.network import Addresses

# linux/if_arp.h
_ETHERNET = "1"
_SETTINGS = ("net/ipv4/ip_forward", "net/ipv4/conf/*/rp_filter")


def addresses_look(runner: Runner) -> List[str]:
    return sorted(Addresses(runner).read([]))


def cards_look(root: str = "/") -> Dict[str, Dict[str, Any]]:
    """Each device with its hardware address and MTU, and whether it is a card, which has frames and ARP."""
    found = {}
    for folder in sorted(glob.glob(os.path.join(root, "sys/class/net/*"))):
        if not os.path.isdir(folder):
            continue
        facts = {name: _line(os.path.join(folder, name)) for name in ("address", "mtu", "type")}
        if facts["mtu"]:
            found[os.path.basename(folder)] = {
                "mac": facts["address"],
                "mtu": int(facts["mtu"]),
                "ethernet": facts["type"] == _ETHERNET,
            }
    return found


def segments(cards: Mapping[str, Mapping[str, Any]], addresses: Sequence[str]) -> List[str]:
    """The cards that take part in a segment: those with an IPv4 address."""
    with_address = {name.rpartition(" dev ")[2] for name in addresses if ":" not in name.split("/")[0]}
    return [name for name, card in cards.items() if card["ethernet"] and name in with_address]


def settings_look(root: str = "/") -> Dict[str, str]:
    """Settings as the kernel has them, those of all cards."""
    settings = Sysctls(root)
    return settings.read(sorted(settings.expand(dict.fromkeys(_SETTINGS, ""))))


def ways_look(ways: Sequence[Mapping[str, str]], runner: Runner) -> List[Dict[str, str]]:
    """Where a packet from one address to another leaves the host: its next hop, empty for a neighbour, and its card."""
    found = []
    for way in ways:
        source = ["from", way["source"]] if way.get("source") else []
        family = ["-6"] if ":" in way["to"] else []
        done = runner(["ip", *family, "-json", "route", "get", way["to"], *source], None)
        routes = json.loads(done.output or "[]") if not done.code else []
        route = routes[0] if routes else {}
        error = "" if route else (done.error.splitlines() or ["there is no route"])[-1]
        found.append(
            {
                "to": way["to"],
                "source": way.get("source", ""),
                "gateway": str(route.get("gateway", "")),
                "card": str(route.get("dev", "")),
                "type": str(route.get("type", "unicast")),
                "own": str(route.get("prefsrc", "")),
                "error": error,
            }
        )
    return found


def _line(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""
