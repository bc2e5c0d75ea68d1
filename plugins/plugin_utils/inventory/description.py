# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list `lvs_services`, read into services."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import InvalidOptionError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.fields import (
    REAL_SERVER_FIELDS,
    SERVICE_FIELDS,
    between,
    netmask,
    scheduler_flags,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.intent import create
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.keys import service_key
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import PROTOCOLS, Service, ServiceKey
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.rules import check_scheduler_flags, check_service

from .services import MODES, THRESHOLDS, TUNNEL_KEYS, VirtualService
from .values import (
    Findings,
    Groups,
    Reader,
    UnusableError,
    address,
    choice,
    family_of,
    meant,
    members,
    order_of,
    reason,
    settled,
    worked_out,
)

# The kernel's ip_vs_* modules (net/netfilter/ipvs/Kconfig).
SCHEDULERS = ("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh")
# Every group of real servers is inside of this one: the playbooks work on its hosts.
REAL_SERVERS = "real_servers"
EXAMPLE = "{name: web, vip: 10.0.0.129, port: 80}"


def read_services(lvs_services: Any, groups: Groups, mode: str, findings: Findings) -> List[VirtualService]:
    """The services; those with problems as far as they can be known."""
    if not isinstance(lvs_services, (list, tuple)) or not lvs_services:
        findings.add("lvs_services", f"there is no service: list at least one, such as {EXAMPLE}")
        return []
    found = []
    for index in range(len(lvs_services)):
        place = f"lvs_services[{index}]"
        with findings.at(place):
            found.append(_Description(place, _entry(lvs_services, index), findings).read(groups, mode))
    _check_distinct(found, findings)
    return found


def _entry(lvs_services: Any, index: int) -> Mapping[str, Any]:
    raw = worked_out(lambda: lvs_services[index])
    if not isinstance(raw, Mapping):
        raise UnusableError(f"{settled(lvs_services, index)!r} is no dictionary: write one such as {EXAMPLE}")
    return raw


class _Description:
    """One entry of `lvs_services` while it is read."""

    def __init__(self, place: str, raw: Mapping[str, Any], findings: Findings) -> None:
        self._place = place
        self._findings = findings
        self._values: Dict[str, Any] = {}
        self._broken = False
        for key in raw:
            with self._telling(key):
                if key not in KEYS:
                    raise UnusableError(f"there is no such key{meant(key, KEYS)}: use {', '.join(KEYS)}")
                # It is there, whatever becomes of it.
                self._values[key] = None
                value = settled(raw, key)
                if value is None or (value == "" and key in REMEDIES):
                    del self._values[key]
                else:
                    self._values[key] = KEYS[key](value)

    def read(self, groups: Groups, mode: str) -> VirtualService:
        get = self._get
        self._check_needed()
        marked = "fwmark" in self._values
        ports = get("ports", ()) if marked else tuple(port for port in (get("port"),) if port is not None)
        vips = get("vip", ())
        if len({family_of(vip) for vip in vips}) > 1:
            self._tell(
                "vip", "a service is of one family: make another service of the addresses of the other family, with the same mark"
            )
            vips = ()
        group = get("real_servers", "") if "real_servers" in self._values else REAL_SERVERS
        mode = get("mode", "") if "mode" in self._values else mode
        return VirtualService(
            self._place,
            get("name", ""),
            mode,
            get("protocol", "") if "protocol" in self._values else "tcp",
            vips,
            ports,
            get("real_port"),
            self._hosts(group, groups) if group else (),
            {name: get(name) for name in (*THRESHOLDS, *TUNNEL_KEYS) if get(name) is not None},
            self._service(mode) if vips and not self._broken else None,
        )

    def _get(self, key: str, default: Any = None) -> Any:
        value = self._values.get(key)
        return default if value is None else value

    def _check_needed(self) -> None:
        marked = "fwmark" in self._values
        for key in ("name", "vip", "ports" if marked else "port"):
            if key not in self._values:
                self._tell(key, f"is missing: {REMEDIES[key]}")
        if marked and "port" in self._values:
            self._tell("port", "a fwmark service is known by its mark: list its ports as ports")
        if not marked and "ports" in self._values:
            self._tell("ports", "only fwmark services have several: write port, or set fwmark")
        if not marked and len(self._get("vip", ())) > 1:
            self._tell("vip", "only fwmark services have several: write one address, or set fwmark")

    def _service(self, mode: str) -> Optional[Service]:
        get = self._get
        family = family_of(get("vip")[0])
        flags_for, flags = get("scheduler_flags", ("", 0))
        changes = {name: get(name) for name in SERVICE_FIELDS if get(name) is not None}
        with self._telling("persistence_netmask"):
            if get("persistence_netmask") is not None:
                changes["persistence_netmask"] = netmask(family, get("persistence_netmask"))
        with self._telling():
            for vip in get("vip"):
                # Whether it can be one; a mark says nothing of it.
                service_key({"address": vip, "port": 1})
            if get("fwmark"):
                key = ServiceKey.marked(get("fwmark"), family)
            else:
                key = service_key({"protocol": get("protocol"), "address": get("vip")[0], "port": get("port")})
            service = create(Service, key, {**changes, "scheduler_flags": flags})
            with self._telling():
                check_scheduler_flags(service, flags_for)
            with self._telling():
                check_service(service)
            self._check_port_mapping(service)
            if service.one_packet:
                self._check_one_packet(mode)
            if mode == "tun":
                self._check_checksum()
            return None if self._broken else service
        return None

    def _check_port_mapping(self, service: Service) -> None:
        if self._get("real_port") and not service.key.port and service.persistence_timeout:
            self._tell(
                "real_port",
                "persistence over several ports leaves each as it is: leave real_port out, or make a service for each port",
            )

    def _check_one_packet(self, mode: str) -> None:
        protocol = self._get("protocol", "tcp")
        if self._get("fwmark") and protocol != "udp":
            self._tell("one_packet", f"one-packet scheduling is for udp services, not for {protocol}: leave it out")
        if mode == "fullnat":
            self._tell("one_packet", "full NAT needs connection tracking, which one-packet scheduling goes past: leave it out")
        if mode == "nat" and protocol == "udp":
            # Seen on hosts: the answer leaves under the gateway's address, and the client does not take it.
            text = "by then one-packet scheduling has forgotten where an answer belongs, which NAT has to rewrite"
            self._tell("one_packet", f"{text}: set mode to dr or tun, or leave it out")

    def _check_checksum(self) -> None:
        # The device that unwraps for all senders drops what it was not told to expect, and cannot be told (net/ipv4/ip_tunnel.c:
        # ip_tunnel_rcv, i_flags of the fallback device; net/ipv6/ip6_tunnel.c: __ip6_tnl_rcv).
        if self._get("tunnel_type") == "gre" and self._get("tunnel_checksum", "none") != "none":
            text = "the real servers' gre0 takes packets without checksum only"
            self._tell("tunnel_checksum", f"{text}: leave it out, or set tunnel_type to gue")

    def _hosts(self, group: str, groups: Groups) -> Tuple[str, ...]:
        if group not in groups:
            self._tell(
                "real_servers",
                f"the inventory has no group {group!r}{meant(group, list(groups))}: "
                "make the group, or name the one that holds the service's real servers",
            )
            return ()
        hosts = members(groups, group)
        if not hosts:
            self._tell("real_servers", f"the service has no real servers, group {group} is empty: put hosts into the group")
        inside = members(groups, REAL_SERVERS)
        outside = [host for host in hosts if host not in inside]
        if outside:
            self._tell(
                "real_servers",
                f"{', '.join(outside)} of group {group} {'is' if len(outside) == 1 else 'are'} not in group {REAL_SERVERS}, "
                f"whose hosts are configured: make {group} a child of {REAL_SERVERS}",
            )
        return tuple(hosts)

    def _tell(self, key: str, text: str) -> None:
        self._broken = True
        self._findings.add(f"{self._place}.{key}", text)

    @contextmanager
    def _telling(self, key: str = "") -> Iterator[None]:
        try:
            yield
        except (UnusableError, InvalidOptionError) as wrong:
            option = key or {"address": "vip"}.get(getattr(wrong, "option", ""), getattr(wrong, "option", ""))
            self._tell(option, reason(wrong))


