# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modes nat and fullnat ask: a director that forwards and sends no redirects, and answers that come back to it."""

from __future__ import annotations

from .items import as_declared, hosts_with, missed, spoken
from .model import Check, Seen, View


def _way_back(view: View, host: str) -> Seen:
    wrong = [spoken(change) for change in missed(view, host, "gateway")]
    rips = {
        server["address"]
        for service in view.cluster.served(host, "nat")
        for server in service["real_servers"]
        if server["host"] == host
    }
    directors = {address for name in view.cluster.directors for address in view.cluster.addresses(name)}
    for way in view.looks.host(host, "ways"):
        if way["source"] not in rips or wrong:
            continue
        if way["error"]:
            wrong.append(f"there is no way from {way['source']} to {way['to']}: {way['error']}")
        elif not way["gateway"]:
            wrong.append(
                f"answers from {way['source']} reach {way['to']} on {way['card']} without the director, under an address it does not know"
            )
        elif way["gateway"] not in directors:
            wrong.append(f"answers from {way['source']} to {way['to']} go by {way['gateway']}, which is no director")
    return Seen("answers go by the director", wrong)


CHECKS = (
    Check(
        "forwarding",
        "Does the director forward packets?",
        "directors in modes nat and fullnat, gateways: ip_forward",
        "run site.yml; look for another file of sysctl.d that switches net.ipv4.ip_forward off",
        hosts_with("forwarding"),
        as_declared("forwarding"),
        here=("boot",),
    ),
    Check(
        "redirects",
        "Does the director keep from telling hosts a way around itself?",
        "directors in modes nat and fullnat, gateways: send_redirects of all and of each card",
        "run site.yml; look for another file of sysctl.d that switches send_redirects on",
        hosts_with("redirects"),
        as_declared("redirects"),
        here=("boot",),
    ),
    Check(
        "gateway",
        "Do answers of real servers come back to the director?",
        "real servers in mode nat: policy rules, routing table, and the way to the clients as the kernel takes it",
        "run site.yml; a client in the real servers' own network needs another mode, or to be asked from another network",
        hosts_with("gateway"),
        _way_back,
        here=("boot",),
    ),
    Check(
        "masquerade",
        "Do real servers get out, under the gateway's address?",
        "gateways in mode nat",
        "run site.yml, and look which rules of others stand before ours: iptables-save -t nat",
        hosts_with("masquerade"),
        as_declared("masquerade"),
        here=("boot",),
    ),
    Check(
        "source_translation",
        "Do requests go on under the director's own address?",
        "directors in mode fullnat: rules that translate, net.ipv4.vs.conntrack, net.netfilter (director_tracking_settings)",
        "run site.yml, and look which rules of others stand before ours: iptables-save -t nat",
        hosts_with("source_translation"),
        as_declared("source_translation"),
        here=("boot", "kernel_modules"),
    ),
    Check(
        "marks",
        "Do packets for services with a firewall mark get their mark?",
        "directors of services with fwmark",
        "run site.yml, and look which rules of others stand before ours: iptables-save -t mangle",
        hosts_with("marks"),
        as_declared("marks"),
        here=("boot",),
    ),
    Check(
        "next_hops",
        "Is each real server its own next hop, so that direct routing never asks for the VIP's hardware address?",
        "directors in mode dr",
        "run site.yml; if routes go missing again, look which manager of networks takes them away",
        hosts_with("next_hops"),
        as_declared("next_hops"),
        here=("boot",),
    ),
)
