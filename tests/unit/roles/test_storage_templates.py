# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports, mounts and the database's settings, rendered with the roles' defaults and a scenario."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils.units import mount_units
from test_templates import directives, render

EXPORTS = "etc/exports.d/lvs-cluster.exports.j2"
NFS_CONF = "etc/nfs.conf.d/lvs-cluster.conf.j2"
MOUNT, AUTOMOUNT = "etc/systemd/system/nfs.mount.j2", "etc/systemd/system/nfs.automount.j2"
SETTINGS = "etc/mysql/mariadb.conf.d/90-lvs-cluster.cnf.j2"

SHARE = {"server": "172.16.0.34", "path": "/srv/wordpress", "mountpoint": "/web/wordpress"}
UPLOADS = {
    "server": "172.16.0.34",
    "path": "/srv/wordpress/wp-content/uploads",
    "mountpoint": "/web/wordpress/wp-content/uploads",
    "writable": True,
    "options": ["noac"],
}


def mount(*mounts, index=0, **more):
    return {"mount": mount_units(mounts)[index], **more}


def memory(mib):
    return {"content": base64.b64encode(f"MemTotal:       {mib * 1024} kB\nMemFree: 1 kB\n".encode()).decode()}


def settings(**scenario):
    lines = directives(render("mysql", SETTINGS, **scenario))
    assert lines[0] == "[mysqld]"
    return dict(line.split(" = ") for line in lines[1:])


def test_exports():
    exports = [
        {"path": "/srv/wordpress", "clients": ["172.16.0.32", "172.16.0.33"]},
        {"path": "/srv/up", "clients": ["fd00::/64"], "writable": True, "owner": "33", "options": ["fsid=7"]},
        {"path": "/srv/any", "clients": ["172.16.0.0/16"], "writable": True, "squash": "all", "owner": 33, "group": 34},
    ]
    common = "sync,no_subtree_check"
    assert directives(render("nfs_server", EXPORTS, nfs_server_exports=exports)) == [
        f'"/srv/wordpress" 172.16.0.32(ro,{common},root_squash) 172.16.0.33(ro,{common},root_squash)',
        f'"/srv/up" fd00::/64(rw,{common},root_squash,fsid=7)',
        f'"/srv/any" 172.16.0.0/16(rw,{common},all_squash,anonuid=33,anongid=34)',
    ]


def test_no_exports():
    assert directives(render("nfs_server", EXPORTS)) == []


def test_versions_of_nfs():
    assert directives(render("nfs_server", NFS_CONF)) == [
        "[nfsd]",
        "threads = 8",
        "vers3 = n",
        "vers4 = y",
        "vers4.0 = n",
        "vers4.1 = y",
        "vers4.2 = y",
    ]


def test_settings_of_nfs_are_added_and_win():
    more = {"nfsd": {"threads": 2, "grace-time": 10}, "mountd": {"port": 20048, "manage-gids": True}}
    lines = directives(render("nfs_server", NFS_CONF, nfs_server_versions=["3"], nfs_server_settings=more))
    assert lines == [
        "[nfsd]",
        "threads = 2",
        "vers3 = y",
        "vers4 = n",
        "vers4.0 = n",
        "vers4.1 = n",
        "vers4.2 = n",
        "grace-time = 10",
        "[mountd]",
        "port = 20048",
        "manage-gids = y",
    ]


def test_a_mount():
    lines = directives(render("nfs_client", MOUNT, **mount(SHARE)))
    assert lines == [
        "[Unit]",
        "Description=NFS share 172.16.0.34:/srv/wordpress",
        "StartLimitIntervalSec=0",
        "[Mount]",
        "What=172.16.0.34:/srv/wordpress",
        "Where=/web/wordpress",
        "Type=nfs",
        "Options=ro,vers=4.2,hard,softreval,timeo=100,retrans=2,noatime,nodev,nosuid,noexec,nconnect=2,retry=0",
        "TimeoutSec=20",
        "LazyUnmount=yes",
    ]


def test_a_writable_mount_over_ipv6_in_another_one():
    uploads = {**UPLOADS, "server": "fd00::34", "version": "3"}
    lines = directives(render("nfs_client", MOUNT, **mount(SHARE, uploads, index=1, nfs_client_connections=1)))
    assert "What=[fd00::34]:/srv/wordpress/wp-content/uploads" in lines
    assert "Options=rw,vers=3,hard,softreval,timeo=100,retrans=2,noatime,nodev,nosuid,noexec,sync,noac,retry=0" in lines
    outer = directives(render("nfs_client", MOUNT, **mount(SHARE, uploads)))
    assert r"Wants=web-wordpress-wp\x2dcontent-uploads.automount" in outer


@pytest.mark.parametrize("template", [MOUNT, AUTOMOUNT])
def test_our_units_are_known_by_their_mark(template):
    assert "# Of the role lvs.cluster.nfs_client" in render("nfs_client", template, **mount(SHARE)).splitlines()


def test_an_automount_waits_for_nobody():
    lines = directives(render("nfs_client", AUTOMOUNT, **mount(SHARE)))
    assert "Where=/web/wordpress" in lines
    assert "WantedBy=remote-fs.target" in lines
    assert not [line for line in lines if line.startswith("Requires=")]
    # Nothing that is there later than the network: it would be in a cycle with what needs the network.
    assert [line for line in lines if line.startswith(("After=", "DefaultDependencies="))] == [
        "DefaultDependencies=no",
        "After=network.target",
    ]


@pytest.mark.parametrize(("host", "pool"), [(230, "56M"), (50, "16M"), (999, "248M"), (1000, "496M"), (64000, "32000M")])
def test_the_buffer_pool_goes_by_the_hosts_memory(host, pool):
    given = settings(__mysql_meminfo=memory(host))
    assert given["innodb_buffer_pool_size"] == pool
    assert ("aria_pagecache_buffer_size" in given) == (host < 1000)


def test_settings_of_a_database_server():
    given = settings(
        __mysql_meminfo=memory(4000),
        mysql_bind_address="172.16.0.35",
        mysql_buffer_pool=128,
        mysql_settings={"max_connections": 7, "slow_query_log": True},
    )
    assert given == {
        "bind_address": "172.16.0.35",
        "port": "3306",
        "skip_name_resolve": "ON",
        "local_infile": "OFF",
        "character_set_server": "utf8mb4",
        "innodb_buffer_pool_size": "128M",
        "max_connections": "7",
        "slow_query_log": "ON",
    }


def test_mysql_lets_root_in_by_its_socket():
    given = settings(__mysql_meminfo=memory(500), mysql_flavour="mysql")
    assert given["plugin_load_add"] == "auth_socket.so"
    assert given["performance_schema"] == "OFF"
