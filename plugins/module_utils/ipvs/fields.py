# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single fields, from what a task or a file says to what the model holds. Every message names the option and what to do."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Callable, Collection

from .errors import InvalidOptionError
from .model import FORWARDS, TUNNEL_CHECKSUMS, TUNNEL_TYPES, pack_address, parse_address

# ip_vs.h: the maximum of ipvsadm, 31 days; beyond some 49 days a 32 bit kernel's jiffies overflow.
PERSISTENCE_TIMEOUT_MAX = 31 * 24 * 3600
# The kernel's limit: IP_VS_SCHEDNAME_MAXLEN and IP_VS_PENAME_MAXLEN are 16 with the final zero.
NAME_PATTERN = re.compile(r"[a-z0-9_]{1,15}\Z")
INTEGER_PATTERN = re.compile(r"\s*-?[0-9]{1,20}\s*\Z")
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
_TRUTH = {True: True, False: False, "true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

Reader = Callable[[Any], Any]


def one_of(option: str, choices: Collection[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise InvalidOptionError(option, "{!r} is not known: use one of {}".format(value, ", ".join(choices)))
        return value

    return read


def truth(option: str) -> Callable[[Any], bool]:
    def read(value: Any) -> bool:
        # Templates make strings of everything.
        known = _TRUTH.get(value.lower() if isinstance(value, str) else value) if isinstance(value, (bool, str)) else None
        if known is None:
            raise InvalidOptionError(option, f"{value!r} is neither true nor false")
        return known

    return read


def address(option: str, text: Any) -> tuple[str, str]:
    try:
        return parse_address(text)
    except (TypeError, ValueError):
        raise InvalidOptionError(
            option, f"{text!r} is not an IPv4 or IPv6 address: names, prefixes, brackets and zones are not accepted"
        ) from None


def between(option: str, low: int, high: int, unit: str = "") -> Callable[[Any], int]:
    def read(value: Any) -> int:
        number = value if isinstance(value, int) and not isinstance(value, bool) else integer(option, value)
        if not low <= number <= high:
            space = " " if unit and not unit.startswith(";") else ""
            raise InvalidOptionError(option, f"{number} is out of range: use {low}..{high}{space}{unit}")
        return number

    return read


def integer(option: str, value: Any) -> int:
    # Templates make strings of numbers. True is an int in Python, and none here.
    if isinstance(value, str) and INTEGER_PATTERN.match(value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidOptionError(option, f"{value!r} is not a whole number")
    return value


def kernel_name(option: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not NAME_PATTERN.match(value):
            raise InvalidOptionError(
                option, f"{value!r} is not a name of the kernel's: use 1 to 15 lower case letters, digits or underscores"
            )
        return value

    return read


def netmask(family: str, value: Any) -> str:
    # A prefix length may come as a number.
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else repr(value)
    digits = text[1:] if text.startswith("/") else text
    length = int(digits) if digits.isascii() and digits.isdigit() else -1
    if family == "ipv6":
        if 1 <= length <= 128:
            return str(length)
        raise InvalidOptionError("persistence_netmask", f"{text!r} does not fit an IPv6 service: use a prefix length, 1..128")
    if 0 <= length <= 32:
        return str(ipaddress.ip_network(f"0.0.0.0/{length}").netmask)
    try:
        packed = int.from_bytes(pack_address("ipv4", digits), "big")
    except (OSError, ValueError):
        packed = 1
    # A mask without holes is ones, then zeros: its complement plus one has a single bit.
    inverted = packed ^ 0xFFFFFFFF
    if inverted & (inverted + 1):
        raise InvalidOptionError(
            "persistence_netmask",
            f"{text!r} does not fit an IPv4 service: use a netmask like 255.255.255.0, or a prefix length, 0..32",
        )
    return digits


def scheduler_flags(names: Any) -> tuple[str, int]:
    """The scheduler whose flags they are, empty for those that any has, and the bits."""
    known = ", ".join(SCHEDULER_FLAGS)
    if not isinstance(names, (list, tuple)):
        raise InvalidOptionError("scheduler_flags", f"{names!r} is not a list: use a list of {known}")
    for name in names:
        if not isinstance(name, str) or name not in SCHEDULER_FLAGS:
            raise InvalidOptionError("scheduler_flags", f"{name!r} is not known: use {known}")
    owners = sorted({SCHEDULER_FLAGS[name][0] for name in names} - {""})
    if len(owners) > 1:
        raise InvalidOptionError(
            "scheduler_flags", "flags of the schedulers {} are mixed: use those of one".format(" and ".join(owners))
        )
    bits = 0
    for name in names:
        bits |= SCHEDULER_FLAGS[name][1]
    return "".join(owners), bits


SERVICE_FIELDS: dict[str, Reader] = {
    "scheduler": kernel_name("scheduler"),
    "persistence_timeout": between(
        "persistence_timeout", 0, PERSISTENCE_TIMEOUT_MAX, "seconds (31 days); 0 means no persistence"
    ),
    "persistence_engine": lambda value: "" if value == "" else kernel_name("persistence_engine")(value),
    "one_packet": truth("one_packet"),
}
REAL_SERVER_FIELDS: dict[str, Reader] = {
    "forward": one_of("forward", FORWARDS),
    "weight": between("weight", 0, INT_MAX, "; 0 means no new connections"),
    "upper_threshold": between("upper_threshold", 0, INT_MAX, "connections; 0 means no limit"),
    "lower_threshold": between("lower_threshold", 0, INT_MAX, "connections; 0 means unset"),
    "tunnel_type": one_of("tunnel_type", TUNNEL_TYPES),
    "tunnel_port": between("tunnel_port", 1, 65535),
    "tunnel_checksum": one_of("tunnel_checksum", TUNNEL_CHECKSUMS),
}
