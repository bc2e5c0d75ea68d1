# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each part of the cluster wants of a host, as M(lvs.cluster.host_part) takes it. Pure functions of the cluster's services."""

from __future__ import annotations

from ipaddress import ip_network
from types import MappingProxyType
from typing import Any, Dict, Iterable, List, Mapping, Sequence

from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.module_utils.host.table import flatten
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)

TOOLS = {"ipv4": "iptables", "ipv6": "ip6tables"}
# A router over IPv6. There is no setting that keeps it from sending redirects.
ROUTER6 = {"net.ipv6.conf.all.forwarding": "1"}

Wants = Dict[str, Dict[str, str]]
Services = Sequence[Mapping[str, Any]]
Passes = Sequence[Mapping[str, Any]]

# Routing table and priorities of the rules that lead a NAT real server's replies to the director.
TABLE = 4242
# The kernel module that unwraps and its device, by the families inside and outside (net/netfilter/ipvs/ip_vs_xmit.c): IPv6 inside
# is next header 41, whatever is outside. GRE says itself what is inside; GUE hands on to the one that would have got it plain.
UNWRAPPERS = {
    ("ipv4", "ipv4"): ("ipip", "tunl0"),
    ("ipv6", "ipv4"): ("sit", "sit0"),
    ("ipv6", "ipv6"): ("ip6_tunnel", "ip6tnl0"),
}
GRE_UNWRAPPERS = {"ipv4": ("ip_gre", "gre0"), "ipv6": ("ip6_gre", "ip6gre0")}
# Bytes that a tunnel's headers take of each packet: the outer IP header, and what the type and its checksum add.
OUTER_HEADERS = {"ipv4": 20, "ipv6": 40}
TUNNEL_HEADERS = {"ipip": 0, "gue": 12, "gre": 4}
CHECKSUM_HEADERS = {("gue", "remcsum"): 8, ("gre", "csum"): 4}
ETHERNET_MTU = 1500
# IP and TCP headers without options.
HEADERS = {"ipv4": 40, "ipv6": 60}
# The multiport match takes no more (xt_multiport.h).
MULTIPORT = 15


def director(
    services: Services,
    interface: str,
    settings: Mapping[str, Any],
    snat_address: str = "",
    card_settings: Sequence[str] = (),
    snat_address6: str = "",
    tracking: Mapping[str, Any] = MappingProxyType({}),
) -> Wants:
    """The VIPs, the table and the settings of a director."""
    snat_addresses = {"ipv4": snat_address, "ipv6": snat_address6}
    wants = _Wants()
    wants.add("module", {"ip_vs": "loaded"})
    for service in services:
        wants.add("module", {f"ip_vs_{service['scheduler']}": "loaded"})
        if service.get("persistence_engine"):
            wants.add("module", {f"ip_vs_pe_{service['persistence_engine']}": "loaded"})
        wants.add("address", {f"{_host_prefix(vip)} dev {interface}": "present" for vip in service["vips"]})
        wants.add("ipvs", _table(service))
        if any(server["forward"] == "masquerade" for server in service["real_servers"]):
            wants.add("sysctl", router_settings(card_settings) if _family(service["vips"][0]) == "ipv4" else ROUTER6)
        if service["mode"] == "dr":
            for server in service["real_servers"]:
                wants.add("route", _beside_itself(server["address"], snat_addresses))
    wants.add("sysctl", {f"net.ipv4.vs.{name}": str(value) for name, value in settings.items()})
    if any(service["mode"] == "fullnat" for service in services):
        wants.add("sysctl", {"net.ipv4.vs.conntrack": "1"})
        wants.add("sysctl", {f"net.netfilter.{name}": str(value) for name, value in tracking.items()})
    for service in services:
        family = _family(service["vips"][0])
        if service["mode"] == "fullnat":
            wants.chain(f"{TOOLS[family]} nat LVS-DIRECTOR", "POSTROUTING", _snats(service, snat_addresses[family]))
        if service.get("fwmark"):
            wants.chain(f"{TOOLS[family]} mangle LVS-DIRECTOR", "PREROUTING", _marks(service))
    return wants.kinds


