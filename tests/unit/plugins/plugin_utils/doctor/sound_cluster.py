# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster with everything in it, in any mode, and what its hosts look like while all is well."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.answers import asked_services
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.cluster import DIRECT, Cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.daemons import CHRONY, daemons
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.diagnosis import diagnosis
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.model import Finding, Looks
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.questions import client_questions, host_questions

VIP, DIP, FRONT, CIP = "10.0.0.129", "192.168.239.152", "10.0.0.128", "10.0.0.201"
RIPS = {"web1": "192.168.239.148", "web2": "192.168.239.137"}
OTHERS = {"nfs1": "192.168.239.34", "mysql1": "192.168.239.35"}
ROUTER = "192.168.239.1"
SETTINGS = {
    "director_settings": {"expire_nodest_conn": 1, "conn_reuse_mode": 3},
    "director_tracking_settings": {"nf_conntrack_tcp_timeout_time_wait": 30},
}
GROUPS = {
    "directors": ["director1"],
    "gateways": ["director1"],
    "real_servers": ["web1", "web2"],
    "nfs_servers": ["nfs1"],
    "database_servers": ["mysql1"],
    "clients": ["client1"],
}
SERVICE = {"name": "web", "vip": VIP, "port": 80, "scheduler": "rr"}
MARKED = {"name": "marked", "vip": VIP, "fwmark": 7, "ports": [8080, 8443], "scheduler": "rr"}
ALL: dict[str, Any] = {
    "lvs_services": [SERVICE, MARKED],
    "lvs_back_network": "192.168.239.0/24",
    "lvs_firewall": "iptables",
    "baseline_time_servers": ["10.0.0.1"],
}
WEB = {
    "lvs_rip_interface": "back",
    "php_fpm_listen": "127.0.0.1:9000",
    "nfs_client_mounts": [{"server": OTHERS["nfs1"], "path": "/data/wordpress", "mountpoint": "/wordpress"}],
}
HOSTVARS: dict[str, dict[str, Any]] = {
    "director1": {"lvs_dip": DIP, "lvs_vip_interface": "front", "lvs_addresses": [FRONT]},
    "web1": {"lvs_rip": RIPS["web1"], **WEB},
    "web2": {"lvs_rip": RIPS["web2"], **WEB},
    "nfs1": {
        "nfs_server_exports": [{"path": "/data/wordpress"}],
        "wordpress_url": f"http://{VIP}",
        "wordpress_db_host": OTHERS["mysql1"],
    },
    "mysql1": {"mysql_databases": [{"name": "wpdb"}]},
    "client1": {},
}
ADDRESSES = {
    "director1": [f"{FRONT}/24 dev front", f"{DIP}/24 dev back"],
    **{host: [f"{address}/24 dev back"] for host, address in {**RIPS, **OTHERS}.items()},
}
MACS = {
    "director1": {"front": "52:54:00:00:01:01", "back": "52:54:00:00:01:02"},
    "web1": {"back": "52:54:00:00:02:01"},
    "web2": {"back": "52:54:00:00:03:01"},
    "nfs1": {"back": "52:54:00:00:04:01"},
    "mysql1": {"back": "52:54:00:00:05:01"},
    "client1": {"front": "52:54:00:00:06:01"},
    "router1": {"front": "52:54:00:00:07:01"},
}
MODES = ("nat", "dr", "tun", "fullnat")


def described(mode: str, **more: Any) -> Cluster:
    """The cluster in a mode, with some variables of all hosts set otherwise."""
    common = {**ALL, "lvs_mode": mode, **more}
    return Cluster(GROUPS, {host: {**common, **own} for host, own in HOSTVARS.items()}, SETTINGS)


def sound(cluster: Cluster) -> dict[str, Any]:
    """Looks in which nothing is wrong, free to be changed."""
    clients = {"client1": _client(cluster)}
    looks = {
        "hosts": {host: _host(cluster, host, clients) for host in cluster.hosts},
        "clients": {host: {"look": look} for host, look in clients.items()},
        "sizes": {"client1": {"look": _sizes(cluster)}},
        "before": {"director1": _table(cluster, 100)},
        "after": {"director1": _table(cluster, 110)},
    }
    return copy.deepcopy(looks)


