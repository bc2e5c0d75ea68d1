# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For each check faults to plant in the looks at a sound cluster: the mode, the host that is found, and what is done to the looks."""

from __future__ import annotations

import json
from typing import Any, Callable, NamedTuple

from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.doctor.sound_cluster import MACS, RIPS, VIP

Looks = dict[str, Any]


class Planted(NamedTuple):
    name: str
    mode: str
    host: str
    plant: Callable[[Looks], None]


def host(name: str, path: str, value: Any) -> Callable[[Looks], None]:
    """Something that is seen otherwise on a host."""
    return lambda looks: put(looks["hosts"][name]["look"], path, value)


def client(path: str, value: Any, where: str = "clients") -> Callable[[Looks], None]:
    return lambda looks: put(looks[where]["client1"]["look"], path, value)


def put(data: Any, path: str, value: Any) -> None:
    *above, last = path.split("/")
    for step in above:
        data = data[int(step) if isinstance(data, list) else step]
    data[int(last) if isinstance(data, list) else last] = value


def differs(name: str, part: str, kind: str, item: str, before: str | None, after: str | None, retreat: bool = False):
    """An item that is not what the part wants."""
    change = {"kind": kind, "name": item, "before": before, "after": after, "retreat": retreat}
    return lambda looks: looks["hosts"][name]["look"]["parts"][part]["changes"].append(change)


def page(name: str, which: str, **seen: Any) -> Callable[[Looks], None]:
    def plant(looks: Looks) -> None:
        for each in looks["hosts"][name]["look"]["pages"]:
            if each["name"].startswith(which):
                each.update(seen)

    return plant


def reached(name: str, which: str, **seen: Any) -> Callable[[Looks], None]:
    def plant(looks: Looks) -> None:
        for each in looks["hosts"][name]["look"]["reach"]:
            if each["name"] == which:
                each.update(seen)

    return plant


def heard(looks: Looks) -> None:
    looks["hosts"]["web1"]["look"]["heard"][0]["macs"].append("52:54:00:00:99:99")


def unreachable(looks: Looks) -> None:
    looks["hosts"]["nfs1"] = {"unreachable": True, "msg": "Failed to connect to the host via ssh"}


def no_unit(name: str, unit: str) -> Callable[[Looks], None]:
    return lambda looks: looks["hosts"][name]["look"]["units"].pop(unit)


def late(looks: Looks) -> None:
    looks["hosts"]["web2"]["look"]["clock"] = {"begun": 940.2, "ended": 941.8}


def service(**fields: Any) -> str:
    return json.dumps({"forward": "masquerade", "weight": 1, **fields})


ENTRY = f"tcp {VIP}:80 > {RIPS['web1']}:80"
LVS_IN = "iptables filter LVS-IN"
TUNNEL = "-s 192.168.239.152/32 -p 4 -j ACCEPT"
CLAMP = "iptables mangle LVS-REALSERVER"

