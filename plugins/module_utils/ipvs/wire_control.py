# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bytes of synchronisation daemons and timeouts in the netlink family IPVS (linux/ip_vs.h). Pure."""

from __future__ import annotations

import socket
import struct
from typing import Mapping

from . import wire
from .control import Daemon, Timeouts
from .errors import TransportError
from .model import pack_address, parse_address

# IPVS_CMD_*
NEW_DAEMON, DEL_DAEMON, GET_DAEMON, SET_CONFIG, GET_CONFIG = 9, 10, 11, 12, 13
# IPVS_CMD_ATTR_*
ATTR_DAEMON, ATTR_TCP, ATTR_TCP_FIN, ATTR_UDP = 3, 4, 5, 6
# IPVS_DAEMON_ATTR_*
DAEMON_STATE, DAEMON_INTERFACE, DAEMON_SYNC_ID, DAEMON_MAX_LENGTH = 1, 2, 3, 4
DAEMON_GROUP, DAEMON_GROUP6, DAEMON_PORT, DAEMON_TTL = 5, 6, 7, 8

# IP_VS_STATE_*
STATES = {"master": 1, "backup": 2}


def pack_daemon(daemon: Daemon) -> bytes:
    family, group = parse_address(daemon.group)
    fields = (
        _role(daemon.role)
        + wire.pack_attribute(DAEMON_INTERFACE, daemon.interface.encode() + b"\0")
        + _number(DAEMON_SYNC_ID, "=I", daemon.sync_id)
        + wire.pack_attribute(DAEMON_GROUP if family == "ipv4" else DAEMON_GROUP6, pack_address(family, group))
        # The port of a daemon is in the host's order, unlike all others of this interface.
        + _number(DAEMON_PORT, "=H", daemon.port)
        + _number(DAEMON_TTL, "=B", daemon.ttl)
    )
    if daemon.max_length:
        fields += _number(DAEMON_MAX_LENGTH, "=H", daemon.max_length)
    return wire.pack_attribute(ATTR_DAEMON, fields)


def pack_role(role: str) -> bytes:
    """What names a daemon that is to stop."""
    return wire.pack_attribute(ATTR_DAEMON, _role(role))


def unpack_daemon(data: bytes) -> Daemon:
    fields = wire.unpack_attributes(data)
    state = _read(fields, DAEMON_STATE, "=I", 0)
    roles = [role for role, number in STATES.items() if number == state]
    if not roles:
        raise TransportError(f"the kernel sent a synchronisation daemon of the unknown state {state}")
    # Kernels before 4.3 do not send what they cannot vary: then the defaults hold.
    return Daemon(
        role=roles[0],
        interface=fields.get(DAEMON_INTERFACE, b"").split(b"\0")[0].decode(errors="surrogateescape"),
        sync_id=_read(fields, DAEMON_SYNC_ID, "=I", 0),
        max_length=_read(fields, DAEMON_MAX_LENGTH, "=H", Daemon.max_length),
        group=_group(fields),
        port=_read(fields, DAEMON_PORT, "=H", Daemon.port),
        ttl=_read(fields, DAEMON_TTL, "=B", Daemon.ttl),
    )


def pack_timeouts(timeouts: Timeouts) -> bytes:
    return (
        _number(ATTR_TCP, "=I", timeouts.tcp)
        + _number(ATTR_TCP_FIN, "=I", timeouts.tcp_fin)
        + _number(ATTR_UDP, "=I", timeouts.udp)
    )


def unpack_timeouts(data: bytes) -> Timeouts:
    # A kernel without one of the protocols does not send its timeouts.
    fields = wire.unpack_attributes(data)
    return Timeouts(
        tcp=_read(fields, ATTR_TCP, "=I", Timeouts.tcp),
        tcp_fin=_read(fields, ATTR_TCP_FIN, "=I", Timeouts.tcp_fin),
        udp=_read(fields, ATTR_UDP, "=I", Timeouts.udp),
    )


def _role(role: str) -> bytes:
    return _number(DAEMON_STATE, "=I", STATES[role])


def _number(kind: int, layout: str, value: int) -> bytes:
    return wire.pack_attribute(kind, struct.pack(layout, value))


def _read(fields: Mapping[int, bytes], kind: int, layout: str, otherwise: int) -> int:
    return int(struct.unpack(layout, fields[kind])[0]) if kind in fields else otherwise


def _group(fields: Mapping[int, bytes]) -> str:
    if DAEMON_GROUP in fields:
        return socket.inet_ntop(socket.AF_INET, fields[DAEMON_GROUP])
    if DAEMON_GROUP6 in fields:
        return socket.inet_ntop(socket.AF_INET6, fields[DAEMON_GROUP6])
    return Daemon.group
