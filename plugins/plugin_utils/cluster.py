# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory's description of the cluster: what is wrong with it, and the IPVS table that it asks for.

Pure functions. `problems` comes first and says everything at once; `services` builds on a description without problems and raises
on the first one.
"""

from __future__ import annotations

import difflib
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

from ansible.errors import AnsibleError, AnsibleFilterError

try:
    import netaddr
except ImportError:
    # Said when it is used: documentation has to load without it.
    netaddr = None

MODES = ("nat", "dr", "tun", "fullnat")
FORWARDS = {"nat": "masquerade", "dr": "direct", "tun": "tunnel", "fullnat": "masquerade"}
PROTOCOLS = ("tcp", "udp", "sctp")
# The kernel's ip_vs_* modules (net/netfilter/ipvs/Kconfig).
SCHEDULERS = ("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh")
SERVICE_KEYS = (
    "name", "mode", "vip", "port", "protocol", "scheduler", "scheduler_flags", "real_servers", "real_port",
    "persistence_timeout", "persistence_netmask", "persistence_engine", "one_packet",
    "tunnel_type", "tunnel_port", "tunnel_checksum", "fwmark", "ports",
)  # fmt: skip
# What goes to the kernel's table as it stands.
TABLE_KEYS = ("persistence_timeout", "persistence_netmask", "persistence_engine", "one_packet")
TUNNEL_KEYS = ("tunnel_type", "tunnel_port", "tunnel_checksum")
DEFAULT_GROUP = "real_servers"
# A weight is a signed 32-bit number in the kernel, which refuses negative ones (struct ip_vs_dest_user_kern).
MAX_WEIGHT = 2147483647

Hostvars = Mapping[str, Mapping[str, Any]]
Groups = Mapping[str, Iterable[str]]


class UnusableError(Exception):
    """A value that cannot be read; the text says why."""


def services(lvs_services: Any, groups: Groups, hostvars: Hostvars, mode: str = "nat") -> List[Dict[str, Any]]:
    """The table that the inventory asks for, normalised and sorted by protocol, address and port.

    :raises AnsibleFilterError: the description has problems; the text holds them all
    """
    found = problems(lvs_services, groups, hostvars, mode)
    if found:
        raise AnsibleFilterError("\n".join(found))
    table = [_entry(service, groups, hostvars, str(service.get("mode", mode))) for service in lvs_services]
    return sorted(table, key=lambda entry: (entry["protocol"], netaddr.IPAddress(entry["address"]), entry["port"]))


def _entry(service: Mapping[str, Any], groups: Groups, hostvars: Hostvars, mode: str) -> Dict[str, Any]:
    vip = str(netaddr.IPAddress(str(service["vip"])))
    port = int(service.get("port", 0))
    real_port = int(service.get("real_port", port))
    common = {"port": real_port, "forward": FORWARDS[mode]}
    if mode == "tun":
        common.update({key: service[key] for key in TUNNEL_KEYS if key in service})
    return {
        "name": str(service["name"]),
        "mode": mode,
        "protocol": str(service.get("protocol", "tcp")),
        "address": vip,
        "vips": [vip],
        "port": port,
        "scheduler": str(service.get("scheduler", "wlc")),
        **{key: service[key] for key in TABLE_KEYS if key in service},
        **({"fwmark": int(service["fwmark"]), "ports": service["ports"]} if "fwmark" in service else {}),
        "real_servers": sorted(
            (
                {
                    "host": str(host),
                    "address": str(netaddr.IPAddress(str(hostvars[host]["lvs_rip"]))),
                    "weight": int(_get(hostvars, host, "lvs_weight", 1)),
                    **common,
                }
                for host in groups[service.get("real_servers", DEFAULT_GROUP)]
            ),
            key=lambda server: netaddr.IPAddress(server["address"]),
        ),
    }


def problems(
    lvs_services: Any, groups: Groups, hostvars: Hostvars, mode: str = "nat", back_network: Optional[str] = None
) -> List[str]:
    """What is wrong with the description: a sentence each that names the variable, the host where there is one, and the remedy.

    :raises AnsibleFilterError: the controller lacks netaddr
    """
    if netaddr is None:
        raise AnsibleFilterError("lvs.cluster needs the Python package netaddr on the controller: pip install netaddr")
    return [
        *_mode_problems(mode),
        *_service_problems(lvs_services, groups),
        *_director_problems(groups, hostvars),
        *_host_problems(lvs_services, groups, hostvars),
        *_address_problems(lvs_services, groups, hostvars),
        *_network_problems(lvs_services, groups, hostvars, mode, back_network),
    ]


def proof(service: Mapping[str, Any], answers: Iterable[str]) -> Dict[str, Any]:
    """Compare who answered with who was to answer.

    :param service: an entry of what `services` returns
    :param answers: the name that each answer gave, one a request
    :returns: `rows`, a dictionary for each real server and for each answer that came from elsewhere, and `problems`, sentences
    """
    given = [str(answer).strip() for answer in answers]
    weights = {server["host"]: server["weight"] for server in service["real_servers"]}
    if service["scheduler"] == "rr":
        # Plain round robin knows two weights only: none, and some.
        weights = {host: min(weight, 1) for host, weight in weights.items()}
    total = sum(weights.values()) or 1
    rows, found = [], []
    for host, weight in weights.items():
        count = given.count(host)
        share = len(given) * weight / total
        even = service["scheduler"] in ("rr", "wrr")
        # A run that ends within a round gives some real servers a part of their turns.
        slack = 0 if all(len(given) * each % total == 0 for each in weights.values()) else weight
        expected = f"{share:g}" if even and not slack else f"{share:.1f} +- {slack}" if even else "any" if weight else "0"
        rows.append({"service": service["name"], "real_server": host, "answers": count, "expected": expected})
        if (even and abs(count - share) > slack) or (not weight and count):
            found.append(f"{service['name']}: {host} answered {count} times of {len(given)}, expected {expected}")
    for stranger in sorted(set(given) - set(weights)):
        rows.append({"service": service["name"], "real_server": stranger[:40], "answers": given.count(stranger), "expected": "0"})
        found.append(f"{service['name']}: {stranger[:40]!r} answered, which is none of its real servers")
    if not given:
        found.append(f"{service['name']}: nobody answered at {service['address']}:{service['port']}")
    return {"rows": rows, "problems": found}


def _mode_problems(mode: Any) -> Iterable[str]:
    if mode not in MODES:
        yield f"lvs_mode: {mode!r} is no mode{_meant(mode, MODES)}: use one of {', '.join(MODES)}"


def _service_problems(lvs_services: Any, groups: Groups) -> Iterable[str]:
    if not isinstance(lvs_services, (list, tuple)) or not lvs_services:
        yield "lvs_services: there is no service: list at least one, such as {name: web, vip: 10.0.0.129, port: 80}"
        return
    names: Dict[str, int] = {}
    keys: Dict[Tuple[str, str, int], int] = {}
    for index, service in enumerate(lvs_services):
        place = f"lvs_services[{index}]"
        if not isinstance(service, Mapping):
            yield f"{place}: {service!r} is no dictionary: write one such as {{name: web, vip: 10.0.0.129, port: 80}}"
            continue
        for key in service:
            if key not in SERVICE_KEYS:
                yield f"{place}.{key}: there is no such key{_meant(key, SERVICE_KEYS)}: use {', '.join(SERVICE_KEYS)}"
        name = _optional(service, "name")
        if not name:
            yield f"{place}.name: is missing: give the service a name of its own"
        elif str(name) in names:
            yield f"{place}.name: {name!r} is already the name of lvs_services[{names[str(name)]}]: rename one"
        else:
            names[str(name)] = index
        for key in ("vip", "port", "real_port"):
            if key != "real_port" or key in service:
                yield from _checked(f"{place}.{key}", service, key, address if key == "vip" else _port)
        for key, known, what in (("protocol", PROTOCOLS, "protocol"), ("scheduler", SCHEDULERS, "scheduler")):
            value = _optional(service, key)
            if key in service and value not in known:
                yield f"{place}.{key}: {value!r} is no {what}{_meant(value, known)}: use one of {', '.join(known)}"
        yield from _group_problems(place, service, groups)
        try:
            key_of_kernel = (str(service.get("protocol", "tcp")), address(service["vip"]), _port(service["port"]))
        except (UnusableError, KeyError, AnsibleError):
            continue
        first = keys.setdefault(key_of_kernel, index)
        if first != index:
            protocol, vip, port = key_of_kernel
            yield f"{place}: {protocol} {vip}:{port} is already lvs_services[{first}]: change the protocol, VIP or port of one"


def _group_problems(place: str, service: Mapping[str, Any], groups: Groups) -> Iterable[str]:
    group = _optional(service, "real_servers", DEFAULT_GROUP)
    if not isinstance(group, str) or group not in groups:
        yield (
            f"{place}.real_servers: the inventory has no group {group!r}{_meant(group, list(groups))}: "
            "make the group, or name the one that holds the service's real servers"
        )
    elif not list(groups[group]):
        yield f"{place}.real_servers: the service has no real servers, group {group} is empty: put hosts into the group"


def _director_problems(groups: Groups, hostvars: Hostvars) -> Iterable[str]:
    directors = list(groups.get("directors", ()))
    if not directors:
        yield "directors: the inventory has no director: put a host into the group directors"
    for host in directors:
        try:
            card = _get(hostvars, host, "lvs_vip_interface")
        except UnusableError as wrong:
            yield f"{host}: lvs_vip_interface: {wrong}"
            continue
        if not card:
            yield f"{host}: lvs_vip_interface: is missing: name the card that carries the VIP, such as eth0"


def _host_problems(lvs_services: Any, groups: Groups, hostvars: Hostvars) -> Iterable[str]:
    for host in _real_servers(lvs_services, groups):
        yield from (f"{host}: {text}" for text in _checked("lvs_rip", _Host(hostvars, host), "lvs_rip", address))
        if _defined(hostvars, host, "lvs_weight"):
            yield from (f"{host}: {text}" for text in _checked("lvs_weight", _Host(hostvars, host), "lvs_weight", _weight))
    for host in _gateways(groups):
        yield from (f"{host}: {text}" for text in _checked("lvs_dip", _Host(hostvars, host), "lvs_dip", address))


def _address_problems(lvs_services: Any, groups: Groups, hostvars: Hostvars) -> Iterable[str]:
    owners: Dict[str, Tuple[str, str]] = {}
    for index, service in enumerate(_usable(lvs_services)):
        try:
            # Services may share a VIP: their ports tell them apart.
            owners.setdefault(address(service["vip"]), ("", f"lvs_services[{index}].vip"))
        except (UnusableError, KeyError, AnsibleError):
            continue
    for host, variable, value in _host_addresses(lvs_services, groups, hostvars):
        owner, place = owners.setdefault(value, (host, f"{host}: {variable}"))
        if owner != host:
            yield f"{host}: {variable}: {value} is also {place}: an address belongs to one host only, change one of them"


def _network_problems(
    lvs_services: Any, groups: Groups, hostvars: Hostvars, mode: str, back_network: Optional[str]
) -> Iterable[str]:
    if back_network is None:
        return
    if not back_network:
        yield "lvs_back_network: is missing: write the inner network, such as 192.168.239.0/24"
        return
    try:
        network = netaddr.IPNetwork(str(back_network))
    except (netaddr.AddrFormatError, ValueError):
        yield f"lvs_back_network: {str(back_network)!r} is no network: write one such as 192.168.239.0/24"
        return
    if "/" not in str(back_network):
        yield f"lvs_back_network: {back_network} has no prefix length: write the inner network such as 192.168.239.0/24"
        return
    if network.ip != network.network:
        yield f"lvs_back_network: {back_network} has host bits set: write {network.cidr}"
        return
    # Tunnels and full NAT reach real servers anywhere.
    near = [service for service in _usable(lvs_services) if _optional(service, "mode", mode) in ("nat", "dr")]
    for host, variable, value in _host_addresses(near, groups, hostvars):
        if value not in network:
            yield f"{host}: {variable}: {value} is outside lvs_back_network {network}: correct the address or the network"


def address(value: Any) -> str:
    """Normalise an IPv4 address.

    :raises UnusableError: it is none
    """
    try:
        # Not inet_aton's shorthand, in which 10.1 is an address: a missing octet is a mistake here.
        parsed = netaddr.IPAddress(str(value), flags=netaddr.INET_PTON)
    except (netaddr.AddrFormatError, ValueError) as wrong:
        raise UnusableError(f"{str(value)!r} is no IP address: write one such as 10.0.0.129, without prefix length") from wrong
    if parsed.version != 4:
        raise UnusableError(f"{parsed} is an IPv6 address, which is not yet built: write an IPv4 address")
    return str(parsed)


def _port(value: Any) -> int:
    return _whole(value, 1, 65535)


def _weight(value: Any) -> int:
    return _whole(value, 0, MAX_WEIGHT)


def _whole(value: Any, least: int, most: int) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = least - 1
    if isinstance(value, bool) or not least <= number <= most:
        raise UnusableError(f"{value!r} is not in range: write a whole number from {least} to {most}")
    return number


class _Host(Mapping[str, Any]):
    """A host's variables, of which any may be impossible to template."""

    def __init__(self, hostvars: Hostvars, host: str) -> None:
        self._hostvars, self._host = hostvars, host

    def __getitem__(self, key: str) -> Any:
        if not _defined(self._hostvars, self._host, key):
            raise KeyError(key)
        return _get(self._hostvars, self._host, key)

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


