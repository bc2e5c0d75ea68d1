# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which daemons the inventory has a host run, by the units that distributions give them."""

from __future__ import annotations

from typing import Dict, Tuple

from .cluster import Cluster

CHRONY = ("chrony.service", "chronyd.service")
TIME_UNITS = (*CHRONY, "systemd-timesyncd.service")
_NGINX = ("nginx.service",)
_APACHE = ("apache2.service", "httpd.service")
_NFS = ("nfs-server.service", "nfs-kernel-server.service")
_DATABASE = ("mariadb.service", "mysql.service", "mysqld.service")
_TIME = ("baseline_time_servers", "baseline_time_pools", "baseline_time_clients")


def daemons(cluster: Cluster, host: str) -> Dict[str, Tuple[str, ...]]:
    """What for, and the unit's names, of which the host has one."""
    found: Dict[str, Tuple[str, ...]] = {}
    if not cluster.member(host):
        return found
    # As the playbook site.yml has it: with an empty list something else answers.
    serves = any(service["protocol"] == "tcp" for service in cluster.served(host))
    pages = host in cluster.servers() and serves and cluster.value(host, "lvs_sites", ["page"])
    if (
        pages
        or _has(cluster, host, "web_servers", "nginx_sites")
        or _has(cluster, host, "reverse_proxies", "reverse_proxy_sites")
    ):
        found["web server"] = _NGINX
    if _has(cluster, host, "web_servers", "apache_sites"):
        found["Apache"] = _APACHE
    if _has(cluster, host, "nfs_servers", "nfs_server_exports"):
        found["NFS server"] = _NFS
    if _has(cluster, host, "database_servers", "mysql_databases"):
        found["database"] = _DATABASE
    return found


def keeps_time(cluster: Cluster, host: str) -> bool:
    """Whether the inventory has chrony on the host (role baseline)."""
    return any(cluster.value(host, name, []) for name in _TIME) and cluster.value(host, "baseline_state", "present") == "present"


def _has(cluster: Cluster, host: str, group: str, variable: str) -> bool:
    return host in cluster.group(group) and bool(cluster.value(host, variable, []))