PLANTED: dict[str, list[Planted]] = {
    "reach": [Planted("no answer over ssh", "nat", "nfs1", unreachable)],
    "local_client": [
        Planted("the client has the VIP", "dr", "client1", client("addresses", ["10.0.0.201/24 dev front", f"{VIP}/32 dev lo"]))
    ],
    "real_servers_reached": [
        Planted("no route", "fullnat", "director1", reached("director1", "web1", error="no route to host")),
        Planted("no answer", "dr", "director1", reached("director1", "web2", error="gave no answer in time")),
    ],
    "reply_path": [Planted("the director as gateway", "dr", "web1", host("web1", "ways/0/gateway", "192.168.239.152"))],
    "left_over": [
        Planted("a setting of another mode", "nat", "director1",
                differs("director1", "director", "sysctl", "net.ipv4.vs.conntrack", "1", "0", True)),
        Planted("a part", "fullnat", "director1", host("director1", "played", ["director", "firewall", "gateway"])),
        Planted("an ARP policy", "nat", "web1", host("web1", "arp/differences", ["net.ipv4.conf.all.arp_ignore is 1, to be 0"])),
    ],
    "boot": [
        Planted("disabled", "nat", "director1",
                differs("director1", "director", "unit", "lvs-director.service", "disabled, active", "enabled, active")),
        Planted("another declaration", "dr", "web1",
                differs("web1", "realserver", "file", "/etc/lvs-cluster/realserver.json", "0644\n{}", "0644\n{...}")),
        Planted("a broken program", "tun", "web2", host("web2", "program", "/usr/local/sbin/lvs-host: permission denied")),
        Planted("stopped, and so nothing is there", "nat", "director1", lambda looks: [
            differs("director1", "director", "unit", "lvs-director.service", None, "enabled, active")(looks),
            differs("director1", "director", "address", f"{VIP}/32 dev front", None, "present")(looks),
            client("asked/services/web", {"sent": 6, "lines": [], "failures": ["gave no answer in time"] * 6})(looks),
        ]),
    ],
    "daemons": [
        Planted("not enabled", "nat", "web1", host("web1", "units/nginx.service", "disabled, active")),
        Planted("not running", "tun", "mysql1", no_unit("mysql1", "mariadb.service")),
        Planted("nginx is stopped, so nobody answers", "dr", "web2", lambda looks: [
            no_unit("web2", "nginx.service")(looks),
            page("web2", "", status=0, error="connection refused")(looks),
            reached("director1", "web2", error="refused the connection", refused=True)(looks),
            client("asked/services/web", {"sent": 20, "lines": ["web1"] * 10, "failures": ["connection refused"] * 10})(looks),
        ]),
    ],
    "clocks": [Planted("a minute late", "nat", "web2", late)],
    "time_followed": [
        Planted("no server", "nat", "web1", host("web1", "time/synchronised", False)),
        Planted("not running", "nat", "web1", no_unit("web1", "chrony.service")),
        Planted("not enabled", "nat", "web2", host("web2", "units/chrony.service", "disabled, active")),
    ],
    "kernel_modules": [Planted("no scheduler", "nat", "director1", differs("director1", "director", "module", "ip_vs_rr", None, "loaded"))],
    "table": [
        Planted("a real server is missing", "nat", "director1", differs("director1", "director", "ipvs", ENTRY, None, service())),
        Planted("another scheduler", "nat", "director1",
                differs("director1", "director", "ipvs", f"tcp {VIP}:80", '{"scheduler": "lc"}', '{"scheduler": "rr"}')),
        Planted("weight and threshold", "nat", "director1",
                differs("director1", "director", "ipvs", ENTRY, service(weight=2, upper_threshold=9), service(upper_threshold=0))),
        Planted("a stranger", "nat", "director1", host("director1", f"table/tcp {VIP}:80 > 192.168.239.99:80", service())),
    ],
    "weights": [
        Planted("left from a drain", "nat", "director1", lambda looks: [
            differs("director1", "director", "ipvs", ENTRY, service(weight=0), service())(looks),
            client("asked/services/web/lines", ["web2"] * 20)(looks),
        ])
    ],
    "connection_settings": [
        Planted("unset", "dr", "director1", differs("director1", "director", "sysctl", "net.ipv4.vs.expire_nodest_conn", "0", "1"))
    ],
    "other_managers": [
        Planted("Debian's own unit", "nat", "director1", host("director1", "units/ipvsadm.service", "enabled, inactive")),
        Planted("keepalived", "tun", "director1", host("director1", "units/keepalived.service", "enabled, active")),
    ],
    "vip": [
        Planted("gone from the director", "nat", "director1", lambda looks: [
            differs("director1", "director", "address", f"{VIP}/32 dev front", None, "present")(looks),
            client("heard/0/macs", [])(looks),
        ]),
        Planted("gone from a real server", "dr", "web1", differs("web1", "realserver", "address", f"{VIP}/32 dev lo", None, "present")),
        Planted("no route to itself", "dr", "web1", differs("web1", "realserver", "route", VIP, None, "dev lo")),
    ],
    "stray_vip": [Planted("on a card", "dr", "web1", lambda looks: [
        looks["hosts"]["web1"]["look"]["addresses"].append(f"{VIP}/32 dev back"),
        heard(looks),
    ])],
    "arp_policy": [
        Planted("arp_ignore", "dr", "web1", host("web1", "arp/differences", ["net.ipv4.conf.all.arp_ignore is 0, to be 1"])),
        Planted("in effect", "tun", "web2", host("web2", "arp/effective/back/arp_ignore", 3)),
        Planted("and so it answers", "dr", "web1", lambda looks: [
            host("web1", "arp/differences", ["net.ipv4.conf.all.arp_ignore is 0, to be 1"])(looks),
            client("heard/0/macs", [MACS["director1"]["front"], MACS["web1"]["back"]])(looks),
        ]),
    ],
    "arp_answers": [
        Planted("a stranger answers the client", "nat", "client1",
                client("heard/0/macs", [MACS["director1"]["front"], "52:54:00:00:99:99"])),
        Planted("a stranger answers a real server", "dr", "web1", heard),
        Planted("nobody answers", "tun", "client1", client("heard/0/macs", [])),
    ],
    "forwarding": [
        Planted("off", mode, "director1", differs("director1", "director", "sysctl", "net.ipv4.ip_forward", "0", "1"))
        for mode in ("nat", "fullnat")
    ],
    "redirects": [
        Planted("on", "nat", "director1", differs("director1", "gateway", "sysctl", "net.ipv4.conf.front.send_redirects", "1", "0"))
    ],
    "gateway": [
        Planted("a rule is missing", "nat", "web1",
                differs("web1", "realserver", "rule", f"4242 from {RIPS['web1']} lookup 4242", None, "present")),
        Planted("another way is taken", "nat", "web1", host("web1", "ways/0/gateway", "192.168.239.1")),
        Planted("the client is a neighbour", "nat", "web2", host("web2", "ways/0/gateway", "")),
    ],
    "masquerade": [
        Planted("no rule", "nat", "director1", differs("director1", "gateway", "chain", "iptables nat LVS-GATEWAY", None, "-j MASQUERADE")),
        Planted("behind others", "nat", "director1",
                differs("director1", "gateway", "jump", "iptables nat POSTROUTING LVS-GATEWAY", "behind", "ahead")),
    ],
    "source_translation": [
        Planted("no rule", "fullnat", "director1",
                differs("director1", "director", "chain", "iptables nat LVS-DIRECTOR", "", "-m ipvs -j SNAT")),
        Planted("no tracking", "fullnat", "director1", differs("director1", "director", "sysctl", "net.ipv4.vs.conntrack", "0", "1")),
    ],
    "marks": [
        Planted("no jump", "dr", "director1",
                differs("director1", "director", "jump", "iptables mangle PREROUTING LVS-DIRECTOR", None, "ahead"))
    ],
    "next_hops": [
        Planted("no route", "dr", "director1", differs("director1", "director", "route", RIPS["web1"], None, f"via {RIPS['web1']} onlink"))
    ],
    "tunnel": [Planted("down", "tun", "web1", differs("web1", "realserver", "link", "tunl0", "down", "up"))],
    "tunnel_let_in": [
        Planted("protocol 4 is refused", "tun", "web1",
                differs("web1", "firewall", "chain", LVS_IN, "-i lo -j ACCEPT", f"-i lo -j ACCEPT\n{TUNNEL}"))
    ],
    "rp_filter": [
        Planted("strict on the device", "tun", "web1",
                differs("web1", "realserver", "sysctl", "net.ipv4.conf.tunl0.rp_filter", "1", "2")),
        Planted("answers leave by another card", "dr", "web1", host("web1", "ways/0/card", "front")),
    ],
    "segment_size": [
        Planted("no clamp", "tun", "web1", differs("web1", "realserver", "chain", CLAMP, None, "-j TCPMSS --set-mss 1440")),
        Planted("no clamp, so uploads stall", "tun", "web2", lambda looks: [
            differs("web2", "realserver", "chain", CLAMP, None, "-j TCPMSS --set-mss 1440")(looks),
            client("large_requests/web/0/error", "stalled after 0 bytes", "sizes")(looks),
        ]),
    ],
    "mtu": [Planted("smaller than the director's", "nat", "web1", host("web1", "cards/back/mtu", 1400))],
    "invalid_drops": [
        Planted("before ours", "dr", "director1",
                host("director1", "invalid_drops", ["iptables -t mangle -A PREROUTING -m conntrack --ctstate INVALID -j DROP"]))
    ],
    "firewall": [
        Planted("a rule is missing", "nat", "web1", differs("web1", "firewall", "chain", LVS_IN, "-j REJECT", "-p tcp -j ACCEPT\n-j REJECT")),
        Planted("all is missing, tunnels, too", "tun", "web1",
                differs("web1", "firewall", "chain", LVS_IN, None, f"{TUNNEL}\n-j REJECT")),
        Planted("too much is let in", "tun", "web2",
                differs("web2", "firewall", "chain", LVS_IN, f"-j ACCEPT\n{TUNNEL}", TUNNEL)),
        Planted("behind others", "dr", "nfs1", differs("nfs1", "firewall", "jump", "iptables filter INPUT LVS-IN", "behind", "ahead")),
    ],
    "application": [
        Planted("forbidden", "nat", "web1", page("web1", "web", status=403)),
        Planted("listens on its own address alone", "dr", "web2", page("web2", "web", status=0, error="connection refused")),
    ],
    "php": [Planted("refused", "nat", "web1", reached("web1", "php", error="refused the connection"))],
    "mounts": [
        Planted("no answer", "nat", "web1", host("web1", "mounts/0/error", "gave no answer within 10 s")),
        Planted("nothing mounted", "dr", "web2", host("web2", "mounts/0/type", "ext4")),
        Planted("another share", "dr", "web2", host("web2", "mounts/0/source", "192.168.239.34:/home")),
        Planted("writable", "nat", "web1", host("web1", "mounts/0/writable", True)),
    ],
    "database": [
        Planted("away", "nat", "web1", reached("web1", "database", error="gave no answer in time")),
        Planted("not let in", "nat", "web2", reached("web2", "database", said="E\0\0\0\xffj\x04Host 'web2' is not allowed to connect")),
    ],
    "wordpress": [
        Planted("a wrong password", "nat", "web1", page("web1", "wordpress", status=500, marks=["database"])),
        Planted("not installed", "dr", "web2", page("web2", "wordpress", status=302, marks=["install"])),
        Planted("an error", "tun", "web2", page("web2", "wordpress", status=500)),
    ],
    "vip_answers": [
        Planted("some fail", "nat", "client1",
                client("asked/services/web", {"sent": 20, "lines": ["web1"] * 10, "failures": ["gave no answer in time"] * 10})),
    ],
    "distribution": [
        Planted("one answers alone", "nat", "client1", client("asked/services/web/lines", ["web1"] * 20)),
        Planted("a stranger answers", "fullnat", "client1", client("asked/services/web/lines", ["web1", "web9"] * 10)),
    ],
    "answers_way": [
        Planted("past the director", "nat", "client1", client(f"asked/macs/{VIP}", [MACS["router1"]["front"]])),
        Planted("through the director", "dr", "client1", client(f"asked/macs/{VIP}", [MACS["director1"]["front"]])),
    ],
    "path_mtu": [Planted("lost in silence", "nat", "client1", client(f"path_mtu/{VIP}/full", False, "sizes"))],
    "large_answers": [
        Planted("stalled", "tun", "client1", client("large_answers/web/0/error", "stalled after 2000 bytes", "sizes"))
    ],
    "large_requests": [
        Planted("stalled", "tun", "client1", client("large_requests/web/0/error", "stalled after 0 bytes", "sizes"))
    ],
}  # fmt: skip