def _checked(place: str, data: Mapping[str, Any], key: str, check: Any) -> Iterable[str]:
    try:
        value = data[key]
        if value is None or value == "":
            raise KeyError(key)
        check(value)
    except KeyError:
        yield f"{place}: is missing: {REMEDIES[key]}"
    except UnusableError as wrong:
        yield f"{place}: {wrong}"
    except AnsibleError as wrong:
        yield f"{place}: {_untemplated(wrong)}"


REMEDIES = {
    "vip": "write the address that clients connect to",
    "port": "write the port that clients connect to, 1 to 65535",
    "real_port": "write the port that the real servers listen on, or leave the key out",
    "lvs_rip": "write the real server's address in the inner network",
    "lvs_dip": "write the director's or gateway's address in the inner network",
    "lvs_weight": f"write a whole number from 0 to {MAX_WEIGHT}, or leave the variable out",
}


def _optional(data: Mapping[str, Any], key: str, default: Any = None) -> Any:
    """A value that an undefined variable may stand behind: then its text says so, and no list of known words has it."""
    try:
        return data.get(key, default)
    except AnsibleError as wrong:
        return _untemplated(wrong)


def _untemplated(wrong: AnsibleError) -> str:
    return f"cannot be worked out ({str(wrong).splitlines()[0]}): define what it refers to"


