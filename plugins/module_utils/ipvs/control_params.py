# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module parameters to what is asked of daemons and timeouts. Every message names the option and what to do."""

from __future__ import annotations

import ipaddress
from typing import Any, Callable, Mapping

from .backends import BACKEND_SPEC
from .daemon_plan import DaemonIntent
from .errors import InvalidOptionError
from .model import pack_address, parse_address

# ip_vs_ctl.c: ip_vs_set_timeout, INT_MAX / HZ, for the largest HZ of 1000; and INT_MAX milliseconds are 24 days.
TIMEOUT_MAX = (2**31 - 1) // 1000
# The kernel's IP_VS_IFNAME_MAXLEN is 16 with the final zero.
INTERFACE_MAX = 15
LENGTH_MAX = 65535 - 28

DAEMON_SPEC: dict[str, dict[str, Any]] = {
    **BACKEND_SPEC,
    "role": {"type": "str", "choices": ["master", "backup"], "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "interface": {"type": "str"},
    "sync_id": {"type": "int"},
    "max_length": {"type": "int"},
    "group": {"type": "str"},
    "port": {"type": "int"},
    "ttl": {"type": "int"},
}
TIMEOUTS_SPEC: dict[str, dict[str, Any]] = {
    **BACKEND_SPEC,
    "tcp": {"type": "int"},
    "tcp_fin": {"type": "int"},
    "udp": {"type": "int"},
}


def daemon_intent(params: Mapping[str, Any]) -> DaemonIntent:
    changes = _changes(
        params,
        {
            "interface": _interface,
            "sync_id": _between("sync_id", 0, 255),
            "max_length": _between("max_length", 1, LENGTH_MAX, " bytes"),
            "group": _group,
            "port": _between("port", 1, 65535),
            "ttl": _between("ttl", 1, 255),
        },
    )
    return DaemonIntent(params["role"], params["state"] == "present", changes)


def timeout_changes(params: Mapping[str, Any]) -> dict[str, int]:
    unit = " seconds; 0 would mean unchanged to the kernel, so leave it out for that"
    return _changes(params, {option: _between(option, 1, TIMEOUT_MAX, unit) for option in ("tcp", "tcp_fin", "udp")})


def _changes(params: Mapping[str, Any], readers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """The options that were given: those left out keep the kernel's current values."""
    return {option: read(params[option]) for option, read in readers.items() if params.get(option) is not None}


def _between(option: str, low: int, high: int, unit: str = "") -> Callable[[int], int]:
    def read(value: int) -> int:
        if not low <= value <= high:
            raise InvalidOptionError(option, f"{value} is out of range: use {low}..{high}{unit}")
        return value

    return read


def _interface(name: str) -> str:
    if not 1 <= len(name.encode()) <= INTERFACE_MAX:
        raise InvalidOptionError("interface", f"{name!r} is not a name of an interface: use 1 to {INTERFACE_MAX} bytes")
    return name


def _group(text: str) -> str:
    try:
        family, address = parse_address(text)
    except ValueError:
        raise InvalidOptionError("group", f"{text!r} is not an IPv4 or IPv6 address") from None
    if not ipaddress.ip_address(pack_address(family, address)).is_multicast:
        raise InvalidOptionError("group", f"{address} is not a multicast address: use one like 224.0.0.81 or ff02::51")
    return address
