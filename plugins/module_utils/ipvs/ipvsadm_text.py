# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The language of ipvsadm 1.31: actions to its arguments, and its listings to values. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Dict, List, Mapping, Sequence

from .errors import TransportError
from .ipvsadm import NotExpressibleError
from .model import Destination, DestinationKey, Entry, Service, ServiceKey, Table
from .plan import Action
from .statistics import Connections, Counters, DestinationStatistics, ServiceStatistics

# Of one listing: the columns after each real server's address, by service and real server.
Columns = Dict[DestinationKey, List[str]]


@dataclass(frozen=True)
class Listed:
    """What follows a service's name in a listing, and the columns of its real servers."""

    columns: list[str]
    destinations: Columns


Listing = Dict[ServiceKey, Listed]

# ipvsadm.c: parse_options
WEIGHT_MAX = 65535
PERSISTENCE_MAX = 31 * 24 * 3600

_SERVICE_OPTIONS = {"tcp": "-t", "udp": "-u", "sctp": "--sctp-service"}
_FORWARD_OPTIONS = {"masquerade": "-m", "direct": "-g", "tunnel": "-i"}
_FORWARD_NAMES = {"Masq": "masquerade", "Route": "direct", "Tunnel": "tunnel", "Local": "local"}
_CHECKSUM_OPTIONS = {"none": "--tun-nocsum", "csum": "--tun-csum", "remcsum": "--tun-remcsum"}
_FLAGS = ("flag-1", "flag-2", "flag-3")
_FLAG_BITS = {
    **{name: 1 << bit for bit, name in enumerate(_FLAGS)},
    **{f"{scheduler}-{name}": bit for scheduler in ("sh", "mh") for name, bit in (("fallback", 1), ("port", 2))},
}
# Schedulers whose flags ipvsadm prints by name: their third one has none, and so is not printed.
_NAMED_FLAGS = ("sh", "mh")
_WITH_VALUE = {
    *_SERVICE_OPTIONS.values(),
    *("--xxx-service", "-f", "-r", "-s", "-p", "-M", "--pe", "-b", "-w", "--tun-type", "--tun-port"),
}
# What ipvsadm prints for numbers that it does not know.
UNKNOWN = "unknown"


def arguments(action: Action) -> list[str]:
    """Of one call of ipvsadm. Always every field: an edit sets what is left out back to its default."""
    service = _service_name(action, action.service)
    if action.destination is None:
        if isinstance(action.after, Service):
            return ["-E" if action.before else "-A", *service, *_service_fields(action, action.after)]
        return ["-D", *service]
    name = ["-r", str(action.destination)]
    if isinstance(action.after, Destination):
        return ["-e" if action.before else "-a", *service, *name, *_destination_fields(action, action.after)]
    return ["-d", *service, *name]


def check_limited(what: object, action: Action) -> None:
    """Refuses what ipvsadm cannot say where it has no netlink, and would drop in silence."""
    check_limited_key(what, action.service)
    if isinstance(action.after, Service) and action.after.persistence_engine:
        raise NotExpressibleError(what, "without netlink sockets, ipvsadm cannot set a persistence engine")
    if action.destination and action.destination.family == "ipv6":
        raise NotExpressibleError(what, "without netlink sockets, ipvsadm knows IPv4 alone")
    if isinstance(action.after, Destination) and action.after.tunnel_type != "ipip":
        raise NotExpressibleError(what, "without netlink sockets, ipvsadm knows ipip tunnels alone")


def check_limited_key(what: object, key: ServiceKey) -> None:
    if key.family == "ipv6":
        raise NotExpressibleError(what, "without netlink sockets, ipvsadm knows IPv4 alone")


def parse_rules(text: str) -> Table:
    """Of `ipvsadm -Sn`, which shows every field but thresholds, and local real servers as direct ones."""
    table: dict[ServiceKey, Service] = {}
    destinations: dict[ServiceKey, dict[DestinationKey, Destination]] = {}
    for line in filter(None, text.splitlines()):
        command, *rest = line.split()
        try:
            options = _options(rest)
            key = _service_key(options)
            if command == "-A":
                table[key], destinations[key] = _service(key, options), {}
            elif command == "-a":
                destination = _destination(options)
                destinations[key][destination.key] = destination
            else:
                raise ValueError(command)
        except (LookupError, ValueError):
            raise TransportError(f"ipvsadm printed a rule that is not understood: {line}") from None
    return {key: Entry(service, destinations[key]) for key, service in table.items()}