def realserver(services: Services, host: str, dip: str, arp: str = "sysctl", dip6: str = "") -> Wants:
    """What a real server needs to answer as each of its services wants it."""
    wants = _Wants()
    for service in services:
        for server in service["real_servers"]:
            if server["host"] != host:
                continue
            if service["mode"] == "nat":
                _reply_through(wants, server["address"], dip if _family(server["address"]) == "ipv4" else dip6)
                if service["protocol"] == "udp":
                    _look_up_again(wants, service, server)
            elif service["mode"] == "dr":
                for vip in service["vips"]:
                    wants.add("address", {f"{_host_prefix(vip)} dev lo": "present"})
                    # Over IPv6 the kernel makes the host route itself.
                    if _family(vip) == "ipv4":
                        wants.add("route", {vip: "dev lo"})
            elif service["mode"] == "tun":
                _unwrap(wants, service, server)
            # An IPv6 neighbour hears of a card's own addresses only, so there is nothing to hide.
            if arp == "arptables" and service["mode"] in ("dr", "tun"):
                for vip in service["vips"]:
                    if _family(vip) == "ipv4":
                        _hide(wants, vip, server["address"])
    return wants.kinds


def gateway(network: str, interface: str = "", card_settings: Sequence[str] = (), network6: str = "") -> Wants:
    """What lets the inner network reach the outer one under the gateway's own address."""
    wants = _Wants()
    wants.add("sysctl", {**router_settings(card_settings), **(ROUTER6 if network6 else {})})
    out = f" -o {interface}" if interface else ""
    for inner in filter(None, (network, network6)):
        # Traffic within the inner network keeps its addresses.
        rule = f"-s {inner} ! -d {inner}{out} -j MASQUERADE"
        wants.chain(f"{TOOLS[_family(inner)]} nat LVS-GATEWAY", "POSTROUTING", [rule])
    return wants.kinds


def firewall(
    accepts: Iterable[Mapping[str, Any]],
    forwards: Iterable[Mapping[str, Any]],
    ssh_port: int,
    routes: bool,
    backend: str = "iptables",
) -> Wants:
    """Rules that let through what is listed, and refuse the rest, as the host's packet filter has them.

    :raises AnsibleFilterError: there is no such packet filter, or it has no such rules
    """
    if backend not in _FIREWALLS:
        raise AnsibleFilterError(f"firewall_backend: {backend!r} is no packet filter: use one of {', '.join(_FIREWALLS)}")
    return _FIREWALLS[backend](list(accepts), list(forwards), ssh_port, routes)


def _by_iptables(accepts: Passes, forwards: Passes, ssh_port: int, routes: bool) -> Wants:
    wants = _Wants()
    for tool, icmp, reject in (
        ("iptables", "icmp", "icmp-admin-prohibited"),
        ("ip6tables", "ipv6-icmp", "icmp6-adm-prohibited"),
    ):
        known = "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
        refuse = f"-j REJECT --reject-with {reject}"
        # Ssh first: whatever comes after it, the way in stays open.
        rules = ["-i lo -j ACCEPT", f"-p tcp -m tcp --dport {ssh_port} -j ACCEPT", known, f"-p {icmp} -j ACCEPT"]
        # IPVS keeps its packets from connection tracking, so its services are let through by address and not by state.
        rules += [_accept(accept) for accept in accepts if _tool(accept) == tool]
        wants.chain(f"{tool} filter LVS-IN", "INPUT", [*rules, refuse])
        if routes:
            passing = [_accept(forward) for forward in forwards if _tool(forward) == tool]
            wants.chain(f"{tool} filter LVS-FORWARD", "FORWARD", [known, *passing, refuse])
    return wants.kinds


def _by_firewalld(accepts: Passes, forwards: Passes, ssh_port: int, routes: bool) -> Wants:
    # firewalld itself lets known connections through before all policies, and refuses the rest after the zones. Ssh and ICMP have rules
    # of their own, since a zone need not let them through.
    wants = _Wants()
    usual = [f'rule port port="{ssh_port}" protocol="tcp" accept', *(f'rule protocol value="{icmp}" accept' for icmp in ICMP)]
    wants.add("policy", {"lvs-in": "\n".join(["from ANY to HOST", *usual, *map(_rich, accepts)])})
    if routes:
        wants.add("policy", {"lvs-forward": "\n".join(["from ANY to ANY", *map(_rich, forwards)])})
    # firewalld drops packets of invalid state before it looks at any policy.
    for tool in TOOLS.values():
        rules = [_rule(each, "CT --notrack") for each in [*accepts, *forwards] if each.get("untracked") and _tool(each) == tool]
        if rules:
            wants.chain(f"{tool} raw LVS-UNTRACKED", "PREROUTING", rules)
    return wants.kinds


