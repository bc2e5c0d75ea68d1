# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the description of the cluster."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from .checks import check_all
from .description import read_services
from .services import MODES, RIP, RIP6, VirtualService
from .values import (
    Findings,
    Groups,
    Hosts,
    Hostvars,
    UnusableError,
    addresses,
    choice,
    demand_netaddr,
    members,
    network,
    own_address,
    settled,
)

DIP = own_address("ipv4", "lvs_dip6")
DIP6 = own_address("ipv6", "lvs_dip")
# Variables with a few words to choose from, which any host of the cluster may have.
CHOICES = {
    "lvs_firewall": choice("packet filter", ("auto", "firewalld", "nftables", "iptables", "none")),
    "lvs_arp": choice("ARP policy", ("sysctl", "arptables")),
    "lvs_state": choice("state", ("present", "absent")),
}
# Real servers that the director reaches by their own network only.
NEAR = ("nat", "dr")
# Hosts of a group that shares a mistake; more are counted.
LISTED = 3


def problems(
    lvs_services: Any, groups: Groups, hostvars: Hostvars, mode: str = "nat", back_network: Optional[str] = None
) -> List[str]:
    """What is wrong with the description: a sentence each that names the variable, the host where there is one, and the remedy.

    :raises AnsibleFilterError: the controller lacks netaddr
    """
    cluster = Cluster(lvs_services, groups, hostvars, mode, back_network)
    check_all(cluster.services, groups, hostvars, cluster.findings, back_network or "")
    return cluster.findings.sentences()