def judge(cluster: Cluster, looks: dict[str, Any]) -> list[Finding]:
    return diagnosis(cluster, Looks(**looks))


def _cards(host: str) -> dict[str, Any]:
    return {name: {"mac": mac, "mtu": 1500, "ethernet": True} for name, mac in MACS[host].items()}


def _host(cluster: Cluster, host: str, clients: dict[str, Any]) -> dict[str, Any]:
    asked = host_questions(cluster, host, clients)
    parts = {**asked["parts"], **({"firewall": {}} if asked["firewalls"] else {})}
    items = list(cluster.items(host))
    vips = [item.name for item in items if item.kind == "address"]
    direct = bool(cluster.served(host, *DIRECT))
    look = {
        "errors": {},
        "parts": {part: {"changes": [], "error": ""} for part in parts},
        "table": {item.name: item.value for item in items if item.kind == "ipvs"},
        "played": sorted(parts),
        "program": "",
        "firewall": next(iter(asked["firewalls"]), ""),
        "units": {names[0]: "enabled, active" for names in [*daemons(cluster, host).values(), CHRONY]},
        "cards": _cards(host),
        "addresses": [*ADDRESSES[host], *vips],
        "settings": {"net.ipv4.conf.all.rp_filter": "0", "net.ipv4.conf.back.rp_filter": "1", "net.ipv4.conf.tunl0.rp_filter": "2"},
        "arp": {
            "differences": [],
            "effective": {"back": {"arp_ignore": 1, "arp_announce": 2} if direct else {"arp_ignore": 0, "arp_announce": 0}},
        },
        "ways": [
            {**way, "gateway": ROUTER if direct else DIP, "card": "back", "type": "unicast", "own": "", "error": ""}
            for way in asked["ways"]
        ],
        "heard": [
            {"card": card, "address": vip, "macs": [MACS["director1"][card]] if host != "director1" else []}
            for vip in asked["vips"]
            for card in MACS[host]
        ],
        "invalid_drops": [],
        "time": {"by": "chrony", "synchronised": True, "offset": 0.0},
        "clock": {"begun": 1000.2, "ended": 1001.8},
        "pages": [{**page, "status": 200, "text": host, "marks": [], "where": "", "error": ""} for page in asked["pages"]],
        "reach": [{**each, "error": "", "refused": False, "said": "J\0\0\0\n11.8" if each.get("greeting") else ""} for each in asked["reach"]],
        "mounts": [
            {"mountpoint": point, "source": f"{OTHERS['nfs1']}:/data/wordpress", "type": "nfs4", "writable": False, "error": ""}
            for point in asked["mounts"]
        ],
    }  # fmt: skip
    return {"look": look, "asked": 1000.0, "answered": 1002.0}


def _client(cluster: Cluster) -> dict[str, Any]:
    direct = any(mode in DIRECT for mode in cluster.modes())
    return {
        "errors": {},
        "cards": _cards("client1"),
        "addresses": [f"{CIP}/24 dev front"],
        "ways": [{"to": VIP, "source": "", "gateway": "", "card": "front", "type": "unicast", "own": CIP, "error": ""}],
        "heard": [{"card": "front", "address": VIP, "macs": [MACS["director1"]["front"]]}],
        "asked": {
            "services": {
                each["name"]: {"sent": 20, "lines": ["web1", "web2"] * 10, "failures": []}
                for each in client_questions(cluster)["services"]
            },
            "macs": {VIP: [MACS["router1" if direct else "director1"]["front"]]},
        },
    }


def _sizes(cluster: Cluster) -> dict[str, Any]:
    names = [each["name"] for each in client_questions(cluster)["services"]]
    return {
        "errors": {},
        "large_answers": {name: [{"received": 96000, "segment": 1448, "error": "", "said": "web1"}] for name in names},
        "large_requests": {name: [{"received": 960, "segment": 536, "error": "", "said": "web1"}] for name in names},
        "path_mtu": {VIP: {"size": 1500, "small": True, "full": True, "told": 0}},
    }


def _table(cluster: Cluster, connections: int) -> list[dict[str, Any]]:
    return [
        {
            **service,
            "real_servers": [
                {**server, "connections": {"active": 0, "inactive": 0}, "statistics": {"connections": connections}}
                for server in service["real_servers"]
            ],
        }
        for service, _port in asked_services(cluster)
    ]
