# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be looked at on each host, for the modules host_look and client_look."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence, Tuple

from .cluster import DIRECT, Cluster
from .daemons import TIME_UNITS, daemons
from .table import OTHER_MANAGERS

# So many connections with large packets at most.
MOST = 8
DATABASE_PORT = 3306
TLS_PORT = 443
Look = Mapping[str, Any]


def host_questions(cluster: Cluster, host: str, clients: Mapping[str, Look]) -> Dict[str, Any]:
    """The options of host_look.

    :param clients: what client_look returned, by client: real servers are asked for their way to them
    """
    units = [unit for names in daemons(cluster, host).values() for unit in names]
    in_path = host in cluster.directors or host in cluster.servers()
    return {
        "parts": cluster.parts(host),
        "firewalls": cluster.firewalls(host),
        "arp": cluster.arp(host),
        "units": [*units, *OTHER_MANAGERS, *TIME_UNITS],
        "vips": [vip for vip in cluster.vips if ":" not in vip] if in_path else [],
        "ways": ways(cluster, host, clients),
        "pages": pages(cluster, host),
        "reach": [*_real_servers(cluster, host), *_php(cluster, host), *_database(cluster, host)],
        "mounts": [str(mount["mountpoint"]) for mount in cluster.value(host, "nfs_client_mounts", [])],
    }


def client_questions(cluster: Cluster) -> Dict[str, Any]:
    """The options of client_look, but for how many requests it is to send."""
    asked = [
        {"name": service["name"], "address": service["address"], "port": port, "tls": port == TLS_PORT, "times": _times(service)}
        for service, port in asked_services(cluster)
    ]
    return {"services": asked, "vips": cluster.vips, "path": cluster.page}


def asked_services(cluster: Cluster) -> List[Tuple[Dict[str, Any], int]]:
    """Services over TCP, with a port that a client may ask. One for every port names none."""
    return [
        (service, port)
        for service in cluster.services
        if service["protocol"] == "tcp"
        for port in (service["ports"] if service.get("fwmark") else [service["port"]])[:1]
        if port
    ]


def ways(cluster: Cluster, host: str, clients: Mapping[str, Look]) -> List[Dict[str, str]]:
    """The ways of a real server's answers: from its address, or from the VIP, to the clients."""
    targets = [own for own in (_own_address(look) for look in clients.values()) if own]
    found = []
    for service in cluster.served(host, "nat", *DIRECT):
        for source in sources(service, host):
            # Where no client is known, any address outside will do; for NAT that is the VIP.
            to = [own for own in targets if (":" in own) == (":" in source)]
            fallback = [service["address"]] if service["mode"] == "nat" and (":" in service["address"]) == (":" in source) else []
            found += [{"to": address, "source": source} for address in to or fallback]
    return [way for place, way in enumerate(found) if way not in found[:place]]


def sources(service: Mapping[str, Any], host: str) -> List[str]:
    """Under which addresses a real server answers."""
    if service["mode"] in DIRECT:
        return list(service["vips"])
    return [server["address"] for server in service["real_servers"] if server["host"] == host]


def pages(cluster: Cluster, host: str) -> List[Dict[str, Any]]:
    """What a real server is asked on itself: the services that it serves, at the address that clients' requests come to."""
    found: List[Dict[str, Any]] = []
    site = wordpress(cluster)
    for service, port in asked_services(cluster):
        for server in service["real_servers"]:
            if server["host"] == host:
                address = service["address"] if service["mode"] in DIRECT else server["address"]
                at = {"address": address, "port": server["port"] or port, "tls": port == TLS_PORT}
                found.append({"name": service["name"], **at, "path": cluster.page})
                if site and at["tls"] == site["url"].startswith("https:"):
                    found.append({"name": f"wordpress at {service['name']}", **at, "path": "/", "host": _host_of(site["url"])})
    return found


def wordpress(cluster: Cluster) -> Dict[str, str]:
    """Where WordPress and its database are, if there is one."""
    for host in cluster.hosts:
        url = cluster.value(host, "wordpress_url", "")
        if url:
            return {"url": str(url), "database": str(cluster.value(host, "wordpress_db_host", "localhost"))}
    return {}


def _real_servers(cluster: Cluster, host: str) -> List[Dict[str, Any]]:
    if host not in cluster.directors:
        return []
    return [
        {"name": server["host"], "address": server["address"], "port": server["port"] or port}
        for service, port in asked_services(cluster)
        for server in service["real_servers"]
    ]


def _php(cluster: Cluster, host: str) -> List[Dict[str, Any]]:
    listen = str(cluster.value(host, "php_fpm_listen", ""))
    if not listen or host not in cluster.group("real_servers"):
        return []
    address, _colon, port = listen.rpartition(":")
    return [
        {"name": "php", "address": listen if "/" in listen else address.strip("[]"), "port": 0 if "/" in listen else int(port)}
    ]


def _database(cluster: Cluster, host: str) -> List[Dict[str, Any]]:
    at = wordpress(cluster).get("database", "")
    if not at or at.startswith("localhost") or host not in cluster.servers():
        return []
    address, colon, port = at.rpartition(":") if at.count(":") == 1 else (at, "", "")
    number = int(port) if colon and port.isdigit() else DATABASE_PORT
    return [{"name": "database", "address": address or at, "port": number, "greeting": True}]


def _times(service: Mapping[str, Any]) -> int:
    """Connections enough for each real server to have one, as far as turns go."""
    weights = [server["weight"] for server in service["real_servers"] if server["weight"]]
    return max(1, min(MOST, sum(weights) if service["scheduler"] == "wrr" else len(weights)))


def _own_address(look: Look) -> str:
    ways_there: Sequence[Mapping[str, str]] = look.get("ways", [])
    return next((way["own"] for way in ways_there if way["own"] and not way["error"]), "")


def _host_of(url: str) -> str:
    return url.split("://", 1)[-1].split("/", 1)[0]