def _by_nftables(accepts: Passes, forwards: Passes, ssh_port: int, routes: bool) -> Wants:
    wants = _Wants()
    known, refuse = "ct state established,related accept", "reject with icmpx admin-prohibited"
    # As with iptables: ssh before all else, and services by address and not by state.
    usual = ['iifname "lo" accept', f"tcp dport {ssh_port} accept", known, *(f"meta l4proto {icmp} accept" for icmp in ICMP)]
    hooks = {"input": [*usual, *map(_nft, accepts)]}
    if routes:
        hooks["forward"] = [known, *map(_nft, forwards)]
    for hook, rules in hooks.items():
        head = f"type filter hook {hook} priority filter; policy accept;"
        wants.add("nft_chain", {f"inet lvs_cluster {hook}": "\n".join([head, *rules, refuse])})
        wants.add("nft_pass", {hook: "\n".join(rules)})
    return wants.kinds


_FIREWALLS = {"iptables": _by_iptables, "firewalld": _by_firewalld, "nftables": _by_nftables}
# Protocol numbers of ICMP and ICMPv6: names need a list of them on the host.
ICMP = (1, 58)


def router_settings(cards: Sequence[str] = ()) -> Dict[str, str]:
    """A router that sends no redirects: they would tell hosts to go around it, and it has to see both directions.

    The kernel sends them where `all` or the card itself says so, hence both; `default` is for cards that come later.
    """
    names = ["all", "default", "*", *cards]
    return {"net.ipv4.ip_forward": "1", **{f"net/ipv4/conf/{name}/send_redirects": "0" for name in names}}


class _Wants:
    def __init__(self) -> None:
        self.kinds: Wants = {}

    def add(self, kind: str, items: Mapping[str, str]) -> None:
        self.kinds.setdefault(kind, {}).update(items)

    def chain(self, name: str, entry: str, rules: Sequence[str]) -> None:
        """Add rules to a chain of ours, and the jump to it from a built-in one."""
        chains = self.kinds.setdefault("chain", {})
        old = chains[name].split("\n") if name in chains else []
        chains[name] = "\n".join([*old, *(rule for rule in rules if rule not in old)])
        tool, table, chain = name.split()
        self.add("jump", {f"{tool} {table} {entry} {chain}": "ahead"})


def _table(service: Mapping[str, Any]) -> Dict[str, str]:
    key = _key(service)
    options = {name: service[name] for name in _SERVICE_FIELDS if name in service}
    destinations = [
        Destination(
            DestinationKey.at(server["address"], server["port"]),
            **{name: server[name] for name in _SERVER_FIELDS if name in server},
        )
        for server in service["real_servers"]
    ]
    return flatten({key: Entry(Service(key, **options), {destination.key: destination for destination in destinations})})


_SERVICE_FIELDS = (
    "scheduler", "scheduler_flags", "persistence_timeout", "persistence_netmask", "persistence_engine", "one_packet",
)  # fmt: skip
_SERVER_FIELDS = (
    "forward", "weight", "upper_threshold", "lower_threshold", "tunnel_type", "tunnel_port", "tunnel_checksum",
)  # fmt: skip


def _beside_itself(rip: str, own: Mapping[str, str]) -> Dict[str, str]:
    # IPVS keeps one route for each real server, which all its connections share. Direct routing needs one with a next hop in it, or
    # the packet goes to whoever has its destination, which is the VIP. A connection of an earlier mode does not, and when it happens
    # to fill the place first, new ones die (net/netfilter/ipvs/ip_vs_xmit.c: IP_VS_RT_MODE_KNOWN_NH, __ip_vs_get_out_rt). With the
    # real server as the next hop to itself every route has one.
    return {} if rip in own.values() else {rip: f"via {rip} onlink"}


