# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has the VIP, and who says so."""

from __future__ import annotations

from typing import Dict, List

from .cluster import DIRECT, Cluster
from .items import as_declared, changes, hosts_with, missed, spoken
from .model import Check, CouldNotLookError, NotApplicableError, Seen, View

# What arp_ignore has to be so that a VIP on another device is not answered for, and arp_announce so that it is not spoken of.
_IGNORING, _ANNOUNCING = (1, 2, 8), (1, 2)


def _asking(cluster: Cluster) -> List[str]:
    """All who ask a segment: clients, and the hosts that requests pass."""
    if not any(":" not in vip for vip in cluster.vips):
        return []
    return list(dict.fromkeys([*cluster.clients, *cluster.directors, *cluster.servers()]))


def _answered_by_directors(view: View, host: str) -> Seen:
    owners = _owners(view)
    directors = {mac for mac, owner in owners.items() if owner in view.cluster.directors}
    if not directors:
        raise CouldNotLookError("the directors' hardware addresses are not known")
    client = host in view.cluster.clients
    heard = view.looks.client(host, "heard") if client else view.looks.host(host, "heard")
    wrong, right = [], 0
    for each in heard:
        right += len(directors.intersection(each["macs"]))
        for mac in each["macs"]:
            if mac not in directors:
                wrong.append(f"{owners.get(mac, 'somebody else')} ({mac}) answers for {each['address']} on {each['card']}")
    if client and not right and not wrong:
        neighbours = [
            way for way in view.looks.client(host, "ways") if not way["gateway"] and not way["error"] and ":" not in way["to"]
        ]
        wrong += [f"nobody answers for {way['to']} on {way['card']}" for way in neighbours if way["type"] != "local"]
        if not neighbours:
            raise NotApplicableError("a router is between this client and the VIP")
    return Seen("the director alone answers" if right else "nobody but the director would answer", wrong)


def _owners(view: View) -> Dict[str, str]:
    """Whose the hardware addresses are, as far as hosts could be looked at."""
    found = {}
    for host in view.cluster.hosts:
        try:
            found.update({card["mac"]: host for card in view.looks.host(host, "cards").values() if card["ethernet"]})
        except CouldNotLookError:
            continue
    return found


def _policy(view: View, host: str) -> Seen:
    wrong = [spoken(change) for change in missed(view, host, "arp_policy")]
    if view.cluster.arp(host).get("state") == "present":
        look = view.looks.host(host, "arp")
        wrong += look["differences"]
        cards = view.looks.host(host, "cards")
        for card, values in sorted(look["effective"].items()):
            if cards.get(card, {}).get("ethernet") and not look["differences"]:
                if values["arp_ignore"] not in _IGNORING:
                    wrong.append(
                        f"arp_ignore on {card} is {values['arp_ignore']} in effect, the greater of its own value and that of all"
                    )
                if values["arp_announce"] not in _ANNOUNCING:
                    wrong.append(f"arp_announce on {card} is {values['arp_announce']} in effect")
    return Seen("does not speak of the VIP", wrong)


def _hiding(cluster: Cluster) -> List[str]:
    arptables = hosts_with("arp_policy")(cluster)
    return [host for host in cluster.servers(*DIRECT) if host in arptables or cluster.arp(host).get("state") == "present"]


def _nowhere_else(view: View, host: str) -> Seen:
    wanted = {item.name for item in view.cluster.items(host) if item.kind == "address"}
    given_up = {change["name"] for _part, change in changes(view, host) if change["kind"] == "address" and change["retreat"]}
    there = view.looks.host(host, "addresses")
    wrong = [
        f"it has the VIP as {name}"
        for vip in view.cluster.vips
        for name in there
        if name.startswith(f"{vip}/") and name not in wanted and name not in given_up
    ]
    return Seen("has no VIP but where it is to", wrong)


CHECKS = (
    Check(
        "vip",
        "Is each VIP where it is to be?",
        "directors, and real servers in modes dr and tun",
        "run site.yml; if it goes missing again, look which manager of networks takes it away",
        hosts_with("vip"),
        as_declared("vip"),
        here=("boot", "tunnel", "kernel_modules"),
    ),
    Check(
        "stray_vip",
        "Does no host have a VIP where it is not to be?",
        "every host of the cluster, all modes",
        "take it off: ip address delete VIP/LENGTH dev CARD, and out of whatever configures the network there",
        lambda cluster: cluster.hosts if cluster.vips else [],
        _nowhere_else,
    ),
    Check(
        "arp_policy",
        "Do real servers keep silent about the VIP that they have?",
        "real servers in modes dr and tun; arp_ignore and arp_announce as they are in effect, or arptables",
        "run site.yml; look for another file of sysctl.d that sets arp_ignore or arp_announce",
        _hiding,
        _policy,
        here=("boot",),
    ),
    Check(
        "arp_answers",
        "Is it the director alone that answers ARP for the VIP?",
        "clients, directors and real servers, each on all of its segments; IPv4",
        "take the VIP off the host that answers, or have it keep silent (arp_ignore 1, arp_announce 2 on all and on its card)",
        _asking,
        _answered_by_directors,
        anywhere=("arp_policy", "stray_vip", "vip", "local_client", "left_over"),
    ),
)
