# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether hosts can be looked at, and reach each other."""

from __future__ import annotations

from typing import List

from .cluster import DIRECT, Cluster
from .items import changes as differences
from .items import spoken
from .model import Check, CouldNotLookError, NotApplicableError, Seen, View


def _every_host(cluster: Cluster) -> List[str]:
    return list(dict.fromkeys([*cluster.hosts, *cluster.clients]))


def _reach(view: View, host: str) -> Seen:
    results = [looks for looks in (view.looks.hosts, view.looks.clients) if host in looks]
    if not results:
        return Seen(faults=["it was not asked"])
    wrong = [str(looks[host].get("msg") or "no answer").strip().splitlines()[0] for looks in results if "look" not in looks[host]]
    return Seen("answers Ansible", wrong)


def _real_servers_reached(view: View, host: str) -> Seen:
    asked = [each for each in view.looks.host(host, "reach") if each["name"] in view.cluster.servers()]
    if not asked:
        raise NotApplicableError("none of its services has a TCP port that could be tried")
    # A refusal has come from the real server, so the way there is open.
    wrong = [
        f"{each['name']} ({each['address']}:{each['port']}) {each['error']}"
        for each in asked
        if each["error"] and not each["refused"]
    ]
    return Seen(f"reaches {', '.join(dict.fromkeys(each['name'] for each in asked))}", wrong)


def _clients_apart(view: View, host: str) -> Seen:
    wrong = []
    if host in view.cluster.directors:
        wrong.append("it is a director: IPVS does not serve the director's own requests as it serves others'")
    if host in view.cluster.servers():
        wrong.append(
            "it is a real server: in modes dr and tun it has the VIP and asks itself, and NAT's answers miss the director"
        )
    own = view.looks.client(host, "addresses")
    wrong += [f"it has the VIP {vip} itself ({name})" for vip in view.cluster.vips for name in own if name.startswith(f"{vip}/")]
    return Seen("is neither director nor real server", wrong)


def _ways_of_answers(view: View, host: str) -> Seen:
    """In DR and TUN the director has the VIP itself, and drops packets that come from it."""
    direct = {vip for service in view.cluster.served(host, *DIRECT) for vip in service["vips"]}
    ways = [way for way in view.looks.host(host, "ways") if way["source"] in direct]
    if not ways:
        raise NotApplicableError("no client is known whose way could be looked up")
    failed = [way for way in ways if way["error"]]
    if len(failed) == len(ways):
        raise CouldNotLookError(f"from {failed[0]['source']} to {failed[0]['to']}: {failed[0]['error']}")
    directors = _directors_addresses(view)
    wrong = [
        f"answers from {way['source']} to {way['to']} go by {way['gateway']}, which is the director {directors[way['gateway']]}"
        for way in ways
        if way["gateway"] in directors
    ]
    return Seen("answers do not pass the director", wrong)


def _directors_addresses(view: View) -> dict:
    found = {address: host for host in view.cluster.directors for address in view.cluster.addresses(host)}
    for host in view.cluster.directors:
        try:
            found.update({name.split("/")[0]: host for name in view.looks.host(host, "addresses")})
        except CouldNotLookError:
            continue
    return found


def _left_over(view: View, host: str) -> Seen:
    wrong = [spoken(change) for _part, change in differences(view, host) if change["retreat"]]
    wanted = {*view.cluster.parts(host), *(["firewall"] if view.cluster.firewalls(host) else [])}
    ours = {"director", "realserver", "gateway", "firewall"}
    wrong += [f"it still plays the part {part}" for part in view.looks.host(host, "played") if part in ours - wanted]
    if view.cluster.arp(host).get("state") == "absent":
        wrong += [f"ARP policy of another mode: {text}" for text in view.looks.host(host, "arp")["differences"]]
    return Seen("nothing of an earlier inventory", wrong)


CHECKS = (
    Check(
        "reach",
        "Does Ansible reach the host?",
        "every host of the cluster, and the clients",
        "start the host, or correct ansible_host, the ssh settings or sudo in the inventory",
        _every_host,
        _reach,
    ),
    Check(
        "local_client",
        "Are the clients that ask others than the cluster's own hosts?",
        "clients, all modes",
        "ask from a host that is no director and no real server: put such a one into the group clients, and take the VIP off it",
        lambda cluster: cluster.clients,
        _clients_apart,
    ),
    Check(
        "real_servers_reached",
        "Does the director get to each real server?",
        "directors, all modes, services over TCP",
        "look for the cable, the route and the packet filter between the two: ip route get RIP on the director; the filter lets in"
        " the address after src if that is the director's lvs_dip or among its lvs_addresses",
        lambda cluster: cluster.directors if cluster.services else [],
        _real_servers_reached,
        here=("next_hops",),
        anywhere=("reach", "firewall", "invalid_drops", "mtu"),
    ),
    Check(
        "reply_path",
        "Do the answers of real servers go past the director?",
        "real servers in modes dr and tun",
        "give the real server a router of its own as gateway, not the director, which drops packets that come from its own VIP",
        lambda cluster: cluster.servers(*DIRECT),
        _ways_of_answers,
        here=("vip",),
    ),
    Check(
        "left_over",
        "Is nothing left of an earlier mode, or of a part that the host plays no more?",
        "every host of the cluster",
        "run site.yml, which gives back what it once made; hosts that leave the cluster belong into the group retired",
        lambda cluster: cluster.hosts,
        _left_over,
    ),
)
