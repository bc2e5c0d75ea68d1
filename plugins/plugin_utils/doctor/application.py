# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real servers serve, and what that stands on: PHP, shares, the database, WordPress."""

from __future__ import annotations

from typing import Any, List, Mapping

from .cluster import Cluster
from .model import Check, NotApplicableError, Seen, View
from .questions import host_questions, wordpress

_WORDPRESS = "wordpress at "
# Bytes: a greeting of MySQL's protocol begins with its length and number, and then 10, or 255 and an error (protocol handshake).
_ERROR_AT, _ERROR, _TEXT_AT = 4, "\xff", 7
_WRONG_FROM = 400


def _asked(question: str, name: str = "") -> Any:
    """Hosts that are asked something of the kind."""

    def hosts(cluster: Cluster) -> List[str]:
        return [
            host for host in cluster.servers() if any(_is(each, name) for each in host_questions(cluster, host, {})[question])
        ]

    return hosts


def _is(each: Any, name: str) -> bool:
    return not name or str(each["name"]).startswith(name)


def _application(view: View, host: str) -> Seen:
    pages = [page for page in view.looks.host(host, "pages") if not page["name"].startswith(_WORDPRESS)]
    return Seen(", ".join(dict.fromkeys(page["name"] for page in pages)), [_unwell(page) for page in pages if _unwell(page)])


def _unwell(page: Mapping[str, Any]) -> str:
    at = f"{page['name']} at {page['address']}:{page['port']}"
    if page["error"]:
        return f"{at}: {page['error']}"
    return f"{at}: status {page['status']}" if page["status"] >= _WRONG_FROM else ""


def _wordpress(view: View, host: str) -> Seen:
    wrong = []
    for page in view.looks.host(host, "pages"):
        if not page["name"].startswith(_WORDPRESS):
            continue
        if "database" in page["marks"]:
            wrong.append("WordPress cannot log in to its database, or does not find it")
        elif "install" in page["marks"]:
            wrong.append("WordPress is not installed: it sends visitors to its installer")
        elif _unwell(page):
            wrong.append(_unwell(page))
    return Seen("answers", list(dict.fromkeys(wrong)))


def _php(view: View, host: str) -> Seen:
    wrong = [
        f"nothing answers at {each['address']}: {each['error']}"
        for each in view.looks.host(host, "reach")
        if each["name"] == "php" and each["error"]
    ]
    return Seen(str(view.cluster.value(host, "php_fpm_listen")), wrong)


def _database(view: View, host: str) -> Seen:
    wrong = []
    for each in view.looks.host(host, "reach"):
        if each["name"] != "database":
            continue
        at = f"{each['address']}:{each['port']}"
        if each["error"]:
            wrong.append(f"{at} {each['error']}")
        elif each["said"][_ERROR_AT : _ERROR_AT + 1] == _ERROR:
            wrong.append(f"{at} refuses this host: {each['said'][_TEXT_AT:]}")
    return Seen(f"answers at {wordpress(view.cluster)['database']}", wrong)


def _mounts(view: View, host: str) -> Seen:
    found = {mount["mountpoint"].rstrip("/"): mount for mount in view.looks.host(host, "mounts")}
    wrong = []
    for want in view.cluster.value(host, "nfs_client_mounts", []):
        point = str(want["mountpoint"]).rstrip("/")
        have = found.get(point)
        if have is None:
            raise NotApplicableError(f"{point} was not looked at")
        source = f"{want['server']}:{want['path']}".rstrip("/")
        if have["error"]:
            wrong.append(f"{point}: {have['error']}")
        elif not have["type"].startswith("nfs"):
            wrong.append(f"{point} has no share mounted")
        elif have["source"].replace("[", "").replace("]", "").rstrip("/") != source:
            wrong.append(f"{point} has {have['source']} mounted, declared {source}")
        elif have["writable"] != bool(want.get("writable", False)):
            wrong.append(f"{point} is mounted {'writable' if have['writable'] else 'read-only'}, declared the other way")
    return Seen(", ".join(found), wrong)


CHECKS = (
    Check(
        "application",
        "Does each real server answer, at the address and port that requests come to?",
        "real servers, services over TCP: lvs_page, asked on the host itself; with dr and tun at the VIP",
        "look into the web server's log on that host; with dr and tun it has to listen on the VIP, too, on the service's own port",
        _asked("pages"),
        _application,
        here=("daemons", "php", "mounts", "wordpress", "vip"),
        anywhere=("database",),
    ),
    Check(
        "php",
        "Does PHP answer?",
        "real servers with php_fpm_listen",
        "systemctl status 'php*-fpm' on that host; run site.yml",
        _asked("reach", "php"),
        _php,
    ),
    Check(
        "mounts",
        "Are the shares mounted, and do they answer?",
        "real servers with nfs_client_mounts",
        "look at the NFS server first (systemctl status nfs-server), then at journalctl -u UNIT.mount on the real server; run site.yml",
        lambda cluster: [host for host in cluster.hosts if cluster.value(host, "nfs_client_mounts", [])],
        _mounts,
        anywhere=("daemons", "reach", "firewall"),
    ),
    Check(
        "database",
        "Does the database answer the real servers?",
        "real servers, where wordpress_db_host is another host",
        "look at the database server (systemctl status mariadb), its bind address, its packet filter, and whom its users may come from",
        _asked("reach", "database"),
        _database,
        anywhere=("daemons", "reach", "firewall"),
    ),
    Check(
        "wordpress",
        "Does WordPress work on each real server?",
        "real servers, where wordpress_url is set: the front page, asked on the host itself",
        "compare wordpress_db_name, wordpress_db_user and its password with the database's; run site.yml",
        _asked("pages", _WORDPRESS),
        _wordpress,
        here=("daemons", "php", "mounts", "vip"),
        anywhere=("database",),
    ),
)
