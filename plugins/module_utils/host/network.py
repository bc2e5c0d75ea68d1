# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses, policy rules, routes and tunnel devices, by iproute2."""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_network
from typing import Any, Dict, Iterable, List, Mapping, Sequence

from .commands import HostError, Runner, check
from .kind import Kind
from .plan import Change

# A VIP is the same on several hosts on purpose: duplicate address detection would take it away. And it is no address to speak from:
# the kernel would choose it for the longest common prefix, as the sender of a tunnel's packets, say.
_SHARED = ("nodad", "preferred_lft", "0")
# What a route over IPv6 has that says nothing else.
_METRIC6 = 1024


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
            check(self._run, "ip", "address", "add", *options, *(_SHARED if ":" in options[0] else []))


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
    """`default table 4242`: `via 192.168.239.152`. Over IPv6 the default is `::/0`. `onlink` stands last."""

    name = "route"

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    def expand(self, wanted: Mapping[str, str]) -> Mapping[str, str]:
        """Name the card that each gateway is behind: left to itself the kernel would look it up in the very table that is repaired."""
        if not any(_gateway(value) for value in wanted.values()):
            return wanted
        links = _json(self._run, "address", "show")
        return {name: _beside(value, links) for name, value in wanted.items()}

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        found = {}
        # As with rules, a host without IPv6 is not asked for any.
        for family in sorted({"-4", *map(_family, names)}):
            for route in _json(self._run, family, "route", "show", "table", "all"):
                if route.get("type", "unicast") in ("unicast", "local"):
                    found[_route_name(route, family)] = _route_value(route)
        return found

    def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            verb = "delete" if change.after is None else "replace"
            value = (change.after or change.before or "").split()
            family = ["-6"] if _family(change.name) == "-6" else []
            check(self._run, "ip", *family, "route", verb, *change.name.split(), *value)


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
    """`6080`: `gue`, or `6080 -6` over IPv6. UDP ports on which the kernel unwraps (ip-fou(8))."""

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
                family = " -6" if "-6" in words else ""
                found[words[words.index("port") + 1] + family] = "gue" if "gue" in words else "fou"
        return found

    def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.before is not None:
                check(self._run, "ip", "fou", "delete", "port", *change.name.split())
            if change.after is not None:
                check(self._run, "ip", "fou", "add", "port", *change.name.split(), change.after)


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


def _route_name(route: Mapping[str, Any], family: str = "-4") -> str:
    name = "::/0" if family == "-6" and route["dst"] == "default" else str(route["dst"])
    if route.get("table", "main") != "main":
        name += f" table {route['table']}"
    if route.get("metric") and (family, route["metric"]) != ("-6", _METRIC6):
        name += f" metric {route['metric']}"
    return name


def _route_value(route: Mapping[str, Any]) -> str:
    parts = [f"{word} {route[key]}" for word, key in (("via", "gateway"), ("dev", "dev")) if key in route]
    for metrics in route.get("metrics", ()):
        if "advmss" in metrics:
            parts.append(f"advmss {metrics['advmss']}")
    if "onlink" in route.get("flags", ()):
        parts.append("onlink")
    return " ".join(parts)


def _gateway(value: str) -> str:
    words = value.split()
    return words[1] if words[:1] == ["via"] and "dev" not in words else ""


def _beside(value: str, links: Iterable[Mapping[str, Any]]) -> str:
    gateway = _gateway(value)
    for link in links if gateway else ():
        for address in link.get("addr_info", ()):
            if "local" in address and _contains(f"{address['local']}/{address['prefixlen']}", gateway):
                first, second, *rest = value.split()
                return " ".join([first, second, "dev", link["ifname"], *rest])
    return value


def _contains(network: str, address: str) -> bool:
    return ip_address(address) in ip_network(network, strict=False)
