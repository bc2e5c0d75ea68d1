# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What readers and the administrator get of the blog, and what stays when it is changed or upgraded."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

BLOG = "http://192.168.239.148"
CONVERGE = "extensions/molecule/wordpress/converge.yml"
GIVEN = yaml.safe_load((Path(__file__).parents[1] / "vars/main.yml").read_text(encoding="utf-8"))
SITE = "Install, upgrade or correct the site"


def page(lab, path="/", *options):
    """A page as a browser gets it, with the cookies that it has."""
    command = "curl --silent --show-error --max-time 60 --location --cookie /tmp/cookies --cookie-jar /tmp/cookies"
    return lab["client1"].check_output(f"{command} {' '.join(options)} '{BLOG}{path}'")


def log_in(lab, password):
    lab["client1"].check_output("rm --force /tmp/cookies")
    page(lab, "/wp-login.php")
    fields = {
        "log": GIVEN["wordpress_admin_user"],
        "pwd": password,
        "testcookie": "1",
        "redirect_to": f"{BLOG}/wp-admin/profile.php",
    }
    return page(lab, "/wp-login.php", *(f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in fields.items()))


def salts(lab):
    return lab["web1"].check_output("md5sum /data/wordpress/wp-salts.php")


def query(lab, statement):
    return lab["director1"].check_output(f"mariadb --skip-column-names wpdb --execute {shlex.quote(statement)}")


def given(**variables):
    return ["--extra-vars", json.dumps(variables)]


def test_readers_get_the_title_in_the_language(lab):
    front = page(lab)
    assert "<title>LVS &amp; 集群</title>" in front
    assert 'lang="zh-Hans"' in front or 'lang="zh-CN"' in front


def test_the_administrator_logs_in_with_the_password_and_with_no_other(lab):
    assert f'value="{GIVEN["wordpress_admin_email"]}"' in log_in(lab, GIVEN["wordpress_admin_password"])
    assert 'id="login_error"' in log_in(lab, "wrong")


def test_the_administrator_uploads_a_picture_and_readers_get_it(lab):
    log_in(lab, GIVEN["wordpress_admin_password"])
    lab["client1"].check_output("echo hello > /tmp/hello.txt")
    nonce = re.search(r'"_wpnonce":"(\w+)"', page(lab, "/wp-admin/media-new.php"))[1]
    page(
        lab,
        "/wp-admin/async-upload.php",
        "--form async-upload=@/tmp/hello.txt",
        f"--form _wpnonce={nonce}",
        "--form name=hello.txt",
    )
    [file] = lab["web1"].check_output("cd /data/wordpress && find wp-content/uploads -name 'hello*.txt'").splitlines()
    assert lab.get("client1", f"{BLOG}/{file}") == "hello"


@pytest.mark.parametrize("path", ["xmlrpc.php", ".lvs-release", "wp-config.php", "wp-content/uploads/evil.php"])
def test_what_no_visitor_needs_is_refused(lab, path):
    lab["web1"].check_output("echo '<?php echo 1;' > /data/wordpress/wp-content/uploads/evil.php")
    assert lab["client1"].check_output(f"curl --silent --output /dev/null --write-out '%{{http_code}}' {BLOG}/{path}") == "403"


def test_the_folder_is_all_that_a_web_server_needs(lab):
    assert lab["web1"].check_output("find /data/wordpress -type l") == ""
    assert lab["web1"].run("dpkg --status apache2 wordpress").rc != 0


def test_only_php_reads_the_secrets_and_it_writes_only_uploads(lab):
    web1 = lab["web1"]
    for name in ("wp-config.php", "wp-salts.php"):
        assert web1.check_output(f"stat --format='%a %U %G' /data/wordpress/{name}") == "640 root www-data"
    writable = web1.check_output("cd / && runuser -u www-data -- find /data/wordpress -writable -type d")
    assert all(folder.startswith("/data/wordpress/wp-content/uploads") for folder in writable.splitlines())


