# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections and counters over generic netlink: the same commands as for the table, and other attributes of their answers."""

from __future__ import annotations

import errno
from typing import Dict, Iterable, Iterator

from . import wire
from .errors import KernelError
from .family import IpvsFamily
from .model import ServiceKey
from .netlink import RefusedError
from .statistics import ServiceStatistics
from .wire_statistics import unpack_destination_statistics, unpack_service_statistics

# One question for each of so many services; for more, one dump of all.
_FEW = 8


def read_statistics(family: IpvsFamily, keys: Iterable[ServiceKey]) -> Dict[ServiceKey, ServiceStatistics]:
    """Those of the services among `keys` that exist. Never loads the kernel module."""
    wanted = set(keys)
    found: Dict[ServiceKey, ServiceStatistics] = {}
    if not wanted or not family.present():
        return found
    for answer in _all_services(family) if len(wanted) > _FEW else _services(family, wanted):
        key, counters = unpack_service_statistics(wire.unpack_attributes(answer)[wire.ATTR_SERVICE])
        if key in wanted:
            dump = _dump(family, f"read the real servers' statistics of {key}", wire.GET_DEST, wire.pack_service_key(key))
            destinations = (
                unpack_destination_statistics(wire.unpack_attributes(answer)[wire.ATTR_DEST], key.family) for answer in dump
            )
            found[key] = ServiceStatistics(counters, dict(destinations))
    return found


def _services(family: IpvsFamily, keys: Iterable[ServiceKey]) -> Iterator[bytes]:
    for key in keys:
        try:
            yield from family.request(wire.GET_SERVICE, wire.pack_service_key(key))
        except RefusedError as refusal:
            if refusal.number != errno.ESRCH:
                raise KernelError(refusal.number, f"read the statistics of {key}") from None


def _all_services(family: IpvsFamily) -> list[bytes]:
    return _dump(family, "read the statistics of all services", wire.GET_SERVICE, b"")


def _dump(family: IpvsFamily, operation: str, command: int, attributes: bytes) -> list[bytes]:
    try:
        return family.dump(command, attributes)
    except RefusedError as refusal:
        raise KernelError(refusal.number, operation) from None
