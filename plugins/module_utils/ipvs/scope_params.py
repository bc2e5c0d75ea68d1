# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scope from what a task or a file says. Every problem is told with its place."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Callable, Mapping

from .errors import InvalidOptionError, InvalidTableError
from .fields import truth
from .keys import service_key
from .model import ServiceKey, pack_address, parse_address
from .problems import Problems
from .scope import AddressRange, Scope

SCOPE_OPTIONS = ("all", "addresses", "networks", "fwmarks", "services")
FWMARK_MAX = 2**32 - 1

_RANGE = re.compile(r"\s*([0-9]{1,10})\s*(?:-\s*([0-9]{1,10})\s*)?\Z")
# As results name them.
_NAME = re.compile(r"(?P<protocol>\w+) (?:\[(?P<ipv6>[^\]]+)\]|(?P<ipv4>[^:\[\]]+)):(?P<port>[0-9]{1,5})\Z")
_MARK_NAME = re.compile(r"fwmark (?P<fwmark>[0-9]{1,10})(?: (?P<family>\w+))?\Z")


def read_scope(raw: Any) -> Scope:
    problems = Problems()
    if not isinstance(raw, Mapping):
        raise InvalidTableError([f"scope: {raw!r} is not a dictionary: use {', '.join(SCOPE_OPTIONS)}"])
    problems.unknown_options("scope", raw, SCOPE_OPTIONS)

    def items(option: str, read: Callable[[str, Any], Any]) -> list[Any]:
        given = raw.get(option)
        if given is None:
            return []
        if not isinstance(given, (list, tuple)):
            problems.add("scope", InvalidOptionError(option, f"{given!r} is not a list"))
            return []
        found = []
        for index, item in enumerate(given):
            with problems.of("scope"):
                found.append(read(f"{option}[{index}]", item))
        return found

    addresses = items("addresses", _host) + items("networks", _network)
    fwmarks, services = items("fwmarks", _marks), items("services", _service)
    everything = False
    with problems.of("scope"):
        everything = truth("all")(raw.get("all") or False)
    scope = Scope(tuple(addresses), tuple(fwmarks), frozenset(services), everything)
    problems.check()
    if scope == Scope():
        raise InvalidTableError([f"scope: it names nothing: use {', '.join(SCOPE_OPTIONS)}, or leave scope out"])
    return scope


def _host(option: str, text: Any) -> AddressRange:
    try:
        family, address = parse_address(text)
    except (TypeError, ValueError):
        raise InvalidOptionError(option, f"{text!r} is not an IPv4 or IPv6 address: for a network use networks") from None
    packed = pack_address(family, address)
    return family, packed, packed


def _network(option: str, text: Any) -> AddressRange:
    try:
        family, address = parse_address(text.partition("/")[0])
        network = ipaddress.ip_network(text, strict=False)
    except (AttributeError, ValueError):
        raise InvalidOptionError(option, f"{text!r} is not an IPv4 or IPv6 network: use one like 192.0.2.0/24") from None
    first = network.network_address.packed
    if pack_address(family, address) != first:
        raise InvalidOptionError(option, f"{text} has host bits set: use {network}, or addresses for a single one")
    return family, first, network.broadcast_address.packed


def _marks(option: str, text: Any) -> tuple[int, int]:
    match = _RANGE.match(str(text)) if isinstance(text, (str, int)) and not isinstance(text, bool) else None
    if not match:
        raise InvalidOptionError(option, f"{text!r} is neither a firewall mark nor a range like 100-199")
    first = int(match.group(1))
    last = first if match.group(2) is None else int(match.group(2))
    if not 1 <= first <= last <= FWMARK_MAX:
        raise InvalidOptionError(option, f"{text!r} is out of range: use 1..{FWMARK_MAX}, the smaller one first")
    return first, last


def _service(option: str, text: Any) -> ServiceKey:
    name = _NAME.match(text) or _MARK_NAME.match(text) if isinstance(text, str) else None
    if not name:
        raise InvalidOptionError(
            option,
            f"{text!r} names no service: use the form of results, such as 'tcp 192.0.2.10:80', 'udp [2001:db8::10]:53' or"
            " 'fwmark 7 ipv4'",
        )
    parts = name.groupdict()
    try:
        return service_key({**parts, "address": parts.get("ipv4") or parts.get("ipv6")})
    except InvalidOptionError as error:
        raise InvalidOptionError(option, str(error)) from None
