# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's network: one namespace without a way out, a bridge for each network, a tap for each card.

Read with `ip -json`, planned purely, applied command by command.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from .commands import LabError, Run, must
from .model import Network
from .realm import Realm

# The namespace is plugged into every network, and must neither route between them nor talk on them by itself.
QUIET: Mapping[str, str] = {
    "net/ipv4/ip_forward": "0",
    "net/ipv4/conf/all/arp_ignore": "1",
    "net/ipv4/conf/all/arp_announce": "2",
    "net/ipv6/conf/all/disable_ipv6": "1",
    "net/ipv6/conf/default/disable_ipv6": "1",
}


@dataclass(frozen=True)
class Switches:
    """What a lab's namespace holds.

    :param exists: whether there is a namespace at all
    :param bridges: the controller's addresses on each bridge
    :param taps: the bridge that each tap is plugged into; empty text for none
    :param settings: the settings of `QUIET` as they are
    :param broken: its name exists but no namespace behind it, as a machine leaves it that lost power while making one
    """

    exists: bool = False
    bridges: Mapping[str, Tuple[str, ...]] = field(default_factory=dict)
    taps: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    broken: bool = False

    def as_dict(self) -> Dict[str, object]:
        return {
            "exists": self.exists,
            "bridges": {name: list(addresses) for name, addresses in sorted(self.bridges.items())},
            "settings": dict(sorted(self.settings.items())),
        }


def wanted(networks: Iterable[Network], have: Switches) -> Switches:
    """The namespace that the networks ask for. Taps come and go with their hosts, so they stay as they are."""
    return Switches(True, {network.name: (network.controller_interface,) for network in networks}, have.taps, QUIET)


def plan(realm: Realm, have: Switches, want: Switches) -> Tuple[Tuple[str, ...], ...]:
    """The commands that turn `have` into `want`.

    Settings come before bridges, so that a bridge is quiet from its first moment; bridges that nobody wants go first, since
    their addresses may be wanted elsewhere.
    """
    remove = ("ip", "netns", "delete", realm.namespace)
    if not want.exists:
        return (remove,) if have.exists else ()
    ip = ("ip", "-n", realm.namespace)
    commands: List[Tuple[str, ...]] = [remove] if have.broken else []
    if have.broken or not have.exists:
        commands += [("ip", "netns", "add", realm.namespace), (*ip, "link", "set", "lo", "up")]
    for key, value in want.settings.items():
        if have.settings.get(key) != value:
            commands.append(realm.inside(("sysctl", "--quiet", "--write", f"{key.replace('/', '.')}={value}")))
    for name in have.bridges:
        if name not in want.bridges:
            commands.append((*ip, "link", "delete", name))
    for name, addresses in want.bridges.items():
        if name not in have.bridges:
            # No spanning tree and no learning about multicast: a card hears everything as soon as it is plugged in.
            commands.append(
                (*ip, "link", "add", name, "type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0")
            )
            commands.append((*ip, "link", "set", name, "up"))
        for address in have.bridges.get(name, ()):
            if address not in addresses:
                commands.append((*ip, "address", "delete", address, "dev", name))
        for address in addresses:
            if address not in have.bridges.get(name, ()):
                commands.append((*ip, "address", "add", address, "dev", name))
    return tuple(commands)


def plan_cards(realm: Realm, have: Switches, cards: Mapping[str, str]) -> Tuple[Tuple[str, ...], ...]:
    """The commands that plug the taps `cards` (tap -> network) in."""
    ip = ("ip", "-n", realm.namespace)
    commands: List[Tuple[str, ...]] = []
    for name, network in cards.items():
        if network not in have.bridges:
            raise LabError(f"network {network} is not there: run playbooks/lab_up.yml, which makes the networks before the hosts")
        if name not in have.taps:
            commands.append((*ip, "tuntap", "add", name, "mode", "tap"))
        if have.taps.get(name) != network:
            commands.append((*ip, "link", "set", name, "master", network, "up"))
    return tuple(commands)


def plan_unplug(realm: Realm, have: Switches, taps: Iterable[str]) -> Tuple[Tuple[str, ...], ...]:
    """The commands that remove taps which are there."""
    return tuple(("ip", "-n", realm.namespace, "link", "delete", name) for name in taps if name in have.taps)


def read(realm: Realm, run: Run) -> Switches:
    """Ask the kernel what a lab's namespace holds."""
    listed = must(run, ("ip", "-json", "netns", "list")).strip()
    if realm.namespace not in {entry["name"] for entry in json.loads(listed or "[]")}:
        return Switches()
    shown = run(("ip", "-n", realm.namespace, "-details", "-json", "address", "show"))
    if shown.code:
        return Switches(exists=True, broken=True)
    links = json.loads(shown.out or "[]")
    bridges: Dict[str, Tuple[str, ...]] = {}
    taps: Dict[str, str] = {}
    for link in links:
        kind = _kind(link)
        if kind == "bridge":
            bridges[link["ifname"]] = tuple(
                f"{entry['local']}/{entry['prefixlen']}" for entry in link.get("addr_info", ()) if entry.get("family") == "inet"
            )
        elif kind == "tun":
            taps[link["ifname"]] = link.get("master", "")
    keys = list(QUIET)
    values = must(run, realm.inside(("sysctl", "--values", *(key.replace("/", ".") for key in keys)))).split()
    return Switches(True, bridges, taps, dict(zip(keys, values)))


def apply(commands: Sequence[Sequence[str]], run: Run) -> None:
    for command in commands:
        must(run, command)


def _kind(link: Mapping[str, object]) -> Optional[str]:
    info = link.get("linkinfo")
    return str(info.get("info_kind")) if isinstance(info, Mapping) else None
