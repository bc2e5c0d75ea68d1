# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ARP policy of an LVS real server: module parameters to a goal, and what may stand in its way."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from .config import FOLDERS, SUFFIX, SYSCTL_CONF, ConfigFile, Override, is_pattern, is_read, mask, overrides, render, with_own
from .errors import InvalidOptionError
from .interfaces import ALL, DEFAULT, Excess, boot_excesses, conf_key, excesses
from .model import Goal, State, show_key

ARP_ANNOUNCE = "arp_announce"
ARP_IGNORE = "arp_ignore"
NAMES = (ARP_ANNOUNCE, ARP_IGNORE)
# With 8 the kernel answers no ARP request at all, not even for the real IP.
SILENT = 8
DEFAULT_FILE = "/etc/sysctl.d/60-lvs-arp.conf"
HEADER = (
    "Managed by the Ansible module lvs.cluster.arp_sysctl, which replaces the whole file.",
    "How this real server treats ARP for the VIP. For each interface the kernel takes the greater of its own value",
    "and that of `all`.",
)

ARP_SPEC: dict[str, dict[str, Any]] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "interfaces": {"type": "list", "elements": "str", "default": [ALL]},
    "arp_ignore": {"type": "int", "choices": [0, 1, 2, 3, SILENT], "default": 1},
    "arp_announce": {"type": "int", "choices": [0, 1, 2], "default": 2},
    "allow_silent": {"type": "bool", "default": False},
    "runtime": {"type": "bool", "default": True},
    "persistent": {"type": "bool", "default": True},
    "file": {"type": "path", "default": DEFAULT_FILE},
}


@dataclass(frozen=True)
class ArpIntent:
    present: bool
    interfaces: tuple[str, ...]
    values: Mapping[str, int]
    runtime: bool
    persistent: bool
    file: str

    def goal(self, existing: Sequence[str]) -> Goal:
        if not self.present:
            return Goal(False, {}, self.runtime, self.persistent)
        for index, interface in enumerate(self.interfaces):
            if interface != ALL and interface not in existing:
                raise InvalidOptionError(
                    f"interfaces[{index}]",
                    f"{interface!r} is no interface of this host: use some of {', '.join([ALL, *existing])},"
                    " or create the interface first",
                )
        values = {conf_key(interface, name): str(self.values[name]) for interface in self.interfaces for name in NAMES}
        return Goal(True, values, self.runtime, self.persistent)

    def advice(self, goal: Goal, predicted: State, existing: Sequence[str], files: Sequence[ConfigFile]) -> Advice:
        """What keeps the goal from having the effect that it is meant to have."""
        if not self.present:
            return Advice()
        warnings = []
        if set(self.interfaces) == {"lo"}:
            warnings.append(
                "interfaces: lo alone has no effect, since ARP never arrives on lo: add all, or the card that faces the clients"
            )
        if self.runtime:
            warnings += [_running_text(found) for found in excesses(predicted.runtime, goal.values, existing, NAMES)]
        if not self.persistent:
            return Advice(tuple(warnings))
        own = ConfigFile(self.file, render(goal.values, HEADER))
        if not is_read(self.file):
            warnings.append(f"file: nothing reads {self.file} at boot: choose a file in {', '.join(FOLDERS[:-1])}")
            return Advice(tuple(warnings))
        hiding = mask(files, own)
        if hiding:
            warnings.append(f"file: {hiding} is read instead of {self.file} at boot: remove it, or choose another name")
            return Advice(tuple(warnings))
        lines = overrides(files, own)
        raised = boot_excesses(with_own(files, own), goal.values, existing, NAMES)
        warnings += [_override_text(found, self.file) for found in lines]
        warnings += [_boot_text(found, cause) for found, cause in raised]
        # One line about `all` may be in the way of several interfaces.
        return Advice(tuple(warnings), tuple(dict.fromkeys([*lines, *(cause for _found, cause in raised)])))


