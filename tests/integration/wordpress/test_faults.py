# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What visitors and writers notice of a fault, that it heals by itself, and that nothing is lost by it."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import Iterator


def test_a_database_that_restarts_is_back_by_itself(cluster, published):
    cluster.say(cluster.database.name, "systemctl stop mariadb")
    try:
        # Visitors are told, at once, and pictures are not the database's.
        assert cluster.say("client1", f"curl --silent --output /dev/null --write-out %{{http_code}} {cluster.url}/") == "500"
        assert cluster.visit(published["picture"], "--output", "/dev/null") is not None
    finally:
        cluster.say(cluster.database.name, "systemctl start mariadb")
    cluster.until(lambda: cluster.shows(published))


def test_a_share_that_reboots_is_back_by_itself(cluster, published):
    """Those who ask meanwhile wait for it."""
    cluster.reboot(cluster.share.name)
    cluster.until(lambda: cluster.shows(published), 180)
    assert cluster.shows(cluster.publish("after the reboot"))


def test_a_real_server_boots_while_the_share_is_down(cluster, published):
    last = list(cluster.real_servers)[-1]
    cluster.say(cluster.share.name, "systemctl stop nfs-server")
    try:
        cluster.reboot(last)
        assert cluster.say(last, "systemctl is-active nginx lvs-realserver").split() == ["active", "active"]
    finally:
        cluster.say(cluster.share.name, "systemctl start nfs-server")
    cluster.until(lambda: cluster.shows(published), 180)
    turns(cluster)


def test_a_real_server_without_power_costs_an_upload_and_no_post(cluster, published):
    with upload(cluster, "broken") as running:
        assert running.stdout.readline() == "half\n"
        asked = "ss --no-header state established sport = :80"
        [dead] = [host for host in cluster.real_servers if cluster.say(host, asked)]
        # Without a word to anybody, and without writing what it has in memory.
        cluster.run(dead, "systemd-run --quiet systemctl poweroff --force --force")
        cluster.until(lambda: cluster.run(dead, "true").returncode != 0)
        # One visitor in two gets no answer, and gets one when asking again.
        seen = [cluster.visit(f"{cluster.url}/", "--max-time", "5") for _visitor in range(4)]
        assert [page is None for page in seen] in ([False, True] * 2, [True, False] * 2)
        cluster.play("playbooks/lab_up.yml")
        print("go on", file=running.stdin, flush=True)
        assert running.wait(120) != 0
    cluster.until(lambda: cluster.run(dead, "systemctl is-active nginx lvs-realserver").returncode == 0, 120)
    cluster.until(lambda: cluster.shows(published), 120)
    turns(cluster)
    assert cluster.say(cluster.share.name, "find /data/uploads -name 'broken*'") == ""
    assert cluster.shows(cluster.publish("broken no more"))


def turns(cluster) -> None:
    """Each real server answers visitors."""
    before = {host: len(cluster.entries(host, "/?each ")) for host in cluster.real_servers}
    for _visitor in range(4):
        assert cluster.visit(f"{cluster.url}/?each")
    answered = {host: len(cluster.entries(host, "/?each ")) - before[host] for host in cluster.real_servers}
    assert answered == dict.fromkeys(cluster.real_servers, 2)


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
    # To the last block, those that ext4 keeps for root included. Some may come back when a file that grew is closed, so that takes
    # more than one file.
    fill = "for file in 1 2 3 4; do dd if=/dev/zero of=/data/full$file bs=4k conv=fsync; done; ! echo > /data/full"
    cluster.say(
        cluster.share.name, "fallocate --length $(($(df --block-size=1 --output=avail /data | tail -1) - 1000000)) /data/full0"
    )
    try:
        cluster.say(cluster.share.name, fill)
        said = cluster.run("client1", cluster.writer("post", "too much"), cluster.password + "\n")
        assert said.returncode != 0
        assert "HTTP Error 5" in said.stderr
        assert cluster.shows(published)
    finally:
        cluster.say(cluster.share.name, "rm --force /data/full*")
    assert cluster.shows(cluster.publish("room again"))


def test_a_wrong_password_in_the_inventory_is_named_and_visitors_notice_nothing(cluster, published):
    wrong = "wrong-by-one-letter"
    # Where the database is, nothing changes: WordPress alone is told another password.
    refused = cluster.playbook("site.yml", "--limit", "nfs_servers,localhost", "-e", f"wordpress_db_password={wrong}")
    assert refused.returncode != 0
    assert f"wpdb at {cluster.database.address} cannot be used as wpuser: Access denied" in refused.stdout
    assert wrong not in refused.stdout + refused.stderr
    assert cluster.shows(published)
    assert cluster.site().changed == []
