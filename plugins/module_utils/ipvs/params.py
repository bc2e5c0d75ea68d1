# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module parameters to intents. Every message names the option and what to do."""

from __future__ import annotations

from typing import Any, Mapping

from .fields import REAL_SERVER_FIELDS, SCHEDULER_FLAGS, SERVICE_FIELDS, Reader, netmask, scheduler_flags
from .intent import RealServerIntent, ServiceIntent
from .keys import destination_key, service_key
from .model import FAMILIES, FORWARDS, PROTOCOLS, TUNNEL_CHECKSUMS, TUNNEL_TYPES

# How the kernel is talked to, for every module.
BACKEND_SPEC: dict[str, dict[str, Any]] = {
    "backend": {"type": "str", "choices": ["auto", "netlink", "ipvsadm"], "default": "auto"},
    "load_module": {"type": "bool", "default": True},
}
COMMON_SPEC: dict[str, dict[str, Any]] = {
    **BACKEND_SPEC,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "protocol": {"type": "str", "choices": list(PROTOCOLS), "default": "tcp"},
    "fwmark": {"type": "int"},
    "family": {"type": "str", "choices": list(FAMILIES), "default": "ipv4"},
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
TABLE_SPEC: dict[str, dict[str, Any]] = {
    **BACKEND_SPEC,
    # Without the options of the dictionaries: this package reads them itself, which is far quicker.
    "services": {"type": "list", "elements": "dict"},
    "file": {"type": "path"},
    "scope": {
        "type": "dict",
        "options": {
            "all": {"type": "bool", "default": False},
            "addresses": {"type": "list", "elements": "str"},
            "networks": {"type": "list", "elements": "str"},
            "fwmarks": {"type": "list", "elements": "str"},
            "services": {"type": "list", "elements": "str"},
        },
    },
    "purge_real_servers": {"type": "bool", "default": True},
    "max_delete": {"type": "int"},
}


def service_intent(params: Mapping[str, Any]) -> ServiceIntent:
    key = service_key(params)
    changes = _changes(params, {**SERVICE_FIELDS, "persistence_netmask": lambda value: netmask(key.family, value)})
    flags_for = ""
    if params.get("scheduler_flags") is not None:
        flags_for, changes["scheduler_flags"] = scheduler_flags(params["scheduler_flags"])
    return ServiceIntent(key, params["state"] == "present", changes, flags_for)


def real_server_intent(params: Mapping[str, Any]) -> RealServerIntent:
    service = service_key(params, "service_address", "service_port")
    key = destination_key(params, service)
    return RealServerIntent(service, key, params["state"] == "present", _changes(params, REAL_SERVER_FIELDS))


def _changes(params: Mapping[str, Any], readers: Mapping[str, Reader]) -> dict[str, Any]:
    """The options that were given: those left out keep the kernel's current values."""
    return {option: read(params[option]) for option, read in readers.items() if params.get(option) is not None}
