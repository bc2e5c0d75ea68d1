# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policy objects of our own in firewalld, over D-Bus (firewalld.dbus(5)).

What another table lets through, firewalld still refuses at the end of its own: so it has to be told itself. A policy stands before all
zones, whichever cards they have, and nothing of the host's own zones is touched.

Over D-Bus by busctl, since firewall-cmd is a program of Python that takes a second where busctl takes a moment.
"""

from __future__ import annotations

import glob
import json
import os
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence

from .commands import HostError, Runner, check
from .kind import Kind
from .plan import Change

PREFIX = "lvs-"
# Before the zones, which end by refusing.
PRIORITY = -1
_NAME = "org.fedoraproject.FirewallD1"
_PATH = "/org/fedoraproject/FirewallD1"
# One that is just starting has its name, and answers when it has loaded its rules.
_BUSCTL = ("busctl", "--json=short", "--auto-start=no", "--timeout=90", "call", "--", _NAME)
# Where what holds now differs from what firewalld would load: the policy as it is loaded, after its lasting form.
_NOW = "now:"
# The value of a policy that cannot be looked at, and holds only when firewalld runs again.
_STOPPED = "firewalld does not run"
# linux/if_arp.h
_ETHERNET = "1"
# What firewalld gives to each policy.
_USUAL = {"target": "CONTINUE", "priority": PRIORITY}


class Policies(Kind):
    """`lvs-in`: `from ANY to HOST`, then its rich rules, one a line, as firewall-cmd prints them.

    The value stands for both forms that firewalld has of it, the lasting one and the one that is loaded.
    """

    name = "policy"
    lasting = True
    only_ours = True

    def __init__(self, runner: Runner, root: str = "/") -> None:
        self._run = runner
        self._root = root
        self._folder = os.path.join(root, "etc/firewalld/policies")

    def expand(self, wanted: Mapping[str, str]) -> Mapping[str, str]:
        return {name: _sorted(text.splitlines()) for name, text in wanted.items()}

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        found = {}
        for name in names:
            try:
                lasting, now = self._lasting(name), self._loaded(name)
            except _StoppedError:
                if os.path.exists(self._file(name)):
                    found[name] = _STOPPED
                continue
            forms = [_text(lasting.settings if lasting else None), _text(now)]
            if any(forms):
                found[name] = forms[0] if forms[0] == forms[1] else "\n".join([forms[0], _NOW, forms[1]]).strip("\n")
        return found

    def merge(self, have: str, want: str) -> str:
        head, *rules = want.splitlines()
        lasting = have.split(f"\n{_NOW}")[0].splitlines()
        return _sorted([head, *{*rules, *(line for line in lasting[1:] if line.startswith("rule "))}])

    def apply(self, changes: Sequence[Change]) -> None:
        # A policy becomes known, and is forgotten, only when firewalld loads all it has anew. Its rules come and go without that.
        anew = False
        for change in changes:
            try:
                anew = self._apply(change) or anew
            except _StoppedError:
                if change.after is not None:
                    raise HostError(
                        f"policy {change.name}: firewalld does not run on this host: start it, or set lvs_firewall to another filter"
                    ) from None
                check(self._run, "firewall-offline-cmd", f"--delete-policy={change.name}")
            # firewalld keeps the last form of each file. What we made once is nothing to go back to.
            if os.path.exists(self._file(change.name) + ".old"):
                os.unlink(self._file(change.name) + ".old")
        if anew:
            self._call("", "reload")

    def _apply(self, change: Change) -> bool:
        """:return: whether firewalld has to load everything anew"""
        lasting = self._lasting(change.name)
        if change.after is None:
            if lasting:
                self._call_at(lasting.path, "config.policy", "remove")
            return True
        head, *rules = change.after.splitlines()
        rich = ["rich_rules", "as", str(len(rules)), *rules]
        if lasting and _text(lasting.settings).splitlines()[0] == head:
            self._call_at(lasting.path, "config.policy", "update", "a{sv}", "1", *rich)
            # What is loaded may have got more than rules.
            if _text(self._loaded(change.name)).split("\n", maxsplit=1)[0] != head:
                return True
            self._call("/policy", "setPolicySettings", "sa{sv}", change.name, "1", *rich)
            return False
        if lasting:
            self._call_at(lasting.path, "config.policy", "remove")
        _from, source, _to, target = head.split()
        if target == "ANY":
            self._check_zones()
        zones = ["ingress_zones", "as", "1", source, "egress_zones", "as", "1", target]
        usual = ["target", "s", "CONTINUE", "priority", "i", str(PRIORITY)]
        self._call("/config", "addPolicy", "sa{sv}", change.name, "5", *usual, *zones, *rich)
        return True

    def _check_zones(self) -> None:
        # From version 2 on there is no dispatch to policies between two cards that are in the default zone only for want of another
        # (firewalld, fw_policy.py: _ingress_egress_zone).
        version = str(self._call_at(_PATH, "org.freedesktop.DBus.Properties", "Get", "ss", _NAME, "version")["data"])
        zones = self._call("/zone", "getActiveZones")
        bound = {card for zone in zones.values() for card in zone.get("interfaces", ())}
        loose = [card for card in self._cards() if card not in bound]
        if int(version.split(".", maxsplit=1)[0]) > 1 and len(loose) > 1:
            raise HostError(
                f"firewalld: the cards {', '.join(loose)} are in no zone by name, and firewalld {version} lets no policy decide what passes "
                f"between such cards: give all but one a zone, as by firewall-cmd --permanent --zone=ZONE --change-interface={loose[-1]}, "
                "and have it loaded with firewall-cmd --reload"
            )

    def _cards(self) -> List[str]:
        """The cards that packets may pass between: those that are up, and no port of a bridge."""
        found = []
        for path in sorted(glob.glob(os.path.join(self._root, "sys/class/net/*"))):
            if (
                not os.path.exists(f"{path}/master")
                and _content(f"{path}/type") == _ETHERNET
                and int(_content(f"{path}/flags"), 16) & 1
            ):
                found.append(os.path.basename(path))
        return found

    def _lasting(self, name: str) -> Optional[_Lasting]:
        path = self._call("/config", "getPolicyByName", "s", name, missing="INVALID_POLICY")
        return None if path is None else _Lasting(path, self._call_at(path, "config.policy", "getSettings"))

    def _loaded(self, name: str) -> Optional[Mapping[str, Any]]:
        found: Optional[Mapping[str, Any]] = self._call("/policy", "getPolicySettings", "s", name, missing="INVALID_POLICY")
        return found

    def _call(self, what: str, method: str, *arguments: str, missing: str = "") -> Any:
        """Call one of firewalld's own objects. Its permanent configuration is an object, and what is loaded an interface of another."""
        path = _PATH + what if what == "/config" else _PATH
        return self._call_at(path, what.strip("/"), method, *arguments, missing=missing)

    def _call_at(self, path: str, interface: str, method: str, *arguments: str, missing: str = "") -> Any:
        """What a method returns; None for an error that begins with the word `missing`.

        :raises _StoppedError: nobody has firewalld's name on the bus
        """
        whole = interface if interface.startswith("org.") else ".".join(filter(None, [_NAME, interface]))
        done = self._run([*_BUSCTL, path, whole, method, *arguments], None)
        if not done.code:
            return json.loads(done.output)["data"][0] if done.output.strip() else None
        if missing and missing in done.error:
            return None
        # No such name, no bus, or no busctl.
        if done.code == 127 or any(words in done.error for words in _NOBODY):
            raise _StoppedError
        raise HostError(f"firewalld, {method} {' '.join(arguments[1:2])}: {done.error}")

    def _file(self, name: str) -> str:
        return os.path.join(self._folder, f"{name}.xml")


class _Lasting(NamedTuple):
    path: str
    settings: Mapping[str, Any]


class _StoppedError(Exception):
    """There is nobody to ask."""


_NOBODY = ("was not provided by any .service files", "not activatable", "Failed to connect to bus", "does not exist")


def _text(settings: Optional[Mapping[str, Any]]) -> str:
    """A policy as text, from its settings as busctl prints them; empty for none."""
    if settings is None:
        return ""
    facts = {key: value["data"] for key, value in settings.items()}
    head = f"from {' '.join(facts.pop('ingress_zones', ()))} to {' '.join(facts.pop('egress_zones', ()))}"
    rules = facts.pop("rich_rules", [])
    # What somebody else has put in: it shows, and goes at the next run.
    more = [f"; {key} {json.dumps(value)}" for key, value in sorted(facts.items()) if value and value != _USUAL.get(key)]
    return _sorted([head + "".join(more), *rules])


def _content(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def _sorted(lines: Sequence[str]) -> str:
    # All rules accept, so their order says nothing.
    return "\n".join([*lines[:1], *sorted(lines[1:])])