def parse_listing(text: str) -> Listing:
    """Of `ipvsadm -Ln`, in any of its forms."""
    listing: Listing = {}
    current: Columns = {}
    for line in filter(None, text.splitlines()):
        words = line.split()
        if words[:3] == ["IP", "Virtual", "Server"] or words[0] == "Prot" or words[:2] == ["->", "RemoteAddress:Port"]:
            continue
        try:
            if words[0] == "->":
                current[DestinationKey.at(*_endpoint(words[1]))] = words[2:]
                continue
            key, columns = _listed_service(words)
        except (LookupError, ValueError):
            raise TransportError(f"ipvsadm printed a line that is not understood: {line}") from None
        current = {}
        listing[key] = Listed(columns, current)
    return listing


def complete(rules: Table, plain: Listing, thresholds: Listing) -> Table | None:
    """The rules with what they do not show; nothing where the table changed between the listings."""
    table: Table = {}
    for key, entry in rules.items():
        names = entry.destinations.keys()
        if key not in plain or key not in thresholds:
            return None
        if not names == plain[key].destinations.keys() == thresholds[key].destinations.keys():
            return None
        found = {}
        for name, destination in entry.destinations.items():
            upper, lower = thresholds[key].destinations[name][:2]
            forward = _FORWARD_NAMES.get(plain[key].destinations[name][0], UNKNOWN)
            found[name] = replace(destination, forward=forward, upper_threshold=int(upper), lower_threshold=int(lower))
        table[key] = Entry(entry.service, found)
    return table


def statistics(totals: Listing, rates: Listing, connections: Listing) -> dict[ServiceKey, ServiceStatistics]:
    """Of the listings with --stats, --rate and --persistent-conn: of what stands in all of them."""
    found = {}
    for key in totals.keys() & rates.keys() & connections.keys():
        total, rate, connection = totals[key], rates[key], connections[key]
        names = total.destinations.keys() & rate.destinations.keys() & connection.destinations.keys()
        found[key] = ServiceStatistics(
            _counters(total.columns, rate.columns),
            {
                name: DestinationStatistics(
                    _connections(connection.destinations[name]), _counters(total.destinations[name], rate.destinations[name])
                )
                for name in names
            },
        )
    return found


def _service_name(action: Action, key: ServiceKey) -> list[str]:
    if key.fwmark:
        return ["-f", str(key.fwmark), *(["-6"] if key.family == "ipv6" else [])]
    if key.protocol not in _SERVICE_OPTIONS:
        raise NotExpressibleError(action, "ipvsadm does not know this protocol")
    return [_SERVICE_OPTIONS[key.protocol], str(key).split()[1]]


def _service_fields(action: Action, service: Service) -> list[str]:
    if service.persistence_timeout > PERSISTENCE_MAX:
        raise NotExpressibleError(action, f"ipvsadm takes a persistence_timeout of at most {PERSISTENCE_MAX} seconds")
    if service.scheduler in _NAMED_FLAGS and service.scheduler_flags & 4:
        raise NotExpressibleError(action, f"ipvsadm does not show flag-3 of the scheduler {service.scheduler}")
    fields = ["-s", service.scheduler]
    if service.persistence_timeout:
        fields += ["-p", str(service.persistence_timeout), "-M", service.persistence_netmask]
    if service.persistence_engine:
        fields += ["--pe", service.persistence_engine]
    if service.one_packet:
        fields += ["-o"]
    if service.scheduler_flags:
        fields += ["-b", ",".join(name for bit, name in enumerate(_FLAGS) if service.scheduler_flags >> bit & 1)]
    return fields


