# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings that each interface has, and `all` has once more, of which the kernel takes the greater value.

So it is with arp_ignore, arp_announce and rp_filter (IN_DEV_MAXCONF in the kernel). Others, such as forwarding, are combined
otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Mapping, Optional, Sequence

from .config import ConfigFile, Override, winners
from .model import as_number

ALL = "all"
# The template of interfaces that are made later.
DEFAULT = "default"


def conf_key(interface: str, name: str) -> str:
    return f"net/ipv4/conf/{interface}/{name}"


def conf_keys(interfaces: Iterable[str], names: Sequence[str]) -> list[str]:
    """The keys of `all` and of each interface."""
    return [conf_key(interface, name) for interface in (ALL, *interfaces) for name in names]


def own_value(runtime: Mapping[str, str], interface: str, name: str) -> Optional[int]:
    return as_number(runtime.get(conf_key(interface, name)))


def effective(runtime: Mapping[str, str], interface: str, name: str) -> Optional[int]:
    """What the kernel goes by; None where the interface has vanished."""
    own = own_value(runtime, interface, name)
    everywhere = own_value(runtime, ALL, name)
    return own if own is None or everywhere is None else max(own, everywhere)


@dataclass(frozen=True)
class Excess:
    """The effective value of an interface is above the wanted one, because another key is greater."""

    interface: str
    name: str
    wanted: int
    found: int
    # Where the greater value stands: `all`, or the interface itself.
    holder: str


def excesses(
    runtime: Mapping[str, str], wanted: Mapping[str, str], interfaces: Sequence[str], names: Sequence[str]
) -> list[Excess]:
    """Where the running kernel goes by more than what is wanted."""
    found = []
    for interface, name, want, holder in _rivals(wanted, interfaces, names):
        value = own_value(runtime, holder, name)
        if value is not None and value > want:
            found.append(Excess(interface, name, want, value, holder))
    return found


def boot_excesses(
    files: Sequence[ConfigFile], wanted: Mapping[str, str], interfaces: Sequence[str], names: Sequence[str]
) -> list[tuple[Excess, Override]]:
    """Where the files make the kernel go by more than what is wanted from the next boot on, and the line that does it."""
    found = []
    for interface, name, want, holder in _rivals(wanted, [*interfaces, DEFAULT], names):
        key = conf_key(holder, name)
        for line, procps_only in winners(files, key):
            value = as_number(line.value)
            if value is not None and value > want:
                found.append((Excess(interface, name, want, value, holder), Override(line, key, str(want), procps_only)))
    return found


def _rivals(wanted: Mapping[str, str], interfaces: Sequence[str], names: Sequence[str]) -> list[tuple[str, str, int, str]]:
    """Interface, setting, wanted value, and the one that is not managed and may be greater."""
    rivals = []
    for name in names:
        everywhere = as_number(wanted.get(conf_key(ALL, name)))
        for interface in interfaces:
            own = as_number(wanted.get(conf_key(interface, name)))
            # Neither ARP nor other hosts' packets ever come in on lo.
            if interface == "lo" or (own is None) == (everywhere is None):
                continue
            if everywhere is not None:
                rivals.append((interface, name, everywhere, interface))
            elif own is not None:
                rivals.append((interface, name, own, ALL))
    return rivals