def _defined(hostvars: Hostvars, host: str, variable: str) -> bool:
    return host in hostvars and variable in hostvars[host]


def _get(hostvars: Hostvars, host: str, variable: str, default: Any = None) -> Any:
    """Read one variable of a host. Reading templates it, which fails where it refers to an undefined one.

    :raises UnusableError: it cannot be worked out
    """
    if not _defined(hostvars, host, variable):
        return default
    try:
        value = hostvars[host][variable]
        # An undefined value raises only when it is used.
        str(value)
    except AnsibleError as wrong:
        raise UnusableError(_untemplated(wrong)) from wrong
    return value


def _usable(lvs_services: Any) -> Iterable[Mapping[str, Any]]:
    return (
        [service if isinstance(service, Mapping) else {} for service in lvs_services]
        if isinstance(lvs_services, (list, tuple))
        else []
    )


def _real_servers(lvs_services: Any, groups: Groups) -> List[str]:
    """The hosts that are a real server of any service, each once, in the inventory's order."""
    hosts: Dict[str, None] = {}
    for service in _usable(lvs_services):
        group = _optional(service, "real_servers", DEFAULT_GROUP)
        if isinstance(group, str) and group in groups:
            hosts.update(dict.fromkeys(groups[group]))
    return list(hosts)


def _gateways(groups: Groups) -> List[str]:
    return list(dict.fromkeys([*groups.get("directors", ()), *groups.get("gateways", ())]))


def _host_addresses(lvs_services: Any, groups: Groups, hostvars: Hostvars) -> Iterable[Tuple[str, str, str]]:
    """Host, variable and address of everything that is one."""
    hosts = [(host, "lvs_rip") for host in _real_servers(lvs_services, groups)] + [
        (host, "lvs_dip") for host in _gateways(groups)
    ]
    for host, variable in hosts:
        try:
            yield host, variable, address(_get(hostvars, host, variable))
        except UnusableError:
            continue


def _meant(value: Any, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(value), list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
