# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster as the inventory describes it, and what each of its hosts is to have: by the functions that the roles use."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from ansible.errors import AnsibleFilterError

from .. import parts, passes
from ..inventory.table import services
from ..inventory.values import Groups, Hostvars, UnusableError, members, settled

Wants = Dict[str, Dict[str, str]]
Service = Mapping[str, Any]

# Hosts that the cluster's playbook works on, and those that it takes everything off.
GROUPS = ("directors", "real_servers", "gateways", "nfs_servers", "database_servers", "web_servers", "reverse_proxies")
RETIRED = "retired"
BACKENDS = ("iptables", "nftables", "firewalld")
# Modes in which a real server carries the VIP and answers the client itself.
DIRECT = ("dr", "tun")


# Variables of role director.
SETTINGS = ("director_settings", "director_tracking_settings")


class Item(NamedTuple):
    """One thing that a part is to have on its host."""

    part: str
    kind: str
    name: str
    value: str


class Cluster:
    """
    :param settings: what role director sets where the inventory says nothing: the values of director_settings and
        director_tracking_settings
    :raises AnsibleFilterError: the description has problems
    """

    def __init__(self, groups: Groups, hostvars: Hostvars, settings: Mapping[str, Any]) -> None:
        self._groups = {name: list(groups[name]) for name in groups}
        self._hostvars = hostvars
        self._settings = settings
        # What was once worked out: checks ask for it again and again.
        self._known: Dict[Tuple[str, str], Any] = {}
        self.directors = members(groups, "directors")
        self.gateways = members(groups, "gateways")
        self.clients = members(groups, "clients")
        self.retired = members(groups, RETIRED)
        self.hosts = members(groups, *GROUPS, RETIRED)
        first = next(iter([*self.directors, *members(groups, "real_servers"), *self.gateways]), "")
        self.page = str(self.value(first, "lvs_page", "/"))
        given, mode = self.value(first, "lvs_services", []), str(self.value(first, "lvs_mode", "nat"))
        present = self.value(first, "lvs_state", "present") == "present"
        self.services: List[Dict[str, Any]] = services(given, groups, hostvars, mode) if present else []
        self.vips = list(dict.fromkeys(vip for service in self.services for vip in service["vips"]))

    def value(self, host: str, variable: str, default: Any = None) -> Any:
        """A variable of a host.

        :raises AnsibleFilterError: it cannot be worked out
        """
        try:
            found = settled(self._hostvars[host], variable) if host in self._hostvars else None
        except UnusableError as wrong:
            raise AnsibleFilterError(f"{host}: {variable}: {wrong}") from wrong
        return default if found is None else found

    def group(self, name: str) -> List[str]:
        return members(self._groups, name)

    def member(self, host: str) -> bool:
        """Whether the host is to play any part."""
        return host not in self.retired and self.value(host, "lvs_state", "present") == "present"

    def served(self, host: str, *modes: str) -> List[Dict[str, Any]]:
        """The services that a host serves, in these modes, or in any."""
        return [
            service
            for service in self.services
            if (not modes or service["mode"] in modes) and any(server["host"] == host for server in service["real_servers"])
        ]

    def servers(self, *modes: str) -> List[str]:
        """The hosts that serve anything in these modes, or in any."""
        hosts = [server["host"] for service in self.services for server in service["real_servers"]]
        return [host for host in dict.fromkeys(hosts) if self.served(host, *modes)]

    def modes(self) -> List[str]:
        return list(dict.fromkeys(service["mode"] for service in self.services))

    def parts(self, host: str) -> Dict[str, Wants]:
        """The parts of a host but for the packet filter, as the playbook site.yml has the roles take them up."""
        if not self.member(host):
            return {}
        found = {}
        dip, dip6 = (self._of_director(variable) for variable in ("lvs_dip", "lvs_dip6"))
        if host in self.directors and self.services:
            interface = str(self.value(host, "lvs_vip_interface", ""))
            settings, tracking = (self.value(host, name, self._settings[name]) for name in SETTINGS)
            own, own6 = (str(self.value(host, variable, "")) for variable in ("lvs_dip", "lvs_dip6"))
            found["director"] = parts.director(self.services, interface, settings, own, (), own6, tracking)
        if host in self.servers():
            arp = str(self.value(host, "lvs_arp", "sysctl"))
            found["realserver"] = parts.realserver(self.services, host, dip, arp, dip6)
        if host in self.gateways and "nat" in self.modes():
            network, network6 = (str(self.value(host, name, "")) for name in ("lvs_back_network", "lvs_back_network6"))
            found["gateway"] = parts.gateway(network, str(self.value(host, "lvs_vip_interface", "")), (), network6)
        return found

    def firewalls(self, host: str, keep: Callable[[Mapping[str, Any]], bool] = lambda _one: True) -> Dict[str, Wants]:
        """The packet filter of a host, for each backend that may be its own.

        :param keep: which of the things that are let through are meant
        """
        chosen = str(self.value(host, "lvs_firewall", "auto"))
        if not self.member(host) or chosen == "none" or not self.services:
            return {}
        accepts = passes.accepts(self.services, self._groups, self._hostvars, host, self.value(host, "lvs_accepts", []))
        networks = (str(self.value(host, name, "")) for name in ("lvs_back_network", "lvs_back_network6"))
        forwards = passes.forwards(self.services, self._groups, host, *networks)
        accepts, forwards = list(filter(keep, accepts)), list(filter(keep, forwards))
        routes = host in self.directors or (host in self.gateways and "nat" in self.modes())
        port = int(self.value(host, "lvs_ssh_port", 22))
        found = {}
        for backend in BACKENDS if chosen == "auto" else [chosen]:
            try:
                found[backend] = parts.firewall(accepts, forwards, port, routes, backend)
            except AnsibleFilterError:
                # One that has no such rules; where it is the host's own, the role says so.
                continue
        return found

    def arp(self, host: str) -> Dict[str, Any]:
        """What the module arp_sysctl is told on a host."""
        if host not in self.servers() or not self.member(host):
            return {}
        if self.served(host, *DIRECT) and self.value(host, "lvs_arp", "sysctl") == "sysctl":
            own = self.value(host, "lvs_rip_interface", "")
            return {"state": "present", "interfaces": ["all", *([str(own)] if own else [])]}
        return {"state": "absent"}

    def items(self, host: str, firewall: str = "") -> Iterator[Item]:
        """All that the parts of a host are to have; of packet filters that of one backend, or of any."""
        if (host, firewall) not in self._known:
            self._known[host, firewall] = list(self._items(host, firewall))
        yield from self._known[host, firewall]

    def _items(self, host: str, firewall: str) -> Iterator[Item]:
        wanted: List[Any] = list(self.parts(host).items())
        wanted += [("firewall", wants) for backend, wants in self.firewalls(host).items() if firewall in ("", backend)]
        for part, wants in wanted:
            for kind, names in wants.items():
                for name, value in names.items():
                    yield Item(part, kind, name, value)

    def addresses(self, host: str) -> Sequence[str]:
        """What the inventory says of a host's own addresses."""
        names = ("lvs_dip", "lvs_dip6", "lvs_rip", "lvs_rip6")
        own = [str(self.value(host, name)) for name in names if self.value(host, name)]
        return [*own, *(str(address) for address in self.value(host, "lvs_addresses", []))]

    def _of_director(self, variable: str) -> str:
        return str(self.value(self.directors[0], variable, "")) if self.directors else ""

    def is_tunnel(self, one: Mapping[str, Any]) -> bool:
        """Whether it is a tunnel that is let through."""
        ports = {server.get("tunnel_port") for service in self.services for server in service["real_servers"]} - {None, 0}
        protocols = {*passes.TUNNEL_PROTOCOLS.values(), *passes.TUNNEL_PROTOCOLS6.values()}
        return one.get("protocol") in protocols or (one.get("protocol") == "udp" and one.get("port") in ports)
