# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WordPress behind a director, from bare hosts: what visitors see, what writers may do, what strangers may not, and what heals."""

from __future__ import annotations

import json
import os
import re
import shlex

import pytest

pytestmark = pytest.mark.skipif("LVS_TEST_ALL" not in os.environ, reason="part of `make test-all`")

VIP, NFS, MYSQL = "172.16.0.40", "172.16.0.34", "172.16.0.35"
RIPS = {"rs1": "172.16.0.32", "rs2": "172.16.0.33"}


def test_a_second_run_changes_nothing(cluster):
    assert cluster.site().changed == []


def test_a_check_foretells_nothing(cluster):
    assert cluster.site("--check").changed == []


def test_the_proof_holds(cluster):
    cluster.play("playbooks/prove.yml")


def test_visitors_see_the_site_through_the_vip_and_both_real_servers_answer(cluster):
    before = {host: answered(cluster, host) for host in RIPS}
    for _time in range(6):
        page = cluster.say("client1", f"curl --silent --show-error --fail --max-time 30 http://{VIP}/")
        assert "<title>LVS</title>" in page
    assert {host: answered(cluster, host) - before[host] for host in RIPS} == {"rs1": 3, "rs2": 3}


def answered(cluster, host: str) -> int:
    return int(cluster.say(host, 'grep -c "GET / " /var/log/nginx/access.log || true'))


def test_logs_name_the_client(cluster):
    cluster.say("client1", f"curl --silent --output /dev/null --max-time 30 http://{VIP}/?whoami=1 http://{VIP}/?whoami=2")
    for host in RIPS:
        lines = cluster.say(host, "grep whoami /var/log/nginx/access.log").splitlines()
        assert {line.split()[0] for line in lines} == {"172.16.0.201"}


@pytest.fixture(scope="module")
def published(cluster) -> dict[str, str]:
    """A post with a picture, written through the VIP."""
    return cluster.publish("first")


def test_what_is_published_is_seen_through_each_real_server(cluster, published):
    for rip in RIPS.values():
        assert published["picture"] in through(cluster, rip, published["post"])
        assert through(cluster, rip, published["picture"], "--output /dev/null --write-out %{content_type}") == "image/png"


def through(cluster, rip: str, url: str, options: str = "") -> str:
    """What one real server answers. The director may ask it: it looks after its health."""
    path = re.sub(r"^http://[^/]+", "", url)
    return cluster.say(
        "director1", f"curl -sSf --max-time 30 {options} -H 'Host: {VIP}' {shlex.quote(f'http://{rip}{path}')}"
    ).strip()


def test_an_upload_belongs_to_php_on_both_sides(cluster, published):
    path = published["picture"].partition("/wp-content/")[2]
    assert cluster.say("nfs1", f"stat -c %u:%g /data/{path}").strip() == "33:33"
    assert cluster.say("rs1", f"stat -c %U:%G /wordpress/wp-content/{path}").strip() == "www-data:www-data"


def test_the_code_cannot_be_written_by_a_real_server(cluster):
    for user in ("root", "www-data"):
        said = cluster.run("rs1", f"runuser -u {user} -- touch /wordpress/wp-includes/evil.php")
        assert said.returncode != 0
        assert "Read-only file system" in said.stderr


@pytest.mark.parametrize(
    ("asker", "address", "port"),
    [
        *(("client1", rip, port) for rip in RIPS.values() for port in (9000, 2049)),
        ("client1", NFS, 2049),
        ("client1", NFS, 111),
        ("client1", MYSQL, 3306),
        ("director1", MYSQL, 3306),
        ("director1", NFS, 2049),
        ("rs1", RIPS["rs2"], 9000),
    ],
)
def test_a_stranger_gets_no_answer(cluster, asker, address, port):
    assert cluster.run(asker, connect(address, port)).returncode != 0


@pytest.mark.parametrize(("asker", "address", "port"), [("rs1", MYSQL, 3306), ("rs2", NFS, 2049), ("nfs1", MYSQL, 3306)])
def test_who_needs_it_gets_an_answer(cluster, asker, address, port):
    assert cluster.run(asker, connect(address, port)).returncode == 0


def connect(address: str, port: int) -> str:
    return f"timeout 5 bash -c 'exec 3<>/dev/tcp/{address}/{port}'"


def test_secrets_are_read_by_those_who_need_them(cluster):
    assert cluster.say("nfs1", "stat -c '%a %U:%G' /data/wordpress/wp-config.php").strip() == "640 root:www-data"
    assert cluster.run("rs1", "runuser -u nobody -- cat /wordpress/wp-config.php").returncode != 0
    assert cluster.run("client1", f"curl --silent --fail http://{VIP}/wp-config.php").returncode != 0


def test_a_run_tells_no_secret(cluster):
    told = cluster.told("-vvv")
    for secret in cluster.secrets():
        assert secret not in told


def test_a_database_that_restarts_is_back_by_itself(cluster, published):
    cluster.say("mysql1", "systemctl restart mariadb")
    cluster.until(lambda: published["picture"] in (visit(cluster, published["post"]) or ""))


def test_a_share_that_reboots_is_back_by_itself(cluster, published):
    """Its clients wait for it, and lose nothing."""
    cluster.reboot("nfs1")
    cluster.until(lambda: published["picture"] in (visit(cluster, published["post"]) or ""), 120)
    assert cluster.publish("after the reboot")["post"]


def test_a_real_server_boots_while_the_share_is_down(cluster, published):
    cluster.say("nfs1", "systemctl stop nfs-server")
    try:
        cluster.reboot("rs2")
        assert cluster.say("rs2", "systemctl is-active nginx lvs-realserver").split() == ["active", "active"]
    finally:
        cluster.say("nfs1", "systemctl start nfs-server")
    cluster.until(lambda: published["picture"] in through(cluster, RIPS["rs2"], published["post"]), 120)


def visit(cluster, url: str) -> str | None:
    said = cluster.run("client1", f"curl --silent --fail --max-time 20 {shlex.quote(url)}")
    return said.stdout if said.returncode == 0 else None


def test_a_lost_table_comes_back_from_the_backup(cluster, published, tmp_path):
    book = tmp_path / "backup.yml"
    for step in ("backup", "restore"):
        book.write_text(
            json.dumps(
                [
                    {
                        "hosts": "database_servers",
                        "gather_facts": False,
                        "tasks": [
                            {
                                "ansible.builtin.include_role": {"name": "lvs.cluster.mysql", "tasks_from": step},
                                "vars": {"mysql_restore_database": "wpdb"},
                            }
                        ],
                    }
                ]
            )
        )
        assert cluster.play(str(book)).code == 0
        if step == "backup":
            cluster.say("mysql1", "mariadb wpdb -e 'DROP TABLE wp_posts'")
            assert "first" not in (visit(cluster, published["post"]) or "")
    assert published["picture"] in (visit(cluster, published["post"]) or "")


def test_the_site_is_served_in_each_mode(cluster, published):
    """In the how-to's network; NAT would need the client outside of it."""
    for mode in ("tun", "fullnat", "dr"):
        assert cluster.site("-e", f"lvs_mode={mode}").code == 0
        for _server in RIPS:
            assert published["picture"] in (visit(cluster, published["post"]) or "")
