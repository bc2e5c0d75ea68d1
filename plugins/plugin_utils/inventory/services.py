# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service as the inventory means it, and what it makes of each of its hosts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, List, Mapping, Optional, Tuple

from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import InvalidOptionError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.fields import REAL_SERVER_FIELDS
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.intent import create
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.keys import destination_key
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import Destination, Service
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.rules import check_destination

from .values import Findings, Hosts, family_of, own_address, reason

FORWARDS = {"nat": "masquerade", "dr": "direct", "tun": "tunnel", "fullnat": "masquerade"}
MODES = tuple(FORWARDS)

TUNNEL_KEYS = ("tunnel_type", "tunnel_port", "tunnel_checksum")
# A real server's options: where a host says them, and which of them a service may say for all of its hosts.
HOST_VARIABLES = {
    "weight": "lvs_weight",
    "upper_threshold": "lvs_upper_threshold",
    "lower_threshold": "lvs_lower_threshold",
}
THRESHOLDS = ("upper_threshold", "lower_threshold")

RIP = own_address("ipv4", "lvs_rip6")
RIP6 = own_address("ipv6", "lvs_rip")


@dataclass(frozen=True)
class VirtualService:
    # Where it stands: lvs_services[0].
    place: str
    name: str = ""
    # Empty if it cannot be known.
    mode: str = ""
    protocol: str = "tcp"
    vips: Tuple[str, ...] = ()
    # What clients connect to; 0 is every port.
    ports: Tuple[int, ...] = ()
    real_port: Optional[int] = None
    hosts: Tuple[str, ...] = ()
    # What it says for each of its real servers.
    options: Mapping[str, Any] = field(default_factory=dict)
    # None if it has problems.
    service: Optional[Service] = None

    @property
    def family(self) -> str:
        return family_of(self.vips[0]) if self.vips else ""

    @property
    def endpoints(self) -> List[Tuple[str, str, int]]:
        return [(self.protocol, vip, port) for vip in self.vips for port in self.ports if self.protocol]

    def rip(self, host: str, hosts: Hosts) -> Optional[str]:
        """The address under which the director reaches a real server; a problem if there is none."""
        if self.family == "ipv4":
            return _text(hosts.need(host, "lvs_rip", RIP, "write the real server's address in the inner network"))
        if self.mode != "tun":
            remedy = f"write the real server's IPv6 address, for {self.place} is an IPv6 service"
            return _text(hosts.need(host, "lvs_rip6", RIP6, f"{remedy}, and only tunnels lead to IPv4 real servers"))
        found = hosts.read(host, "lvs_rip6", RIP6)
        # A tunnel crosses families.
        remedy = f"write the real server's address, or its IPv6 address as lvs_rip6, which {self.place} reaches by a tunnel"
        return _text(found or hosts.need(host, "lvs_rip", RIP, remedy))

    def destination(self, host: str, hosts: Hosts, findings: Findings) -> Optional[Destination]:
        """The real server as the kernel is to have it; None if something about it is wrong."""
        rip = self.rip(host, hosts)
        options = {name: self.options[name] for name in THRESHOLDS if name in self.options}
        places = {name: f"{self.place}.{name}" for name in THRESHOLDS}
        for name, variable in HOST_VARIABLES.items():
            value = hosts.read(host, variable, REAL_SERVER_FIELDS[name])
            if value is not None:
                options[name], places[name] = value, f"{host}: {variable}"
        if self.mode == "tun":
            options.update({name: self.options[name] for name in TUNNEL_KEYS if name in self.options})
        if self.service is None or rip is None:
            return None
        try:
            key = destination_key({"address": rip, "port": self.real_port}, self.service.key)
            destination = create(Destination, key, {"forward": FORWARDS[self.mode], **options})
            check_destination(self.service, destination)
            return destination
        except InvalidOptionError as wrong:
            findings.add(*self._told(wrong, places))
            return None

    def _told(self, wrong: InvalidOptionError, places: Mapping[str, str]) -> Tuple[str, str]:
        if wrong.option == "port":
            text = f"{self.real_port} is not the port that clients connect to, and mode {self.mode} cannot rewrite ports"
            return f"{self.place}.real_port", f"{text}: leave real_port out, or set mode to nat or fullnat"
        text = reason(wrong).replace("forward to tunnel", "mode to tun")
        for name in THRESHOLDS:
            text = text.replace(name, places[name].replace(": ", "'s "))
        return places.get(wrong.option, f"{self.place}.{wrong.option}"), text


def _text(value: Any) -> Optional[str]:
    return None if value is None else str(value)
