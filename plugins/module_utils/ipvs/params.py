# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module parameters to intents. Every message names the option and what to do."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Callable, Mapping

from .errors import InvalidOptionError
from .intent import RealServerIntent, ServiceIntent
from .model import (
    FAMILIES,
    FORWARDS,
    PROTOCOLS,
    TUNNEL_CHECKSUMS,
    TUNNEL_TYPES,
    DestinationKey,
    ServiceKey,
    pack_address,
    parse_address,
)

# ip_vs.h: the maximum of ipvsadm, 31 days; beyond some 49 days a 32 bit kernel's jiffies overflow.
PERSISTENCE_TIMEOUT_MAX = 31 * 24 * 3600
# The kernel's limit: IP_VS_SCHEDNAME_MAXLEN and IP_VS_PENAME_MAXLEN are 16 with the final zero.
NAME_PATTERN = re.compile(r"[a-z0-9_]{1,15}\Z")
INT_MAX = 2**31 - 1
SCHEDULER_FLAGS: dict[str, tuple[str, int]] = {
    "sh-fallback": ("sh", 1),
    "sh-port": ("sh", 2),
    "mh-fallback": ("mh", 1),
    "mh-port": ("mh", 2),
    "flag-1": ("", 1),
    "flag-2": ("", 2),
    "flag-3": ("", 4),
}

COMMON_SPEC: dict[str, dict[str, Any]] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "protocol": {"type": "str", "choices": list(PROTOCOLS), "default": "tcp"},
    "fwmark": {"type": "int"},
    "family": {"type": "str", "choices": list(FAMILIES), "default": "ipv4"},
    "load_module": {"type": "bool", "default": True},
}
SERVICE_SPEC: dict[str, dict[str, Any]] = {
    **COMMON_SPEC,
    "address": {"type": "str"},
    "port": {"type": "int"},
    "scheduler": {"type": "str"},
    "scheduler_flags": {"type": "list", "elements": "str", "choices": list(SCHEDULER_FLAGS)},
    "persistence_timeout": {"type": "int"},
    "persistence_netmask": {"type": "str"},
    "persistence_engine": {"type": "str"},
    "one_packet": {"type": "bool"},
}
REAL_SERVER_SPEC: dict[str, dict[str, Any]] = {
    **COMMON_SPEC,
    "service_address": {"type": "str"},
    "service_port": {"type": "int"},
    "address": {"type": "str", "required": True},
    "port": {"type": "int"},
    "forward": {"type": "str", "choices": list(FORWARDS)},
    "weight": {"type": "int"},
    "upper_threshold": {"type": "int"},
    "lower_threshold": {"type": "int"},
    "tunnel_type": {"type": "str", "choices": list(TUNNEL_TYPES)},
    "tunnel_port": {"type": "int"},
    "tunnel_checksum": {"type": "str", "choices": list(TUNNEL_CHECKSUMS)},
}


def service_intent(params: Mapping[str, Any]) -> ServiceIntent:
    key = _service_key(params, "address", "port")
    changes = _changes(
        params,
        {
            "scheduler": _name("scheduler"),
            "persistence_timeout": _between(
                "persistence_timeout", 0, PERSISTENCE_TIMEOUT_MAX, "seconds (31 days); 0 means no persistence"
            ),
            "persistence_netmask": lambda value: _netmask(key.family, value),
            "persistence_engine": lambda value: value and _name("persistence_engine")(value),
            "one_packet": bool,
        },
    )
    flags_for = ""
    if params.get("scheduler_flags") is not None:
        flags_for, changes["scheduler_flags"] = _scheduler_flags(params["scheduler_flags"])
    return ServiceIntent(key, params["state"] == "present", changes, flags_for)


