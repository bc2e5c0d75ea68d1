# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may have PHP run what, and what visitors get of it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

SITE = "http://192.168.239.137"
# What a web server sees of the client.
CLIENT = "10.0.0.201"
FASTCGI = (Path(__file__).parent / "fastcgi.py").read_text(encoding="utf-8")


def status(lab, url, *options):
    command = "curl --silent --max-time 20 --output /tmp/answer --write-out '%{http_code}' " + " ".join([*options, url])
    return lab["client1"].check_output(command)


def ask(lab, host, file="/web/pages/index.php"):
    """What web1's PHP answers to a host that asks it as a web server would."""
    return lab[host].check_output(f"python3 -c {shlex.quote(FASTCGI)} 192.168.239.148 9000 {file}").strip()


def test_php_answers_by_socket_and_by_port(lab):
    assert lab.get("client1", SITE) == f"web2 {CLIENT} off"
    assert lab.get("client1", f"{SITE}:8080") == f"web1 {CLIENT} off"


def test_a_port_answers_to_the_hosts_that_it_names_and_to_no_other(lab):
    assert ask(lab, "web2") == "web1 192.0.2.1 off"
    assert ask(lab, "client1") == ""
    assert ask(lab, "director1") == ""


def test_a_socket_is_nobodys_but_the_web_servers(lab):
    web2 = lab["web2"]
    assert web2.check_output("stat --format='%a %U %G' /run/php/lvs.sock") == "660 root www-data"
    assert web2.run("runuser -u nobody -- test -w /run/php/lvs.sock").rc == 1


@pytest.mark.parametrize("path", ["wp-content/uploads/evil.php", "wp-content/uploads/evil.php/x", ".git/config", "xmlrpc.php"])
def test_what_no_visitor_needs_is_refused(lab, path):
    assert status(lab, f"{SITE}/{path}") == "403"


def test_a_picture_is_not_run_whatever_follows_it(lab):
    assert lab.get("client1", f"{SITE}/wp-content/uploads/photo.jpg") == "<?php echo 'run';"
    assert status(lab, f"{SITE}:8080/wp-content/uploads/photo.jpg/x.php") == "404"
    assert ask(lab, "web2", "/web/pages/wp-content/uploads/photo.jpg") == "Access denied."


def test_xmlrpc_answers_if_it_is_asked_for(lab):
    assert lab.get("client1", f"{SITE}:8081/xmlrpc.php") == "run"


def test_names_that_are_no_files_go_to_wordpress(lab):
    assert lab.get("client1", f"{SITE}/2026/11/hello/") == f"web2 {CLIENT} off"


def test_uploads_pass_up_to_the_limit_and_are_refused_by_nginx_beyond_it(lab):
    client = lab["client1"]
    client.check_output("head --bytes=7M /dev/zero > /tmp/7; head --bytes=9M /dev/zero > /tmp/9")
    assert status(lab, f"{SITE}/upload.php", "--form file=@/tmp/7") == "200"
    assert client.check_output("cat /tmp/answer") == f"0 {7 * 2**20}"
    assert status(lab, f"{SITE}/upload.php", "--form file=@/tmp/9") == "413"
    assert "nginx" in client.check_output("cat /tmp/answer")


def test_php_has_its_own_limit_where_the_web_server_has_a_larger_one(lab):
    """The second site lets 64 MB through. What is beyond PHP's limit leaves no file."""
    assert status(lab, f"{SITE}:8080/upload.php", "--form file=@/tmp/9") == "200"
    assert not lab["client1"].check_output("cat /tmp/answer").startswith("0 ")


def test_caches_are_on(lab):
    assert lab.get("client1", f"{SITE}/caches.php") == "on 77"


def test_only_a_trusted_proxy_says_who_the_client_is(lab):
    """director1 is one. What it says holds for PHP and in the log."""
    said = "--header 'X-Forwarded-For: 203.0.113.7' --header 'X-Forwarded-Proto: https'"
    assert lab.get("director1", SITE, said) == "web2 203.0.113.7 on"
    assert lab.get("client1", SITE, said) == f"web2 {CLIENT} off"
    logged = [line.split()[0] for line in lab["web2"].check_output("tail --lines=2 /var/log/nginx/access.log").splitlines()]
    assert logged == ["203.0.113.7", CLIENT]


def test_the_pool_stays_within_its_memory_and_is_the_only_one(lab):
    """80 MiB for processes of 40: two. A third request waits for one of them."""
    web2 = lab["web2"]
    for number in (1, 2, 3):
        lab.begin("client1", f"slow{number}", f"curl --silent --fail '{SITE}/slow.php?name=pool{number}'")
    lab.until(lambda: web2.run("test $(ls /run/slow | grep --count pool) = 2").rc == 0)
    assert web2.check_output("ps -e -o args= | grep '^php-fpm: pool'").splitlines() == ["php-fpm: pool lvs"] * 2
    ended = "rm --force /run/slow/pool*; test $(grep --count slow.php?name=pool /var/log/nginx/access.log) = 3"
    lab.until(lambda: web2.run(ended).rc == 0)
    assert [lab.end("client1", f"slow{number}") for number in (1, 2, 3)] == ["done"] * 3


def test_a_reload_lets_requests_end(lab):
    web2 = lab["web2"]
    lab.begin("client1", "slow", f"curl --silent --fail '{SITE}/slow.php?name=reload'")
    lab.until(lambda: web2.run("test -e /run/slow/reload").rc == 0)
    web2.check_output("systemctl reload 'php*-fpm.service'; rm /run/slow/reload")
    assert lab.end("client1", "slow") == "done"
    lab.until(lambda: lab["client1"].run(f"curl --silent --fail --max-time 5 {SITE}").stdout == f"web2 {CLIENT} off")


def test_a_broken_configuration_is_not_loaded(lab):
    web2 = lab["web2"]
    web2.check_output("cd /etc/php/*/fpm/pool.d && echo nonsense > broken.conf")
    try:
        refused = lab.play("extensions/molecule/php_fpm/converge.yml", "--limit", "web2")
        assert refused.code != 0
        assert lab.get("client1", SITE) == f"web2 {CLIENT} off"
    finally:
        web2.check_output("rm /etc/php/*/fpm/pool.d/broken.conf")


def test_php_comes_back_after_a_reboot_on_an_address_of_its_host(lab):
    lab.reboot("web1")
    lab.until(lambda: lab["client1"].run(f"curl --silent --fail --max-time 5 {SITE}:8080").stdout == f"web1 {CLIENT} off")
