# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WordPress behind a director, from bare hosts: what visitors see, and what comes back from a backup."""

from __future__ import annotations

import json
import re
import shlex

VIP = "172.16.0.40"
RIPS = {"rs1": "172.16.0.32", "rs2": "172.16.0.33"}


def test_a_second_run_changes_nothing(cluster):
    assert cluster.site().changed == []


def test_a_check_foretells_nothing(cluster):
    assert cluster.site("--check").changed == []


def test_the_proof_holds(cluster):
    cluster.play("playbooks/prove.yml")


def test_visitors_see_the_site_through_the_vip_and_both_real_servers_answer(cluster):
    for _time in range(6):
        assert "<title>LVS</title>" in cluster.visit(f"http://{VIP}/?turns")
    entries = {host: cluster.entries(host, "/?turns ") for host in RIPS}
    assert {host: len(lines) for host, lines in entries.items()} == {"rs1": 3, "rs2": 3}
    # Direct routing leaves the client's address in its place.
    assert {line.split()[0] for lines in entries.values() for line in lines} == {"172.16.0.201"}


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
        cluster.play(str(book))
        if step == "backup":
            cluster.say("mysql1", "mariadb wpdb -e 'DROP TABLE wp_posts'")
            assert not cluster.shows(published)
    assert cluster.shows(published)