def _destination_fields(action: Action, destination: Destination) -> list[str]:
    forward = _FORWARD_OPTIONS.get(destination.forward)
    if forward is None:
        raise NotExpressibleError(action, f"ipvsadm has no option for forward={destination.forward}")
    if destination.weight > WEIGHT_MAX:
        raise NotExpressibleError(action, f"ipvsadm takes a weight of at most {WEIGHT_MAX}")
    port = action.service.port
    if destination.forward != "masquerade" and not action.service.fwmark and destination.key.port != port:
        raise NotExpressibleError(action, f"ipvsadm would use port {port} in silence, that of the service")
    fields = [forward, "-w", str(destination.weight)]
    fields += ["-x", str(destination.upper_threshold), "-y", str(destination.lower_threshold)]
    # What ipvsadm takes by default stays away: versions before 1.31 do not know tunnel types.
    if destination.tunnel_type != "ipip":
        checksum = _CHECKSUM_OPTIONS.get(destination.tunnel_checksum)
        if destination.tunnel_type not in ("gue", "gre") or checksum is None:
            raise NotExpressibleError(
                action, f"ipvsadm has no option for {destination.tunnel_type} with checksum {destination.tunnel_checksum}"
            )
        fields += ["--tun-type", destination.tunnel_type]
        if destination.tunnel_port:
            fields += ["--tun-port", str(destination.tunnel_port)]
        fields += [checksum]
    return fields


def _options(words: Sequence[str]) -> dict[str, str]:
    options = {}
    position = 0
    while position < len(words):
        name = words[position]
        position += 1
        options[name] = ""
        # The flags of -b can be missing, where they have no name; a fwmark can be negative.
        following = words[position] if position < len(words) else ""
        if name in _WITH_VALUE and (name == "-f" or not following.startswith("-")):
            options[name] = following
            position += 1
    return options


def _service_key(options: Mapping[str, str]) -> ServiceKey:
    if "-f" in options:
        return _marked(options["-f"], "-6" in options)
    given = [protocol for protocol, option in _SERVICE_OPTIONS.items() if option in options]
    if given:
        return ServiceKey.at(given[0], *_endpoint(options[_SERVICE_OPTIONS[given[0]]]))
    return ServiceKey.at(UNKNOWN, *_endpoint(options["--xxx-service"]))


def _service(key: ServiceKey, options: Mapping[str, str]) -> Service:
    flags = 0
    for name in filter(None, options.get("-b", "").split(",")):
        flags |= _FLAG_BITS[name]
    return Service(
        key,
        scheduler=options["-s"],
        scheduler_flags=flags,
        persistence_timeout=int(options.get("-p", 0)),
        persistence_netmask=options.get("-M", ""),
        persistence_engine=options.get("--pe", ""),
        one_packet="-o" in options,
    )


def _destination(options: Mapping[str, str]) -> Destination:
    forwards = [name for name, option in _FORWARD_OPTIONS.items() if option in options]
    checksums = [name for name, option in _CHECKSUM_OPTIONS.items() if option in options]
    return Destination(
        DestinationKey.at(*_endpoint(options["-r"])),
        forward=forwards[0] if forwards else UNKNOWN,
        weight=int(options["-w"]),
        tunnel_type=options.get("--tun-type", "ipip"),
        tunnel_port=int(options.get("--tun-port", 0)),
        tunnel_checksum=checksums[0] if checksums else "none",
    )


def _listed_service(words: Sequence[str]) -> tuple[ServiceKey, list[str]]:
    if words[0] == "FWM":
        ipv6 = words[2:3] == ["IPv6"]
        return _marked(words[1], ipv6), list(words[3 if ipv6 else 2 :])
    protocol = words[0].lower()
    if protocol not in _SERVICE_OPTIONS:
        protocol = UNKNOWN
    return ServiceKey.at(protocol, *_endpoint(words[1])), list(words[2:])


def _marked(text: str, ipv6: bool) -> ServiceKey:
    # Printed as a signed number, and the kernel's is unsigned.
    return ServiceKey.marked(int(text) % 2**32, "ipv6" if ipv6 else "ipv4")


def _endpoint(text: str) -> tuple[str, int]:
    address, _colon, port = text.rpartition(":")
    return address.strip("[]"), int(port)


def _counters(totals: Sequence[str], rates: Sequence[str]) -> Counters:
    return Counters(*(int(text) for text in (*totals[:5], *rates[:5])))


def _connections(columns: Sequence[str]) -> Connections:
    _weight, persistent, active, inactive = (int(text) for text in columns[:4])
    return Connections(active=active, inactive=inactive, persistent=persistent)
