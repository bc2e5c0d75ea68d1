# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers as kernels write them: the attributes of ip_vs_genl_fill_service() and ip_vs_genl_fill_dest(), in their order."""

from __future__ import annotations

import struct

from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import wire
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    FAMILIES,
    FORWARDS,
    PROTOCOLS,
    TUNNEL_CHECKSUMS,
    TUNNEL_TYPES,
    pack_address,
)

FAMILY, TUNNEL = 11, (13, 14, 15)


def service_fields(service, counted=0):
    key = service.key
    flags = service.scheduler_flags << 3 | (1 if service.persistence_timeout else 0) | (4 if service.one_packet else 0)
    mask = service.persistence_netmask
    where = (
        [(5, struct.pack("=I", key.fwmark))]
        if key.fwmark
        else [
            (2, struct.pack("=H", PROTOCOLS[key.protocol])),
            (3, pack_address(key.family, key.address).ljust(16, b"\0")),
            (4, struct.pack("!H", key.port)),
        ]
    )
    return [
        (1, struct.pack("=H", FAMILIES[key.family])),
        *where,
        (6, service.scheduler.encode() + b"\0"),
        *([(11, service.persistence_engine.encode() + b"\0")] if service.persistence_engine else []),
        # Hashed, and all of them known.
        (7, struct.pack("=II", flags | 2, 2**32 - 1)),
        (8, struct.pack("=I", service.persistence_timeout)),
        (9, pack_address("ipv4", mask) if key.family == "ipv4" else struct.pack("=I", int(mask))),
        (10, wire.pack_attribute(1, struct.pack("=I", counted)) + bytes(84)),
        (12, wire.pack_attribute(1, struct.pack("=Q", counted)) + bytes(112)),
    ]


def destination_fields(destination, connections=(3, 2, 1), **raw):
    key = destination.key
    return [
        (1, pack_address(key.family, key.address).ljust(16, b"\0")),
        (2, struct.pack("!H", key.port)),
        (3, struct.pack("=I", raw.get("forward", FORWARDS.get(destination.forward)))),
        (4, struct.pack("=I", destination.weight)),
        (13, struct.pack("=B", raw.get("tunnel_type", TUNNEL_TYPES.get(destination.tunnel_type)))),
        (14, struct.pack("!H", destination.tunnel_port)),
        (15, struct.pack("=H", TUNNEL_CHECKSUMS[destination.tunnel_checksum])),
        (5, struct.pack("=I", destination.upper_threshold)),
        (6, struct.pack("=I", destination.lower_threshold)),
        *((kind, struct.pack("=I", count)) for kind, count in zip((7, 8, 9), connections)),
        (FAMILY, struct.pack("=H", raw.get("family", FAMILIES[key.family]))),
        (10, bytes(88)),
        (12, bytes(120)),
    ]


def service_answer(fields):
    return wire.pack_attribute(wire.ATTR_SERVICE, nest(fields))


def destination_answer(fields):
    return wire.pack_attribute(wire.ATTR_DEST, nest(fields))


def nest(fields):
    return b"".join(wire.pack_attribute(kind, value) for kind, value in fields)
