# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients mount has to be what servers of the inventory export. Servers that are none of its hosts are not looked at."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, List, Mapping, Optional

from .estate import Estate, within
from .openings import admits
from .values import UnusableError, meant, members

SERVERS = "nfs_servers"
PORT = 2049
# Defaults of the roles nfs_client and nfs_server.
VERSION = "4.2"
VERSIONS = ("4.1", "4.2")


def check_storage(estate: Estate) -> None:
    for client in estate.hosts:
        with suppress(UnusableError):
            for index, mount in enumerate(estate.entries(client, "nfs_client_mounts", ("server", "path", "writable", "version"))):
                if mount.get("server") and mount.get("path"):
                    _check_mount(estate, client, f"nfs_client_mounts[{index}]", mount)


def _check_mount(estate: Estate, client: str, place: str, mount: Mapping[str, Any]) -> None:
    for server in estate.called(str(mount["server"])):
        with suppress(UnusableError):
            text = _problem(estate, client, server, mount)
            if text:
                estate.shared.add(client, place, text)


def _problem(estate: Estate, client: str, server: str, mount: Mapping[str, Any]) -> str:
    """Why a client would not get what it mounts from a server; empty if it would, or if that is not for us to know."""
    exporter = server in members(estate.groups, SERVERS)
    exports = estate.entries(server, "nfs_server_exports", ("path", "clients", "writable"))
    path = str(mount["path"]).rstrip("/") or "/"
    if not exporter and not exports:
        # It may export by means of its own.
        return ""
    if not exporter:
        return f"{server} is not in group {SERVERS}, whose hosts export: put it there"
    export = _covering(exports, path)
    if export is None:
        paths = [str(each.get("path")) for each in exports]
        what = f"{path}{meant(path, paths)}" if paths else "anything"
        return f"{server} does not export {what}: list it in nfs_server_exports of {server}, or correct server and path"
    addresses = list(estate.addresses(client))
    clients = export.get("clients")
    if addresses and isinstance(clients, list) and not within(addresses, clients):
        return (
            f"{server} exports {export['path']}, and not to {client}: list one of {', '.join(addresses)} "
            f"as clients in nfs_server_exports of {server}"
        )
    if mount.get("writable") and not export.get("writable"):
        return f"{server} exports {export['path']} read-only: set writable there, or leave it out here"
    version = str(mount.get("version") or estate.value(client, "nfs_client_version", VERSION))
    spoken = [str(each) for each in estate.value(server, "nfs_server_versions", list(VERSIONS))]
    if version not in spoken:
        return (
            f"{server} does not speak NFS {version}: list it in nfs_server_versions of {server}, or set version to {spoken[-1]}"
        )
    if addresses and server != client and not admits(estate, server, addresses, "tcp", PORT):
        return f"{server} does not let {client} in at tcp {PORT}: list that in lvs_accepts of {server}"
    return ""


def _covering(exports: List[Mapping[str, Any]], path: str) -> Optional[Mapping[str, Any]]:
    """The export that a path belongs to: the innermost one around it."""
    around = [
        each
        for each in exports
        if each.get("path") and (path == each["path"] or path.startswith(f"{str(each['path']).rstrip('/')}/"))
    ]
    return max(around, key=lambda each: len(str(each["path"])), default=None)
