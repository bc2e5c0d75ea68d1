# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modes tun and dr ask of a real server's network: unwrapping, the reverse path filter, the sizes of packets."""

from __future__ import annotations

from ipaddress import ip_address, ip_interface
from typing import Any, List, Mapping, Set

from .. import parts
from .cluster import DIRECT, Cluster
from .items import as_declared, changes, hosts_with, missed, spoken
from .model import Check, NotApplicableError, Seen, View

_STRICT = 1


def tunnel_lines(cluster: Cluster, host: str, backend: str) -> Set[str]:
    """Those rules of a host's packet filter that let tunnels in, and nothing else."""
    some = cluster.firewalls(host, cluster.is_tunnel).get(backend, {})
    none = cluster.firewalls(host, lambda _one: False).get(backend, {})
    return _lines(some) - _lines(none)


def _lines(wants: Mapping[str, Mapping[str, str]]) -> Set[str]:
    return {line for names in wants.values() for value in names.values() for line in value.splitlines()}


def lacking(change: Mapping[str, Any]) -> List[str]:
    """The lines that something of several lines is to have and has not."""
    have = (change["before"] or "").splitlines()
    return [line for line in (change["after"] or "").splitlines() if line not in have]


def _let_in(view: View, host: str) -> Seen:
    backend = view.looks.host(host, "firewall")
    lines = tunnel_lines(view.cluster, host, backend)
    if not lines:
        raise NotApplicableError("the packet filter is nobody's of ours: lvs_firewall is none")
    wrong = [
        f"{change['kind']} {change['name']} lacks '{line}'"
        for _part, change in changes(view, host, "firewall")
        if not change["retreat"]
        for line in lacking(change)
        if line in lines
    ]
    return Seen(f"{len(lines)} rules let tunnels in", wrong)


def _reverse_path(view: View, host: str) -> Seen:
    wrong = [spoken(change) for change in missed(view, host, "rp_filter")]
    named = " ".join(wrong)
    settings = view.looks.host(host, "settings")
    every = int(settings.get("net.ipv4.conf.all.rp_filter", 0))
    for card in _incoming(view, host):
        own = int(settings.get(f"net.ipv4.conf.{card}.rp_filter", 0))
        if max(every, own) == _STRICT and f".{card}." not in named:
            wrong.append(f"rp_filter on {card} is 1 in effect (all {every}, {card} {own}), and answers do not leave by {card}")
    return Seen("does not drop what comes another way than answers go", wrong)


def _incoming(view: View, host: str) -> List[str]:
    """Devices where requests come in and from where answers do not leave."""
    devices = [
        name.rpartition(" dev ")[2]
        for name in view.looks.host(host, "addresses")
        for vip in view.cluster.vips
        if name.startswith(f"{vip}/")
    ]
    tunnels = [device for device in devices if device != "lo"] if view.cluster.served(host, "tun") else []
    found = list(dict.fromkeys(tunnels))
    card = str(view.cluster.value(host, "lvs_rip_interface", ""))
    if card and view.cluster.served(host, "dr"):
        vips = {vip for service in view.cluster.served(host, "dr") for vip in service["vips"]}
        leaving = {way["card"] for way in view.looks.host(host, "ways") if way["source"] in vips and not way["error"]}
        found += [card] if leaving - {card} else []
    return found


def _filtered(cluster: Cluster) -> List[str]:
    return [
        host
        for host in cluster.servers(*DIRECT)
        if any(":" not in vip for service in cluster.served(host, *DIRECT) for vip in service["vips"])
    ]


def _same_mtu(view: View, host: str) -> Seen:
    cards, where = view.looks.host(host, "cards"), view.looks.host(host, "addresses")
    wrong = []
    for service in view.cluster.served(host):
        rip = next(server["address"] for server in service["real_servers"] if server["host"] == host)
        own = _card_of(where, rip)
        if own not in cards:
            raise NotApplicableError(f"no card has {rip}")
        if service["mode"] == "tun" and cards[own]["mtu"] < parts.ETHERNET_MTU:
            wrong.append(f"{own} takes {cards[own]['mtu']} bytes; tunnels to it are made for {parts.ETHERNET_MTU}")
        for director in view.cluster.directors:
            theirs = view.looks.host(director, "cards")
            card = _card_beside(view.looks.host(director, "addresses"), rip)
            if card in theirs and theirs[card]["mtu"] != cards[own]["mtu"]:
                wrong.append(
                    f"{own} takes {cards[own]['mtu']} bytes, and {card} of {director} on the same segment {theirs[card]['mtu']}"
                )
    return Seen("as large as the director's", list(dict.fromkeys(wrong)))


def _card_of(names: List[str], address: str) -> str:
    return next((name.rpartition(" dev ")[2] for name in names if name.startswith(f"{address}/")), "")


def _card_beside(names: List[str], address: str) -> str:
    """The card that has an address in the same network, other than a VIP, whose network is itself alone."""
    for name in names:
        interface, _dev, card = name.partition(" dev ")
        net = ip_interface(interface).network
        if net.num_addresses > 1 and card != "lo" and ip_address(address) in net:
            return card
    return ""


CHECKS = (
    Check(
        "tunnel",
        "Does the real server unwrap what the director sends?",
        "real servers in mode tun: kernel module, device, and for gue the port",
        "run site.yml; if the kernel has no such module, use another tunnel_type or mode",
        hosts_with("tunnel"),
        as_declared("tunnel"),
        here=("boot",),
    ),
    Check(
        "tunnel_let_in",
        "Does the packet filter let tunnels in (IP protocol 4, 41 or 47, or the port of gue)?",
        "real servers in mode tun",
        "run site.yml; with lvs_firewall none, let the tunnel's protocol in from the director's addresses yourself",
        lambda cluster: [host for host in cluster.servers("tun") if cluster.firewalls(host)],
        _let_in,
        here=("boot", "firewall"),
    ),
    Check(
        "rp_filter",
        "Does the reverse path filter let requests in? The greater of all and the card's own value holds.",
        "real servers in modes dr and tun, IPv4",
        "run site.yml; set net.ipv4.conf.all.rp_filter to 0 or 2, and the card's own, where requests and answers take different cards",
        _filtered,
        _reverse_path,
        here=("boot", "tunnel"),
    ),
    Check(
        "segment_size",
        "Do real servers tell clients to send segments that leave room for the tunnel's headers?",
        "real servers in mode tun, TCP",
        "run site.yml, which has the real server name a smaller segment size (TCPMSS) in its answers",
        hosts_with("segment_size"),
        as_declared("segment_size"),
        here=("boot",),
    ),
    Check(
        "mtu",
        "Do cards on one segment take packets of one size?",
        "real servers, against the director's card beside them; with tun at least 1500 bytes",
        "give the card the MTU of its segment, where the network is configured: ip link set CARD mtu SIZE shows whether it helps",
        lambda cluster: cluster.servers(),
        _same_mtu,
    ),
)