def real_server_intent(params: Mapping[str, Any]) -> RealServerIntent:
    service = _service_key(params, "service_address", "service_port")
    port = service.port if params.get("port") is None else _between("port", 0, 65535)(params["port"])
    family, address = _address("address", params["address"])
    packed = ipaddress.ip_address(pack_address(family, address))
    if packed.is_multicast or packed.is_unspecified:
        raise InvalidOptionError("address", f"{address} cannot be a real server: use the address of one host")
    changes = _changes(
        params,
        {
            "forward": str,
            "weight": _between("weight", 0, INT_MAX, "; 0 means no new connections"),
            "upper_threshold": _between("upper_threshold", 0, INT_MAX, "connections; 0 means no limit"),
            "lower_threshold": _between("lower_threshold", 0, INT_MAX, "connections; 0 means unset"),
            "tunnel_type": str,
            "tunnel_port": _between("tunnel_port", 1, 65535),
            "tunnel_checksum": str,
        },
    )
    return RealServerIntent(service, DestinationKey(family, address, port), params["state"] == "present", changes)


def _changes(params: Mapping[str, Any], readers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """The options that were given: those left out keep the kernel's current values."""
    return {option: read(params[option]) for option, read in readers.items() if params.get(option) is not None}


def _service_key(params: Mapping[str, Any], address_option: str, port_option: str) -> ServiceKey:
    address, port, fwmark = params.get(address_option), params.get(port_option), params.get("fwmark")
    if fwmark is not None:
        for option in (address_option, port_option):
            if params.get(option) is not None:
                raise InvalidOptionError(option, "a service is known by its address or by its fwmark: leave one of them out")
        if params["protocol"] != "tcp":
            raise InvalidOptionError("protocol", "a fwmark service has none, the firewall rule decides: leave it out")
        return ServiceKey.marked(_between("fwmark", 1, 2**32 - 1)(fwmark), params["family"])
    if address is None:
        raise InvalidOptionError(address_option, f"say which service is meant: set {address_option} and {port_option}, or fwmark")
    if port is None:
        raise InvalidOptionError(port_option, f"needed beside {address_option}: 1..65535, or 0 for every port")
    family, address = _address(address_option, address)
    if params["family"] == "ipv6" and family == "ipv4":
        raise InvalidOptionError("family", f"ipv6 contradicts {address_option} {address}: leave family out")
    return ServiceKey(family, params["protocol"], address, _between(port_option, 0, 65535)(port))


def _address(option: str, text: str) -> tuple[str, str]:
    try:
        return parse_address(text)
    except ValueError:
        raise InvalidOptionError(
            option, f"{text!r} is not an IPv4 or IPv6 address: names, prefixes, brackets and zones are not accepted"
        ) from None


def _between(option: str, low: int, high: int, unit: str = "") -> Callable[[int], int]:
    def read(value: int) -> int:
        if not low <= value <= high:
            space = " " if unit and not unit.startswith(";") else ""
            raise InvalidOptionError(option, f"{value} is out of range: use {low}..{high}{space}{unit}")
        return value

    return read


def _name(option: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not NAME_PATTERN.match(value):
            raise InvalidOptionError(
                option, f"{value!r} is not a name of the kernel's: use 1 to 15 lower case letters, digits or underscores"
            )
        return value

    return read


def _netmask(family: str, text: str) -> str:
    digits = text[1:] if text.startswith("/") else text
    if family == "ipv6":
        if digits.isdigit() and 1 <= int(digits) <= 128:
            return str(int(digits))
        raise InvalidOptionError("persistence_netmask", f"{text!r} does not fit an IPv6 service: use a prefix length, 1..128")
    if digits.isdigit() and int(digits) <= 32:
        return str(ipaddress.ip_network("0.0.0.0/" + digits).netmask)
    try:
        packed = int.from_bytes(pack_address("ipv4", digits), "big")
    except OSError:
        packed = 1
    # A mask without holes is ones, then zeros: its complement plus one has a single bit.
    inverted = packed ^ 0xFFFFFFFF
    if inverted & (inverted + 1):
        raise InvalidOptionError(
            "persistence_netmask",
            f"{text!r} does not fit an IPv4 service: use a netmask like 255.255.255.0, or a prefix length, 0..32",
        )
    return digits


def _scheduler_flags(names: list[str]) -> tuple[str, int]:
    owners = sorted({SCHEDULER_FLAGS[name][0] for name in names} - {""})
    if len(owners) > 1:
        raise InvalidOptionError(
            "scheduler_flags", "flags of the schedulers {} are mixed: use those of one".format(" and ".join(owners))
        )
    bits = 0
    for name in names:
        bits |= SCHEDULER_FLAGS[name][1]
    return "".join(owners), bits