def test_no_log_has_a_password(lab):
    for host in ("web1", "director1"):
        journal = lab[host].check_output("journalctl --boot --output=cat")
        for secret in ("wordpress_admin_password", "wordpress_db_password"):
            # The scenario itself tells MariaDB, on director1.
            assert GIVEN[secret] not in journal or (host, secret) == ("director1", "wordpress_db_password")


def test_one_host_deploys(lab):
    assert lab["web2"].run("test -e /data/wordpress").rc == 1


def test_a_title_that_changes_is_announced_by_a_check_and_changes_nothing_else(lab):
    before = salts(lab)
    changed = given(wordpress_title="Another")
    assert [change.task for change in lab.play(CONVERGE, "--check", *changed).changes] == [SITE]
    assert "<title>LVS &amp; 集群</title>" in page(lab)
    assert [change.task for change in lab.play(CONVERGE, *changed).changes] == [SITE]
    assert "<title>Another</title>" in page(lab)
    assert salts(lab) == before


def test_a_database_that_refuses_is_named_and_its_password_is_not(lab):
    refused = lab.play(CONVERGE, *given(wordpress_db_user="nobody"))
    assert refused.code != 0
    assert "wpdb at 192.168.239.152 cannot be used as nobody: Access denied" in refused.messages
    assert GIVEN["wordpress_db_password"] not in refused.messages
    assert refused.changes == []
    assert "<title>LVS &amp; 集群</title>" in page(lab)


def test_an_upgrade_replaces_the_core_and_keeps_what_is_the_sites(lab, tmp_path):
    """The next release is the one that is there, as an archive, with another file in its core, and a database one version behind."""
    web1 = lab["web1"]
    version = query(lab, "SELECT option_value FROM wp_options WHERE option_name = 'db_version'")
    query(lab, "UPDATE wp_options SET option_value = option_value - 1 WHERE option_name = 'db_version'")
    web1.check_output(
        "touch /data/wordpress/wp-includes/gone.php; install -D /dev/null /data/wordpress/wp-content/themes/bought/style.css"
    )
    archive = tmp_path / "wordpress.tar"
    left_out = " ".join(
        f"--exclude={name}" for name in ("wp-config.php", "wp-salts.php", "gone.php", "uploads", "bought", ".lvs-release")
    )
    renamed = "--transform='s|^tmp|wordpress/wp-includes|'"
    command = f"echo '<?php' > /tmp/new.php; tar --create {renamed} {left_out} -C / tmp/new.php -C /data wordpress"
    with archive.open("wb") as file:
        subprocess.run(["ssh", "-F", str(lab.ssh_config), "web1", command], stdout=file, check=True)
    checksum = hashlib.sha256(archive.read_bytes()).hexdigest()
    kept = "md5sum /data/wordpress/wp-*.php $(find /data/wordpress/wp-content/uploads -type f) | grep -E 'wp-config|wp-salts|uploads'"
    before = web1.check_output(kept)

    wrong = lab.play(CONVERGE, *given(wordpress_archive=str(archive), wordpress_checksum=f"sha256:{'0' * 64}"))
    assert wrong.code != 0
    assert f"{archive} is sha256:{checksum} and not" in wrong.messages
    assert web1.run("test -e /data/wordpress/wp-includes/gone.php").rc == 0

    assert lab.play(CONVERGE, *given(wordpress_archive=str(archive), wordpress_checksum=f"sha256:{checksum}")).code == 0
    assert web1.run("test -e /data/wordpress/wp-includes/gone.php").rc == 1
    assert (
        web1.run("test -e /data/wordpress/wp-includes/new.php -a -e /data/wordpress/wp-content/themes/bought/style.css").rc == 0
    )
    assert web1.check_output(kept) == before
    assert query(lab, "SELECT option_value FROM wp_options WHERE option_name = 'db_version'") == version
    assert "<title>LVS &amp; 集群</title>" in page(lab)
