# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole table from the dictionaries that a task or a file gives. Ansible's own validation of nested options takes ten times as long."""

from __future__ import annotations

from typing import Any, Mapping

from .errors import InvalidOptionError
from .examples import Examples
from .fields import REAL_SERVER_FIELDS, SERVICE_FIELDS, between, netmask, scheduler_flags
from .intent import create
from .keys import destination_key, service_key
from .model import Destination, DestinationKey, Entry, Service, ServiceKey, Table
from .problems import Problems
from .rules import check_destination, check_scheduler_flags, check_service

SERVICE_OPTIONS = (
    "protocol",
    "address",
    "port",
    "fwmark",
    "family",
    "scheduler",
    "scheduler_flags",
    "persistence_timeout",
    "persistence_netmask",
    "persistence_engine",
    "one_packet",
    "real_servers",
)
REAL_SERVER_OPTIONS = ("address", "port", "family", *REAL_SERVER_FIELDS)
# Where a service has no valid key, its real servers are read all the same, for their own problems.
_NOWHERE = ServiceKey("ipv4")
# What results show where there is no port.
_FIELDS = {**REAL_SERVER_FIELDS, "tunnel_port": between("tunnel_port", 0, 65535)}


def read_table(raw: Any) -> Table:
    """:raises InvalidTableError: with all problems"""
    problems = Problems()
    table: Table = {}
    places: dict[ServiceKey, str] = {}
    services: Examples[Service] = Examples()
    # By what else of a service decides whether a real server fits it.
    real_servers: dict[tuple[str, int], Examples[Destination]] = {}
    for index, item in enumerate(_list(raw, "services", problems)):
        place = f"services[{index}]"
        if not isinstance(item, dict):
            problems.found.append(f"{place}: {item!r} is not a dictionary")
            continue
        service = services.recall(item, "real_servers")
        if service is None:
            before = len(problems.found)
            service = _service(item, place, problems)
            if service is None:
                _destinations(item, place, None, Examples(), problems)
                continue
            if len(problems.found) == before:
                services.keep(service)
        key = service.key
        examples = real_servers.setdefault((key.family, key.port), Examples())
        table[key] = Entry(service, _destinations(item, place, service, examples, problems))
        first = places.setdefault(key, place)
        if first != place:
            problems.found.append(f"{place}: duplicate {key}, first at {first}")
    problems.check()
    return table


def _destinations(
    raw: Mapping[str, Any], place: str, service: Service | None, examples: Examples[Destination], problems: Problems
) -> dict[DestinationKey, Destination]:
    destinations: dict[DestinationKey, Destination] = {}
    # Where those that have been found stand, in their order.
    places: list[int] = []
    for index, item in enumerate(_list(raw.get("real_servers"), f"{place}.real_servers", problems)):
        destination = examples.recall(item)
        if destination is None:
            destination = _destination(item, f"{place}.real_servers[{index}]", service, problems)
            if destination is None:
                continue
            examples.keep(destination)
        key = destination.key
        if key not in destinations:
            destinations[key] = destination
            places.append(index)
        else:
            first = places[list(destinations).index(key)]
            problems.found.append(f"{place}.real_servers[{index}]: duplicate {key}, first at {place}.real_servers[{first}]")
    return destinations


def _service(raw: Mapping[str, Any], place: str, problems: Problems) -> Service | None:
    if raw.keys() - SERVICE_OPTIONS:
        problems.unknown_options(place, raw, SERVICE_OPTIONS)
    before = len(problems.found)
    key = None
    with problems.of(place):
        key = service_key(raw)
        _check_family(raw, key.family, key.address)
    changes: dict[str, Any] = {}
    flags_for = ""
    for option, read in SERVICE_FIELDS.items():
        if raw.get(option) is not None:
            with problems.of(place):
                changes[option] = read(raw[option])
    with problems.of(place):
        if raw.get("scheduler_flags") is not None:
            flags_for, changes["scheduler_flags"] = scheduler_flags(raw["scheduler_flags"])
    with problems.of(place):
        if key and raw.get("persistence_netmask") is not None:
            changes["persistence_netmask"] = netmask(key.family, raw["persistence_netmask"])
    if key is None or len(problems.found) > before:
        return None
    with problems.of(place):
        service = create(Service, key, changes)
        check_scheduler_flags(service, flags_for)
        check_service(service)
        return service
    return None


def _destination(raw: Any, place: str, service: Service | None, problems: Problems) -> Destination | None:
    if not isinstance(raw, dict):
        problems.found.append(f"{place}: {raw!r} is not a dictionary")
        return None
    before = len(problems.found)
    changes: dict[str, Any] = {}
    unknown = False
    for option, value in raw.items():
        read = _FIELDS.get(option)
        if read is None:
            unknown = unknown or option not in REAL_SERVER_OPTIONS
        elif value is not None:
            try:
                changes[option] = read(value)
            except InvalidOptionError as problem:
                problems.add(place, problem)
    if unknown:
        problems.unknown_options(place, raw, REAL_SERVER_OPTIONS)
    try:
        key = destination_key(raw, service.key if service else _NOWHERE)
        _check_family(raw, key.family, key.address)
        if service is None or len(problems.found) > before:
            return None
        destination = create(Destination, key, changes)
        check_destination(service, destination)
    except InvalidOptionError as problem:
        problems.add(place, problem)
        return None
    return destination


def _list(raw: Any, place: str, problems: Problems) -> list[Any]:
    if raw is None:
        return []
    if not isinstance(raw, (list, tuple)):
        problems.found.append(f"{place}: {raw!r} is not a list")
        return []
    return list(raw)


def _check_family(raw: Mapping[str, Any], family: str, address: str) -> None:
    if raw.get("family") not in (None, family):
        raise InvalidOptionError("family", f"{raw['family']} contradicts address {address}: leave family out")
