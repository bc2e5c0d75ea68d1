# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What visitors get from the sites that nginx was told to serve."""

from __future__ import annotations

WEB1 = "http://192.168.239.148"
WEB2 = "http://192.168.239.137"


def test_a_plain_site_answers_to_any_name(lab):
    assert lab.get("client1", WEB1) == "web1"
    assert lab.get("client1", WEB1, "--header 'Host: any.example'") == "web1"


def test_virtual_hosts_answer_by_name_and_port(lab):
    for name in ("www.shuyan.com", "shuyan.com"):
        assert lab.get("client1", WEB2, f"--header 'Host: {name}'") == "192.168.239.137 is www.shuyan.com"
    assert lab.get("client1", f"{WEB2}:8080") == "another port"


def test_further_pages_are_beside_the_first(lab):
    assert lab.get("client1", f"{WEB2}:8080/test.html") == "a page to ask for"


def test_the_distributions_default_site_is_gone(lab):
    """It would answer wherever no site listens on this very address."""
    assert lab["web2"].run("curl --silent --max-time 5 http://127.0.0.1/").rc == 7


def test_a_reload_does_not_take_a_broken_configuration(lab):
    web1 = lab["web1"]
    web1.check_output("echo 'server {' > /etc/nginx/conf.d/broken.conf")
    try:
        assert web1.run("systemctl reload nginx").rc != 0
        assert lab.get("client1", WEB1) == "web1"
    finally:
        web1.check_output("rm /etc/nginx/conf.d/broken.conf")


def test_what_is_owed_a_reload_gets_one_and_no_restart(lab):
    """As after a run that was killed between writing and reloading."""
    web1 = lab["web1"]
    master = web1.check_output("cat /run/nginx.pid")
    web1.check_output("touch /etc/nginx/conf.d/lvs-sites.conf")
    changes = {change.task for change in lab.play("extensions/molecule/nginx/converge.yml", "--limit", "web1").changes}
    assert "Reload nginx's configuration" in changes
    assert web1.check_output("cat /run/nginx.pid") == master


def test_sites_come_back_after_a_reboot(lab):
    lab.reboot("web2")
    assert lab.get("client1", f"{WEB2}:8080") == "another port"
