# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that cross the fields of one service or one real server: what the kernel takes although it cannot work."""

from __future__ import annotations

from .errors import InvalidOptionError
from .model import FORWARDS, TUNNEL_CHECKSUMS, TUNNEL_TYPES, Destination, Service


def check_service(service: Service) -> None:
    key = service.key
    if not key.fwmark and not key.port and not service.persistence_timeout:
        raise InvalidOptionError("port", "0 (every port) needs persistence: set persistence_timeout, or name a port")
    if service.one_packet and not key.fwmark and key.protocol != "udp":
        raise InvalidOptionError(
            "one_packet", f"one-packet scheduling is for udp and fwmark services, not for {key.protocol}: leave it out"
        )


def check_scheduler_flags(service: Service, flags_for: str) -> None:
    """`flags_for` is the scheduler that the flags' names belong to; empty for names that any scheduler has."""
    if flags_for and service.scheduler != flags_for:
        raise InvalidOptionError(
            "scheduler_flags",
            f"the flags of scheduler {flags_for} do not fit scheduler {service.scheduler}: set scheduler, or use other flags",
        )


def check_destination(service: Service, destination: Destination) -> None:
    if not (
        destination.forward in FORWARDS
        and destination.tunnel_type in TUNNEL_TYPES
        and destination.tunnel_checksum in TUNNEL_CHECKSUMS
    ):
        _refuse_unknown_number(destination)
    if destination.forward != "masquerade" and destination.key.port != service.key.port:
        raise InvalidOptionError(
            "port",
            f"{destination.key.port} differs from the service's {service.key.port}, and forward={destination.forward} cannot"
            " rewrite ports: leave port out, or set forward to masquerade",
        )
    if not destination.key.port and service.key.port:
        raise InvalidOptionError("port", f"0 stands for every port, and the service has only {service.key.port}: leave port out")
    if destination.forward != "tunnel" and destination.key.family != service.key.family:
        raise InvalidOptionError(
            "address",
            f"{destination.key.address} is {destination.key.family} and the service is {service.key.family}: only forward=tunnel can cross families",
        )
    if destination.lower_threshold > destination.upper_threshold:
        raise InvalidOptionError(
            "lower_threshold",
            f"{destination.lower_threshold} is above upper_threshold, which is {destination.upper_threshold}:"
            " raise upper_threshold, or set lower_threshold to 0",
        )
    if destination.tunnel_type == "gue" and not destination.tunnel_port:
        raise InvalidOptionError("tunnel_port", "a gue tunnel needs the UDP port that the real server decapsulates on, 1..65535")
    if destination.tunnel_type == "gre" and destination.tunnel_checksum == "remcsum":
        raise InvalidOptionError("tunnel_checksum", "remcsum is for gue tunnels: use csum or none with gre")


def _refuse_unknown_number(destination: Destination) -> None:
    # The kernel stores numbers that it does not know; an update that leaves the option out would carry them on.
    for option, known in (("forward", FORWARDS), ("tunnel_type", TUNNEL_TYPES), ("tunnel_checksum", TUNNEL_CHECKSUMS)):
        value = getattr(destination, option)
        if value not in known:
            raise InvalidOptionError(
                option, "the kernel holds the unknown value {} here: set it to one of {}".format(value, ", ".join(known))
            )