class Cluster:
    """The description, looked at as a whole."""

    def __init__(
        self, lvs_services: Any, groups: Groups, hostvars: Hostvars, mode: str = "nat", back_network: Optional[str] = None
    ) -> None:
        demand_netaddr()
        self.findings = Findings()
        self.hosts = Hosts(hostvars, self.findings)
        self._hostvars = hostvars
        with self.findings.at("lvs_mode"):
            choice("mode", MODES)(mode)
        self.services = read_services(lvs_services, groups, mode if mode in MODES else "", self.findings)
        self._directors = members(groups, "directors")
        self._routers = members(groups, "directors", "gateways")
        self._real_servers = list(dict.fromkeys(host for service in self.services for host in service.hosts))
        self._members = list(dict.fromkeys([*self._routers, *self._real_servers]))
        self._check_directors()
        self._check_real_servers()
        self._check_choices()
        self._check_owners()
        if back_network is not None:
            self._check_networks(back_network)

    def _check_directors(self) -> None:
        if not self._directors:
            self.findings.add("directors", "the inventory has no director: put a host into the group directors")
        for host in self._directors:
            self.hosts.need(host, "lvs_vip_interface", str, "name the card that carries the VIP, such as eth0")
        for host in self._routers:
            self.hosts.need(host, "lvs_dip", DIP, "write the director's or gateway's address in the inner network")
        for service in self.services:
            if self._answers_to_ipv6(service):
                for host in self._directors:
                    remedy = f"write the director's IPv6 address in the inner network, for {service.place} is an IPv6 service"
                    self.hosts.need(host, "lvs_dip6", DIP6, remedy)

    def _answers_to_ipv6(self, service: VirtualService) -> bool:
        """Whether real servers know a director by an IPv6 address: as their router, or as the sender of what a tunnel brings."""
        if service.family != "ipv6" or service.mode not in ("nat", "tun", "fullnat"):
            return False
        return service.mode != "tun" or any(self.hosts.read(host, "lvs_rip6", RIP6) for host in service.hosts)

    def _check_real_servers(self) -> None:
        for service in self.services:
            for host in service.hosts:
                if service.mode and service.family:
                    service.destination(host, self.hosts, self.findings)
                if host in self._directors:
                    self.findings.add(
                        host,
                        f"is a director and a real server of {service.place}: take it out of group directors or out of that service's",
                    )

    def _check_choices(self) -> None:
        wrong: Dict[Tuple[str, str], List[str]] = {}
        for host in self._members:
            for variable, read in CHOICES.items():
                try:
                    value = settled(self._hostvars[host], variable) if host in self._hostvars else None
                    if value is not None:
                        read(value)
                except UnusableError as problem:
                    wrong.setdefault((variable, str(problem)), []).append(host)
        for (variable, text), hosts in wrong.items():
            # A group's mistake is one mistake.
            rest = len(hosts) - LISTED
            self.findings.add(f"{', '.join(hosts[:LISTED])}{f' and {rest} more' if rest > 0 else ''}: {variable}", text)

    def _check_owners(self) -> None:
        # Services may share a VIP: their ports tell them apart.
        owners: Dict[str, Tuple[str, str]] = {}
        for service in self.services:
            for vip in service.vips:
                owners.setdefault(vip, ("", f"{service.place}.vip"))
        for host, variable, value in self._host_addresses():
            owner, place = owners.setdefault(value, (host, f"{host}: {variable}"))
            if owner != host:
                text = f"{value} is also {place}: an address belongs to one host only, change one of them"
                self.findings.add(f"{host}: {variable}", text)

    def _host_addresses(self) -> Iterable[Tuple[str, str, str]]:
        """Host, variable and address of everything that is one."""
        for variable, read, hosts in (
            ("lvs_rip", RIP, self._real_servers),
            ("lvs_rip6", RIP6, self._real_servers),
            ("lvs_dip", DIP, self._routers),
            ("lvs_dip6", DIP6, self._routers),
        ):
            for host in hosts:
                value = self.hosts.read(host, variable, read)
                if value:
                    yield host, variable, value
        for host in self._members:
            for value in self.hosts.read(host, "lvs_addresses", addresses) or ():
                yield host, "lvs_addresses", value

    def _check_networks(self, back_network: str) -> None:
        near = {
            family: [
                host for service in self.services if service.mode in NEAR and service.family == family for host in service.hosts
            ]
            for family in ("ipv4", "ipv6")
        }
        if back_network:
            self._check_network("lvs_back_network", back_network, ("lvs_rip", RIP, near["ipv4"]), ("lvs_dip", DIP, self._routers))
        elif near["ipv4"]:
            self.findings.add("lvs_back_network", "is missing: write the inner network, such as 192.168.239.0/24")
        self._check_overlaps(back_network)
        for host in self._directors[:1]:
            value = self.hosts.read(host, "lvs_back_network6", str)
            if value:
                self._check_network(
                    "lvs_back_network6", value, ("lvs_rip6", RIP6, near["ipv6"]), ("lvs_dip6", DIP6, self._routers)
                )

    def _check_overlaps(self, back_network: str) -> None:
        """Hosts that know the inner network by another prefix length route a part of it elsewhere."""
        told = set()
        for host in self._members:
            try:
                net, other = network(back_network), network(settled(self._hostvars[host], "lvs_back_network"))
            except (UnusableError, KeyError):
                continue
            if net != other and (net in other or other in net) and other not in told:
                told.add(other)
                text = f"{other} overlaps {net}, which is lvs_back_network elsewhere: write the same network for all hosts"
                self.findings.add(f"{host}: lvs_back_network", text)

    def _check_network(self, name: str, value: str, *inside: Tuple[str, Any, Sequence[str]]) -> None:
        with self.findings.at(name):
            net = network(value)
            if (net.version == 6) != name.endswith("6"):
                family, other = ("IPv6", "lvs_back_network") if name.endswith("6") else ("IPv4", "lvs_back_network6")
                raise UnusableError(f"{net} is no {family} network: write one, and this as {other}")
            for variable, read, hosts in inside:
                for host in hosts:
                    text = self.hosts.read(host, variable, read)
                    if text and text not in net:
                        self.findings.add(
                            f"{host}: {variable}", f"{text} is outside {name} {net}: correct the address or the network"
                        )
