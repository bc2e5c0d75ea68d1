# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What strangers get of the cluster, and what of its secrets can be read where."""

from __future__ import annotations

import pytest

VIP, NFS, MYSQL = "172.16.0.40", "172.16.0.34", "172.16.0.35"
RIPS = {"rs1": "172.16.0.32", "rs2": "172.16.0.33"}
DIRECTOR = "172.16.0.31"
HOSTS = {"the VIP": VIP, "director1": DIRECTOR, **RIPS, "nfs1": NFS, "mysql1": MYSQL}


@pytest.mark.parametrize("host", HOSTS)
def test_a_stranger_gets_no_answer(cluster, host):
    """But from ssh, which is open to all, and from the VIP."""
    assert cluster.answering("client1", HOSTS[host]) == ([22, 80] if host == "the VIP" else [22])


@pytest.mark.parametrize(
    ("asker", "address", "more"),
    [
        ("director1", MYSQL, []),
        ("director1", NFS, []),
        # It looks after their health.
        ("director1", RIPS["rs1"], [80]),
        ("mysql1", NFS, []),
        ("rs1", RIPS["rs2"], []),
        ("rs1", MYSQL, [3306]),
        ("rs2", NFS, [2049]),
        ("nfs1", MYSQL, [3306]),
    ],
)
def test_who_needs_it_gets_an_answer(cluster, asker, address, more):
    """And nobody else."""
    assert cluster.answering(asker, address) == [22, *more]


def test_the_code_cannot_be_written_by_a_real_server(cluster):
    for user in ("root", "www-data"):
        said = cluster.run("rs1", f"runuser -u {user} -- touch /wordpress/wp-includes/evil.php")
        assert said.returncode != 0
        assert "Read-only file system" in said.stderr


def test_the_share_knows_the_real_servers_alone(cluster):
    """Were the packet filter not there."""
    exports = cluster.say("nfs1", "exportfs -s").split()
    assert {word.split("(")[0] for word in exports if "(" in word} == set(RIPS.values())


def test_secrets_are_read_by_those_who_need_them(cluster):
    for name in ("wp-config.php", "wp-salts.php"):
        assert cluster.say("nfs1", f"stat -c '%a %U:%G' /data/wordpress/{name}").strip() == "640 root:www-data"
        assert cluster.run("rs1", f"runuser -u nobody -- cat /wordpress/{name}").returncode != 0
        assert cluster.visit(f"http://{VIP}/{name}") is None
    kept = cluster.folder / "secrets"
    assert all(path.stat().st_mode & 0o77 == 0 for path in kept.iterdir())


def test_a_run_tells_no_secret(cluster):
    """Nor do the journals of those who have them."""
    told = [cluster.told("-vvv", "--diff")]
    told += [cluster.say(host, "journalctl --boot --output=cat") for host in ("nfs1", "mysql1", "rs1")]
    assert not [secret for secret in cluster.secrets() for text in told if secret in text]