@dataclass(frozen=True)
class Advice:
    warnings: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()


def arp_intent(params: Mapping[str, Any]) -> ArpIntent:
    present = params["state"] == "present"
    if not params["runtime"] and not params["persistent"]:
        raise InvalidOptionError("persistent", "with runtime false, too, there is nothing to manage: set one of them to true")
    # What is to go is known from the record; the list may name interfaces that went before.
    interfaces = _interfaces(params["interfaces"], params["persistent"]) if present else ()
    if present and params["arp_ignore"] == SILENT and not params["allow_silent"]:
        raise InvalidOptionError(
            "arp_ignore",
            f"{SILENT} answers no ARP request at all, so the real IP cannot be reached either: use 1,"
            " or set allow_silent to true if neighbours know the host's address otherwise",
        )
    values = {name: params[name] for name in NAMES}
    return ArpIntent(present, interfaces, values, params["runtime"], params["persistent"], _file(params["file"]))


def _interfaces(names: Sequence[str], persistent: bool) -> tuple[str, ...]:
    if not names:
        raise InvalidOptionError("interfaces", "the list is empty: use all, or set state to absent")
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        place = f"interfaces[{index}]"
        if name == DEFAULT:
            raise InvalidOptionError(
                place,
                "'default' is no interface but a template, and the kernel copies it to interfaces that have no address yet:"
                " use all, which holds for later interfaces, too",
            )
        if name in first:
            raise InvalidOptionError(place, f"duplicate {name!r}, first at interfaces[{first[name]}]: leave one of them out")
        if persistent and (is_pattern(name) or any(character in name for character in "={}\\")):
            raise InvalidOptionError(
                place, f"{name!r} would be a pattern in sysctl.d: use all, rename the interface, or set persistent to false"
            )
        first[name] = index
    return tuple(names)


def _file(path: str) -> str:
    if not posixpath.isabs(path):
        raise InvalidOptionError("file", f"{path!r} is not an absolute path: use one such as {DEFAULT_FILE}")
    path = "/" + posixpath.normpath(path).lstrip("/")
    if path == SYSCTL_CONF:
        raise InvalidOptionError(
            "file", f"{path} belongs to the whole host, and this module replaces its file: use {DEFAULT_FILE}"
        )
    if not path.endswith(SUFFIX):
        raise InvalidOptionError(
            "file", f"{path} does not end in {SUFFIX}, so nothing would read it: use one such as {DEFAULT_FILE}"
        )
    return path


def _running_text(found: Excess) -> str:
    return (
        f"{found.name} on {found.interface} is {found.found} instead of {found.wanted}, since the kernel takes the greater of"
        f" its own value and that of all, and {found.holder} has {found.found}: add {found.holder} to interfaces"
    )


def _boot_text(found: Excess, cause: Override) -> str:
    who = "interfaces that come later" if found.interface == DEFAULT else found.interface
    remedy = "" if found.holder == DEFAULT else f", or add {found.holder} to interfaces"
    return (
        f"{_where(cause)} sets {show_key(cause.key)} to {found.found}{_when(cause)}, so {found.name} on {who} becomes"
        f" {found.found} instead of {found.wanted}: remove that line{remedy}"
    )


def _override_text(found: Override, file: str) -> str:
    key, line = show_key(found.key), found.line
    does = f"excludes {key}, so that nothing sets it" if line.value is None else f"sets {key} to {line.value}"
    # Nothing sorts after what `sysctl --system` reads last.
    remedy = "" if found.procps_only else f", or choose a file whose name sorts after {posixpath.basename(line.path)}"
    return f"{_where(found)} {does}{_when(found)}, and wins over {found.wanted} from {file}: remove that line{remedy}"


def _where(found: Override) -> str:
    return f"{found.line.path} line {found.line.number}"


def _when(found: Override) -> str:
    return " whenever `sysctl --system` runs (systemd does not read it at boot)" if found.procps_only else " at boot"
