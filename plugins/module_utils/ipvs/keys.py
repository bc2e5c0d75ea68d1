# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a service or a real server is known by, from what a task or a file says."""

from __future__ import annotations

from typing import Any, Mapping

from .errors import InvalidOptionError
from .fields import address, between, one_of
from .model import FAMILIES, PROTOCOLS, DestinationKey, ServiceKey, pack_address, parse_address

_protocol = one_of("protocol", PROTOCOLS)
_family = one_of("family", FAMILIES)
_fwmark = between("fwmark", 1, 2**32 - 1)
_port = between("port", 0, 65535)


def service_key(params: Mapping[str, Any], address_option: str = "address", port_option: str = "port") -> ServiceKey:
    vip, port, fwmark = params.get(address_option), params.get(port_option), params.get("fwmark")
    protocol = _protocol("tcp" if params.get("protocol") is None else params["protocol"])
    family = _family("ipv4" if params.get("family") is None else params["family"])
    if fwmark is not None:
        for option in (address_option, port_option):
            if params.get(option) is not None:
                raise InvalidOptionError(option, "a service is known by its address or by its fwmark: leave one of them out")
        if protocol != "tcp":
            raise InvalidOptionError("protocol", "a fwmark service has none, the firewall rule decides: leave it out")
        return ServiceKey.marked(_fwmark(fwmark), family)
    if vip is None:
        raise InvalidOptionError(address_option, f"say which service is meant: set {address_option} and {port_option}, or fwmark")
    if port is None:
        raise InvalidOptionError(port_option, f"needed beside {address_option}: 1..65535, or 0 for every port")
    actual, vip = address(address_option, vip)
    if family == "ipv6" and actual == "ipv4":
        raise InvalidOptionError("family", f"ipv6 contradicts {address_option} {vip}: leave family out")
    if not _is_one_host(pack_address(actual, vip)):
        raise InvalidOptionError(address_option, f"{vip} cannot be a VIP: use the address of one host")
    return ServiceKey(actual, protocol, vip, between(port_option, 0, 65535)(port))


def destination_key(params: Mapping[str, Any], service: ServiceKey) -> DestinationKey:
    if params.get("address") is None:
        raise InvalidOptionError("address", "say which real server is meant: set its address")
    family, rip = address("address", params["address"])
    if not _is_one_host(pack_address(family, rip)):
        raise InvalidOptionError("address", f"{rip} cannot be a real server: use the address of one host")
    port = params.get("port")
    return DestinationKey(family, rip, service.port if port is None else _port(port))


def host_address(text: str) -> tuple[str, str]:
    """The family and the canonical text of the address of one host; OSError or ValueError for anything else."""
    family, text = parse_address(text) if ":" in text else ("ipv4", text)
    if not _is_one_host(pack_address(family, text)):
        raise ValueError(f"not the address of one host: {text}")
    return family, text


def _is_one_host(packed: bytes) -> bool:
    """Neither multicast nor unspecified nor everybody."""
    if len(packed) == 4:
        return not 224 <= packed[0] < 240 and packed not in (b"\0\0\0\0", b"\xff\xff\xff\xff")
    return packed[0] != 0xFF and any(packed)
