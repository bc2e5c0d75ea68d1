# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients see: who answers, how often, from where, and whether large packets come through."""

from __future__ import annotations

from typing import Any, Callable, List, Mapping, Sequence

from ..inventory.answered import answered, tells_itself
from .cluster import DIRECT, Cluster
from .model import Check, CouldNotLookError, NotApplicableError, Seen, View
from .questions import asked_services
from .shares import judged

# What may keep a request or its answer from coming through.
PATH = (
    "reach",
    "boot",
    "local_client",
    "kernel_modules",
    "vip",
    "stray_vip",
    "left_over",
    "arp_policy",
    "arp_answers",
    "table",
    "other_managers",
    "next_hops",
    "marks",
    "source_translation",
    "forwarding",
    "redirects",
    "gateway",
    "tunnel",
    "tunnel_let_in",
    "rp_filter",
    "invalid_drops",
    "firewall",
    "real_servers_reached",
    "reply_path",
    "daemons",
    "php",
    "mounts",
    "database",
    "wordpress",
    "application",
)
# What may keep a client from getting to the director, whoever serves.
REACHING = ("reach", "boot", "local_client", "vip", "stray_vip", "arp_policy", "arp_answers")
SIZE = (*PATH, "mtu", "vip_answers")
# A segment of at least so many bytes is a packet that had to be full.
_FULL = 1000
_LEAST_RECEIVED = 16000


def _asking(cluster: Cluster) -> List[str]:
    return cluster.clients if asked_services(cluster) else []


def _answers(view: View, host: str) -> Seen:
    wrong, seen = [], []
    for name, asked in view.looks.client(host, "asked")["services"].items():
        good, bad = len(asked["lines"]), asked["failures"]
        seen.append(f"{name} {good} of {asked['sent']}")
        if bad:
            reasons = ", ".join(f"{bad.count(reason)} times {reason}" for reason in dict.fromkeys(bad))
            wrong.append(f"{name}: {len(bad)} of {asked['sent']} requests failed: {reasons}")
    return Seen(", ".join(seen), wrong)


def _distribution(view: View, host: str) -> Seen:
    asked = view.looks.client(host, "asked")["services"]
    wrong, seen = [], []
    for service, _port in asked_services(view.cluster):
        if service["name"] not in asked:
            continue
        before, after = _tables(view.looks.before), _tables(view.looks.after)
        counted = _connections(service, after) - _connections(service, before)
        others = counted != sum(_sent(view, client, service["name"]) for client in view.cluster.clients) or not after
        lines, pages = asked[service["name"]]["lines"], _pages(view, service)
        if not tells_itself(service, pages) and (others or len(view.cluster.clients) > 1):
            raise CouldNotLookError(f"{service['name']}: pages do not say who answered (lvs_answer), and others asked meanwhile")
        names = answered(service, lines, pages, before, after)
        result = judged(service, names, not others and _even(service, before))
        seen.append(f"{service['name']}: {result.seen}")
        wrong += [f"{service['name']}: {text}" for text in result.problems]
    return Seen("; ".join(seen), wrong)


