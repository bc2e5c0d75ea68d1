# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What visitors and writers notice of a fault, that it heals by itself, and that nothing is lost by it."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import Iterator

URL = "http://172.16.0.40/"
RIPS = {"rs1": "172.16.0.32", "rs2": "172.16.0.33"}


def test_a_database_that_restarts_is_back_by_itself(cluster, published):
    cluster.say("mysql1", "systemctl stop mariadb")
    try:
        # Visitors are told, at once, and pictures are not the database's.
        assert cluster.say("client1", f"curl --silent --output /dev/null --write-out %{{http_code}} {URL}") == "500"
        assert cluster.visit(published["picture"], "--output", "/dev/null") is not None
    finally:
        cluster.say("mysql1", "systemctl start mariadb")
    cluster.until(lambda: cluster.shows(published))


def test_a_share_that_reboots_is_back_by_itself(cluster, published):
    """Those who ask meanwhile wait for it."""
    cluster.reboot("nfs1")
    cluster.until(lambda: cluster.shows(published), 180)
    assert cluster.shows(cluster.publish("after the reboot"))


def test_a_real_server_boots_while_the_share_is_down(cluster, published):
    cluster.say("nfs1", "systemctl stop nfs-server")
    try:
        cluster.reboot("rs2")
        assert cluster.say("rs2", "systemctl is-active nginx lvs-realserver").split() == ["active", "active"]
    finally:
        cluster.say("nfs1", "systemctl start nfs-server")
    cluster.until(lambda: cluster.shows(published), 180)
    turns(cluster, published)


def test_a_real_server_without_power_costs_an_upload_and_no_post(cluster, published):
    with upload(cluster, "broken") as running:
        assert running.stdout.readline() == "half\n"
        [dead] = [
            host for host in RIPS if cluster.say(host, "ss --no-header state established sport = :80 dst 172.16.0.201").strip()
        ]
        # Without a word to anybody, and without writing what it has in memory.
        cluster.run(dead, "systemd-run --quiet systemctl poweroff --force --force")
        cluster.until(lambda: cluster.run(dead, "true").returncode != 0)
        # One visitor in two gets no answer, and gets one when asking again.
        seen = [cluster.visit(URL, "--max-time", "5") for _visitor in range(4)]
        assert [page is None for page in seen] in ([False, True] * 2, [True, False] * 2)
        cluster.play("playbooks/lab_up.yml")
        print("go on", file=running.stdin, flush=True)
        assert running.wait(120) != 0
    cluster.until(lambda: cluster.run(dead, "systemctl is-active nginx lvs-realserver").returncode == 0, 120)
    cluster.until(lambda: cluster.shows(published), 120)
    turns(cluster, published)
    assert cluster.say("nfs1", "find /data/uploads -name 'broken*'") == ""
    assert cluster.shows(cluster.publish("broken no more"))


def turns(cluster, published: dict[str, str]) -> None:
    """Each real server answers visitors."""
    before = {host: len(cluster.entries(host, "/?each ")) for host in RIPS}
    for _visitor in range(4):
        assert cluster.visit(f"{URL}?each")
    assert {host: len(cluster.entries(host, "/?each ")) - before[host] for host in RIPS} == dict.fromkeys(RIPS, 2)


@contextmanager
def upload(cluster, title: str) -> Iterator[subprocess.Popen[str]]:
    """Somebody who is in the middle of an upload."""
    argv = cluster.ssh("client1", cluster.writer("pause", title))
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
    ) as running:
        try:
            print(cluster.password, file=running.stdin, flush=True)
            yield running
        finally:
            running.kill()


def test_a_full_share_refuses_uploads_and_shows_what_it_has(cluster, published):
    # All that is there but a little, which PHP's user itself then fills to the last byte.
    cluster.say("nfs1", "fallocate --length $(($(df --block-size=1 --output=avail /data | tail -1) - 1000000)) /data/full")
    cluster.run("nfs1", "runuser --user=www-data -- dd if=/dev/zero of=/data/uploads/full bs=4k")
    try:
        said = cluster.run("client1", cluster.writer("post", "too much"), cluster.password + "\n")
        assert said.returncode != 0
        assert "HTTP Error 5" in said.stderr
        assert cluster.shows(published)
    finally:
        cluster.say("nfs1", "rm --force /data/full /data/uploads/full")
    assert cluster.shows(cluster.publish("room again"))


def test_a_wrong_password_in_the_inventory_is_named_and_visitors_notice_nothing(cluster, published):
    wrong = "wrong-by-one-letter"
    # Where the database is, nothing changes: WordPress alone is told another password.
    refused = cluster.playbook("site.yml", "--limit", "nfs_servers,localhost", "-e", f"wordpress_db_password={wrong}")
    assert refused.returncode != 0
    assert "wpdb at 172.16.0.35 cannot be used as wpuser: Access denied" in refused.stdout
    assert wrong not in refused.stdout + refused.stderr
    assert cluster.shows(published)
    assert cluster.site().changed == []