def _key(service: Mapping[str, Any]) -> ServiceKey:
    if service.get("fwmark"):
        return ServiceKey.marked(service["fwmark"], service["family"])
    return ServiceKey.at(service["protocol"], service["vips"][0], service["port"])


def _snats(service: Mapping[str, Any], address: str) -> List[str]:
    # A connection of a fwmark service has the VIP and port that the client asked for. Only those that IPVS masquerades: while the mode
    # changes there are others to the same VIP, whose answers do not come back here.
    protocol = _PROTOCOL_NUMBERS[service["protocol"]]
    return [
        f"-m ipvs --vproto {protocol} --vaddr {vip}{f' --vport {port}' if port else ''} --vmethod MASQ -j SNAT --to-source {address}"
        for vip in service["vips"]
        for port in (service["ports"] if service.get("fwmark") else [service["port"]])
    ]


_PROTOCOL_NUMBERS = {"tcp": 6, "udp": 17, "sctp": 132}


def _marks(service: Mapping[str, Any]) -> List[str]:
    ports = [str(port) for port in service["ports"]]
    parts = [",".join(ports[start : start + MULTIPORT]) for start in range(0, len(ports), MULTIPORT)]
    protocol = service["protocol"]
    return [
        f"-d {_host_prefix(vip)} -p {protocol} -m multiport --dports {part} -j MARK --set-xmark {service['fwmark']:#x}/0xffffffff"
        for vip in service["vips"]
        for part in parts
    ]


def _reply_through(wants: _Wants, rip: str, dip: str) -> None:
    # By rules and a table of our own, and not by replacing the host's default route: replies of other modes keep their way while a
    # cluster changes over, and whatever configures the network has nothing to undo. The first rule leaves local networks alone.
    wants.add(
        "rule",
        {
            f"{TABLE - 1} from {rip} lookup main suppress_prefixlength 0": "present",
            f"{TABLE} from {rip} lookup {TABLE}": "present",
        },
    )
    default = "default" if _family(rip) == "ipv4" else "::/0"
    wants.add("route", {f"{default} table {TABLE}": f"via {dip}"})
    # For hosts that have no other way out.
    wants.add("route", {f"{default} metric {TABLE}": f"via {dip}"})


def _look_up_again(wants: _Wants, service: Mapping[str, Any], server: Mapping[str, Any]) -> None:
    # A socket of UDP that is bound to no address has no source yet when its way is looked up, so the rules do not match. A packet
    # that is marked is looked up once more, with its source. The mark itself means nothing.
    rip, mark = server["address"], f"-j MARK --set-xmark {TABLE:#x}/0xffffffff"
    tool = "iptables" if _family(rip) == "ipv4" else "ip6tables"
    ports = [server["port"]] if server["port"] else service.get("ports", [])
    rules = [f"-s {_host_prefix(rip)} -p udp -m udp --sport {port} {mark}" for port in ports]
    wants.chain(f"{tool} mangle LVS-REPLIES", "OUTPUT", rules or [f"-s {_host_prefix(rip)} -p udp {mark}"])


def _unwrap(wants: _Wants, service: Mapping[str, Any], server: Mapping[str, Any]) -> None:
    kind = server.get("tunnel_type", "ipip")
    inner, outer = _family(service["vips"][0]), _family(server["address"])
    module, device = GRE_UNWRAPPERS[outer] if kind == "gre" else UNWRAPPERS[inner, outer]
    wants.add("module", {module: "loaded"})
    wants.add("link", {device: "up"})
    if kind == "gue":
        wants.add("module", {"fou": "loaded"})
        wants.add("decapsulator", {f"{server['tunnel_port']}{' -6' if outer == 'ipv6' else ''}": "gue"})
    if inner == "ipv4":
        # The kernel takes the greater of `all` and the device. Loose is what works with the VIP on the device; strict (1) drops.
        wants.add("sysctl", {f"net.ipv4.conf.{device}.rp_filter": "2"})
    overhead = (
        OUTER_HEADERS[outer] + TUNNEL_HEADERS[kind] + CHECKSUM_HEADERS.get((kind, server.get("tunnel_checksum", "none")), 0)
    )
    for vip in service["vips"]:
        wants.add("address", {f"{_host_prefix(vip)} dev {device}": "present"})
        # The requests that come through the tunnel have to leave room for its headers, and it is the answer that says how large they may be.
        limit = ETHERNET_MTU - HEADERS[inner] - overhead
        clamp = f"-s {_host_prefix(vip)} -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss {limit}"
        wants.chain(f"{TOOLS[inner]} mangle LVS-REALSERVER", "POSTROUTING", [clamp])