def _pages(view: View, service: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    hosts = [server["host"] for server in service["real_servers"]]
    said = {host: view.cluster.value(host, "lvs_answer") for host in hosts}
    return {host: {} if text is None else {"lvs_answer": text} for host, text in said.items()}


def _sent(view: View, client: str, name: str) -> int:
    try:
        return int(view.looks.client(client, "asked")["services"].get(name, {}).get("sent", 0))
    except CouldNotLookError:
        return 0


def _tables(by_director: Mapping[str, Sequence[Mapping[str, Any]]]) -> List[Mapping[str, Any]]:
    """The services of all directors: whichever has the VIP counts."""
    return [entry for services in by_director.values() for entry in services]


def _entries(service: Mapping[str, Any], table: Sequence[Mapping[str, Any]]) -> List[Mapping[str, Any]]:
    keys = ("fwmark", "family") if service.get("fwmark") else ("protocol", "address", "port")
    return [entry for entry in table if all(entry.get(key) == service[key] for key in keys)]


def _connections(service: Mapping[str, Any], table: Sequence[Mapping[str, Any]]) -> int:
    return sum(server["statistics"]["connections"] for entry in _entries(service, table) for server in entry["real_servers"])


def _even(service: Mapping[str, Any], table: Sequence[Mapping[str, Any]]) -> bool:
    """Whether least-connection schedulers have nothing to make up for."""
    loads = [
        (256 * server["connections"]["active"] + server["connections"]["inactive"]) / (server["weight"] or 1)
        for entry in _entries(service, table)
        for server in entry["real_servers"]
        if server["weight"]
    ]
    return not loads or max(loads) - min(loads) <= 1 or service["scheduler"] not in ("lc", "wlc")


def _frames(view: View, host: str) -> Seen:
    macs = view.looks.client(host, "asked")["macs"]
    directors = {
        card["mac"] for name in view.cluster.directors for card in view.looks.host(name, "cards").values() if card["ethernet"]
    }
    near = {each["address"] for each in view.looks.client(host, "heard") if directors.intersection(each["macs"])}
    wrong, judged_any = [], False
    for vip in view.cluster.vips:
        direct = {service["mode"] in DIRECT for service in view.cluster.services if vip in service["vips"]}
        if vip not in near or len(direct) > 1 or not macs.get(vip):
            continue
        judged_any = True
        for mac in macs[vip]:
            if direct == {True} and mac in directors:
                wrong.append(f"answers from {vip} come from the director ({mac}), and are to go past it")
            elif direct == {False} and mac not in directors:
                wrong.append(f"answers from {vip} come from {mac}, and are to come from the director")
    if not judged_any:
        raise NotApplicableError("this client is not on the VIP's segment, or got no answers, so their way cannot be told")
    return Seen("answers take the way of their mode", wrong)


def _large(piece: str, received: int, segment: int) -> Callable[[View, str], Seen]:
    def judge(view: View, host: str) -> Seen:
        wrong, seen, small = [], [], []
        for name, tries in view.looks.size(host, piece).items():
            for each in tries:
                if each["error"]:
                    wrong.append(f"{name}{' (' + each['said'] + ')' if each['said'] else ''}: {each['error']}")
                elif each["received"] < received or each["segment"] < segment:
                    small.append(f"{name}: {each['received']} bytes came, in segments of {each['segment']}")
            seen.append(f"{name} {len(tries)} times")
        if small and not wrong:
            raise CouldNotLookError(f"{small[0]}: too little to fill packets; name a larger page (lvs_page)")
        return Seen(", ".join(seen), wrong)

    return judge


def _path(view: View, host: str) -> Seen:
    wrong, seen = [], []
    for vip, echo in view.looks.size(host, "path_mtu").items():
        if not echo["small"]:
            continue
        seen.append(f"{vip} {echo['told'] or echo['size']} bytes")
        if not echo["full"] and not echo["told"]:
            wrong.append(f"packets of {echo['size']} bytes to {vip} get lost, and no router says so")
    if not seen:
        raise NotApplicableError("the VIP answers no echo (ping), or has no IPv4 address")
    return Seen(", ".join(seen), wrong)


CHECKS = (
    Check(
        "vip_answers",
        "Is every request answered?",
        "clients, services over TCP, all modes: lvs_page over HTTP, status below 400",
        "none of the checks above names a cause: follow one request with tcpdump on client, director and real server (docs/modes.md)",
        _asking,
        _answers,
        anywhere=PATH,
    ),
    Check(
        "distribution",
        "Do real servers answer as often as their weights say?",
        "clients, services over TCP: exact for rr and wrr while nobody else asks, within chance otherwise",
        "compare ipvsadm -Ln --stats on the director with who answered; lvs_answer has to be what each page says",
        _asking,
        _distribution,
        anywhere=(*PATH, "weights", "vip_answers"),
    ),
    Check(
        "answers_way",
        "Do answers come from the director with nat and fullnat, and past it with dr and tun?",
        "clients on the VIP's segment, IPv4",
        "look at the real servers' gateway: ip route get CLIENT from RIP (nat), from VIP (dr, tun)",
        _asking,
        _frames,
        anywhere=PATH,
    ),
    Check(
        "path_mtu",
        "Do packets of full size reach the VIP?",
        "clients, IPv4, all modes: echo requests that nobody may split",
        "let ICMP type 3 code 4 through on the way, or give all cards on it the same MTU",
        lambda cluster: cluster.clients if cluster.services else [],
        _path,
        anywhere=REACHING,
    ),
    Check(
        "large_answers",
        "Do large answers come through?",
        "clients, services over TCP, all modes",
        "look for what drops packets of full size between real server and client: ping -M do -s 1472 from one to the other",
        _asking,
        _large("large_answers", _LEAST_RECEIVED, _FULL),
        anywhere=(*SIZE, "path_mtu"),
    ),
    Check(
        "large_requests",
        "Do large requests come through, as uploads and long cookies make them?",
        "clients, services over TCP, all modes; with tun a tunnel's headers have to fit, too",
        "look for what drops packets of full size between client, director and real server; with tun, at the segment size in SYN packets",
        _asking,
        _large("large_requests", 1, 0),
        anywhere=(*SIZE, "path_mtu", "segment_size"),
    ),
)
