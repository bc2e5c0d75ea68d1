# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses, policy rules, routes and tunnel devices, by iproute2."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterable, List, Mapping, Sequence

from .commands import HostError, Runner, check
from .kind import Kind
from .plan import Change


class Addresses(Kind):
    """`10.0.0.129/32 dev front`: present."""

    name = "address"

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        found = {}
        for link in _json(self._run, "address", "show"):
            for address in link.get("addr_info", ()):
                if "local" in address:
                    found[f"{address['local']}/{address['prefixlen']} dev {link['ifname']}"] = "present"
        return found

    def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            options = change.name.split()
            if change.after is None:
                check(self._run, "ip", "address", "delete", *options)
                continue
            # A VIP is the same on several hosts on purpose: duplicate address detection would take it away.
            check(self._run, "ip", "address", "add", *options, *(["nodad"] if ":" in options[0] else []))


class Rules(Kind):
    """`4242 from 192.168.239.148 lookup 4242`: present. The number before is the priority."""

    name = "rule"

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        # A host without IPv6 has no such rules either, and says so with an error.
        families = sorted({_family(name.split()[2]) for name in names})
        return {_rule_name(rule): "present" for family in families for rule in _json(self._run, family, "rule", "show")}

    def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            priority, *options = change.name.split()
            verb = "delete" if change.after is None else "add"
            check(self._run, "ip", _family(options[1]), "rule", verb, "priority", priority, *options)


class Routes(Kind):
    """`default table 4242`: `via 192.168.239.152`."""

    name = "route"

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        found = {}
        for route in _json(self._run, "-4", "route", "show", "table", "all"):
            if route.get("type", "unicast") in ("unicast", "local"):
                found[_route_name(route)] = _route_value(route)
        return found

    def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            verb = "delete" if change.after is None else "replace"
            value = (change.after or change.before or "").split()
            check(self._run, "ip", "route", verb, *change.name.split(), *value)


class Links(Kind):
    """`tunl0`: `up`. Only tunnel devices that a kernel module brings along: they are never created or deleted here."""

    name = "link"
    ours_by_name = False

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        return {link["ifname"]: "up" if "UP" in link.get("flags", ()) else "down" for link in _json(self._run, "link", "show")}

    def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.before is None:
                raise HostError(
                    f"there is no interface {change.name}: its kernel module did not make it in this network namespace"
                )
            check(self._run, "ip", "link", "set", change.name, change.after or "down")


class Decapsulators(Kind):
    """`6080`: `gue`. UDP ports on which the kernel unwraps (ip-fou(8))."""

    name = "decapsulator"

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        # Without the kernel module there are none, and the command fails.
        done = self._run(["ip", "fou", "show"], None)
        found = {}
        for line in done.output.splitlines() if not done.code else ():
            words = line.split()
            if "port" in words:
                found[words[words.index("port") + 1]] = "gue" if "gue" in words else "fou"
        return found

    def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.before is not None:
                check(self._run, "ip", "fou", "delete", "port", change.name)
            if change.after is not None:
                check(self._run, "ip", "fou", "add", "port", change.name, change.after)


def _json(runner: Runner, *options: str) -> List[Mapping[str, Any]]:
    found: List[Mapping[str, Any]] = json.loads(check(runner, "ip", "-json", *options) or "[]")
    return found


def _family(address: str) -> str:
    return "-6" if ":" in address else "-4"


_RULE_KEYS = {"priority", "src", "srclen", "table", "suppress_prefixlength", "suppress_prefixlen", "protocol"}


def _rule_name(rule: Mapping[str, Any]) -> str:
    source = rule.get("src", "all")
    if "srclen" in rule:
        source += f"/{rule['srclen']}"
    name = f"{rule['priority']} from {source} lookup {rule.get('table', '')}"
    if "suppress_prefixlength" in rule or "suppress_prefixlen" in rule:
        name += f" suppress_prefixlength {rule.get('suppress_prefixlength', rule.get('suppress_prefixlen'))}"
    # Whatever else it asks for makes it another rule than ours.
    return " ".join([name, *(f"{key} {rule[key]}" for key in sorted(set(rule) - _RULE_KEYS))])


def _route_name(route: Mapping[str, Any]) -> str:
    name = str(route["dst"])
    if route.get("table", "main") != "main":
        name += f" table {route['table']}"
    if route.get("metric"):
        name += f" metric {route['metric']}"
    return name


def _route_value(route: Mapping[str, Any]) -> str:
    # The card follows from the gateway.
    parts = [f"via {route['gateway']}"] if "gateway" in route else [f"dev {route['dev']}"] if "dev" in route else []
    for metrics in route.get("metrics", ()):
        if "advmss" in metrics:
            parts.append(f"advmss {metrics['advmss']}")
    return " ".join(parts)