def _hide(wants: _Wants, vip: str, rip: str) -> None:
    wants.chain("arptables filter LVS-ARP-IN", "INPUT", [f"-j DROP -d {vip}"])
    wants.chain("arptables filter LVS-ARP-OUT", "OUTPUT", [f"-j mangle -s {vip} --mangle-ip-s {rip}"])


def _family(address: str) -> str:
    return "ipv6" if ":" in address else "ipv4"


def _host_prefix(address: str) -> str:
    return f"{address}/{128 if ':' in address else 32}"


def _tool(accept: Mapping[str, Any]) -> str:
    addresses = [accept.get("source", ""), accept.get("destination", "")]
    return "ip6tables" if any(":" in address for address in addresses) else "iptables"


def _accept(accept: Mapping[str, Any]) -> str:
    return _rule(accept, "ACCEPT")


def _rule(accept: Mapping[str, Any], target: str) -> str:
    """One rule, with its options in the order in which iptables-save prints them."""
    words = []
    for option, key in (("-s", "source"), ("-d", "destination")):
        value = accept.get(key)
        if value:
            words += [option, str(ip_network(value, strict=False))]
    if accept.get("interface"):
        words += ["-i", accept["interface"]]
    protocol = accept.get("protocol")
    if protocol:
        words += ["-p", protocol]
        for option, key in (("--sport", "source_port"), ("--dport", "port")):
            if accept.get(key):
                words += [*(["-m", protocol] if "-m" not in words else []), option, str(accept[key])]
    if accept.get("fwmark"):
        words += ["-m", "mark", "--mark", f"{accept['fwmark']:#x}"]
    return " ".join([*words, "-j", target])


def _rich(accept: Mapping[str, Any]) -> str:
    """One rich rule, as firewalld prints it."""
    if accept.get("interface") or accept.get("fwmark") or (accept.get("port") and accept.get("source_port")):
        raise AnsibleFilterError(
            f"{dict(accept)}: a rule of firewalld tells neither cards nor marks apart, and has one port: leave out the interface or "
            "one of the ports, or let it through in a zone of your own"
        )
    words = [f'rule family="{"ipv6" if _tool(accept) == "ip6tables" else "ipv4"}"']
    words += [f'{key} address="{_network(accept[key])}"' for key in ("source", "destination") if accept.get(key)]
    protocol = accept.get("protocol")
    ports = [(element, accept[key]) for element, key in (("port", "port"), ("source-port", "source_port")) if accept.get(key)]
    words += [f'{element} port="{port}" protocol="{protocol}"' for element, port in ports]
    if protocol and not ports:
        words.append(f'protocol value="{_PROTOCOL_NUMBERS.get(protocol, protocol)}"')
    return " ".join([*words, "accept"])


def _nft(accept: Mapping[str, Any]) -> str:
    """One rule, as nft prints it."""
    six = _tool(accept) == "ip6tables"
    family = "ip6" if six else "ip"
    words = [
        f"{family} {short} {_network(accept[key])}"
        for short, key in (("saddr", "source"), ("daddr", "destination"))
        if accept.get(key)
    ]
    if not words:
        words.append(f"meta nfproto {'ipv6' if six else 'ipv4'}")
    if accept.get("interface"):
        words.append(f'iifname "{accept["interface"]}"')
    protocol = accept.get("protocol")
    ports = [
        f"{protocol} {short} {accept[key]}" for short, key in (("sport", "source_port"), ("dport", "port")) if accept.get(key)
    ]
    words += ports or ([f"meta l4proto {_PROTOCOL_NUMBERS.get(protocol, protocol)}"] if protocol else [])
    if accept.get("fwmark"):
        words.append(f"meta mark {accept['fwmark']:#010x}")
    return " ".join([*words, "accept"])


def _network(text: str) -> str:
    """An address, or a network, in its shortest form."""
    network = ip_network(text, strict=False)
    return str(network.network_address if network.prefixlen == network.max_prefixlen else network)