def _check_distinct(services: Iterable[VirtualService], findings: Findings) -> None:
    names: Dict[str, str] = {}
    marks: Dict[Tuple[int, str], str] = {}
    endpoints: Dict[Tuple[str, str, int], str] = {}
    for service in services:
        place = service.place
        if service.name and names.setdefault(service.name, place) != place:
            findings.add(f"{place}.name", f"{service.name!r} is already the name of {names[service.name]}: rename one")
        key = service.service.key if service.service else None
        if key and key.fwmark and marks.setdefault((key.fwmark, key.family), place) != place:
            first = marks[key.fwmark, key.family]
            findings.add(f"{place}.fwmark", f"{key.fwmark} is already the mark of {first}: choose another")
        for endpoint in service.endpoints:
            first = endpoints.setdefault(endpoint, place)
            if first != place:
                protocol, vip, port = endpoint
                at = ServiceKey.at(protocol, vip, port)
                findings.add(place, f"{at} is already {first}: change the protocol, VIP or port of one")


def _name(value: Any) -> str:
    if isinstance(value, (bool, dict, list)) or not str(value).strip():
        raise UnusableError(f"{value!r} is no name: give the service a name of its own")
    return str(value)


def _group(value: Any) -> str:
    if not isinstance(value, str):
        raise UnusableError(f"{value!r} is no name of a group: name the one that holds the service's real servers")
    return value


def _vips(value: Any) -> Tuple[str, ...]:
    vips = {address(item) for item in (value if isinstance(value, list) else [value])}
    if not vips:
        raise UnusableError(f"is empty: {REMEDIES['vip']}")
    return tuple(sorted(vips, key=order_of))


def _ports(value: Any) -> Tuple[int, ...]:
    if not isinstance(value, list) or not value:
        raise UnusableError(f"{value!r} is no list of ports: write one such as [80, 443]")
    return tuple(sorted({between("ports", 1, 65535)(item) for item in value}))


# Each key of a service, and what reads it.
KEYS: Dict[str, Reader] = {
    "name": _name,
    "mode": choice("mode", MODES),
    "vip": _vips,
    "port": between("port", 0, 65535),
    "protocol": choice("protocol", tuple(PROTOCOLS)),
    "fwmark": between("fwmark", 1, 2**32 - 1),
    "ports": _ports,
    "real_servers": _group,
    "real_port": between("real_port", 1, 65535),
    "scheduler": choice("scheduler", SCHEDULERS),
    "scheduler_flags": scheduler_flags,
    "persistence_timeout": SERVICE_FIELDS["persistence_timeout"],
    # What fits depends on the family.
    "persistence_netmask": lambda value: value,
    "persistence_engine": SERVICE_FIELDS["persistence_engine"],
    "one_packet": SERVICE_FIELDS["one_packet"],
    **{name: REAL_SERVER_FIELDS[name] for name in (*THRESHOLDS, *TUNNEL_KEYS)},
}
REMEDIES = {
    "name": "give the service a name of its own",
    "vip": "write the address that clients connect to",
    "port": "write the port that clients connect to, 1 to 65535, or 0 for every port",
    "ports": "list the ports that clients connect to, such as [80, 443]",
}
