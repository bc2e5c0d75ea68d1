# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole cluster on hosts where firewalld runs: the VIP is answered, the rest is refused, and firewalld gets back what was its own.

The lab's kernel has not what firewalld's usual backend needs, so firewalld writes its rules by iptables here. It then takes away all
other rules of iptables whenever it loads its own, which is the harder case for the rules that masquerade.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest
from awaiting import until
from container import CONNECT, HERE, LAB, ROOT

pytestmark = pytest.mark.skipif(not os.environ.get("LVS_TEST_ALL"), reason="takes minutes: make test-all")

VIP, DIRECTOR, WEB, CLIENT = "10.0.0.80", "10.0.0.21", "192.168.239.22", "10.0.0.254"
FILES = "find /etc/firewalld -exec stat -c '%n %A %U %s' {} + -type f -exec md5sum {} + | sort"


class Cluster:
    def __init__(self) -> None:
        self.environment = {**os.environ, "LVS_LAB": LAB, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        self.ssh_config = Path(cache) / "lvs.cluster" / "labs" / LAB / "ssh_config"

    def play(self, playbook: str, *arguments: str) -> str:
        command = ["ansible-playbook", str(ROOT / playbook), "-i", str(HERE / "inventory"), *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ssh(self, host: str, command: str) -> str:
        argv = ["ssh", "-F", str(self.ssh_config), "-o", "ConnectTimeout=5", host, command]
        return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False).stdout.strip()

    def ask(self, url: str) -> str:
        argv = ["ip", "netns", "exec", f"lvs-{LAB}", "curl", "--silent", "--max-time", "5", url]
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()

    def connect(self, address: str, port: int, source: str = "") -> str:
        argv = ["ip", "netns", "exec", f"lvs-{LAB}", sys.executable, "-c", CONNECT, source, address, str(port)]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()

    def refuses(self, address: str) -> bool:
        """Whether a program of the director that the cluster does not know is out of reach, however its packet filter says no."""
        self.ssh(
            "director", "systemctl is-active --quiet stranger || systemd-run --quiet --unit=stranger python3 -m http.server 81"
        )
        until(
            lambda: (
                self.ssh("director", "curl --silent --output /dev/null --write-out %{http_code} http://127.0.0.1:81/") == "200"
            ),
            30,
        )
        return self.connect(address, 81) in ("EHOSTUNREACH", "ECONNREFUSED")

    def serves(self) -> bool:
        return all(self.ask(f"http://{VIP}/") == "web" for _number in range(3))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    cluster.play("playbooks/lab_down.yml")
    try:
        cluster.play("playbooks/lab_up.yml")
        for host in ("director", "web"):
            cluster.ssh(host, "sed -i s/^FirewallBackend=.*/FirewallBackend=iptables/ /etc/firewalld/firewalld.conf")
            cluster.ssh(host, "systemctl restart firewalld; systemctl reset-failed")
            assert cluster.ssh(host, "systemctl is-active firewalld") == "active"
        # Between cards that are in no zone by name firewalld 2 lets no policy decide.
        cluster.ssh("director", "firewall-cmd --permanent --zone=public --change-interface=front && firewall-cmd --reload")
        cluster.files = {host: cluster.ssh(host, FILES) for host in ("director", "web")}
        cluster.play("site.yml")
        yield cluster
    finally:
        cluster.play("playbooks/lab_down.yml")


def test_the_vip_is_answered_and_the_rest_is_refused(cluster):
    assert cluster.serves()
    for address in (DIRECTOR, VIP):
        assert cluster.refuses(address)
        assert cluster.connect(address, 22).startswith("SSH-")
    assert "LVS-IN" not in cluster.ssh("director", "iptables-save")


def test_a_second_run_changes_nothing(cluster):
    assert "changed=0" in cluster.play("site.yml").rpartition("director")[2].splitlines()[0]


@pytest.mark.parametrize("command", ["firewall-cmd --reload", "systemctl restart firewalld"])
def test_it_goes_on_when_firewalld_loads_its_rules_anew(cluster, command):
    cluster.ssh("director", command)
    until(cluster.serves, 60)
    until(lambda: "LVS-GATEWAY" in cluster.ssh("director", "iptables-save --table nat"), 60)
    assert cluster.refuses(DIRECTOR)


def test_it_is_there_after_a_reboot(cluster):
    before = cluster.ssh("director", "cat /proc/sys/kernel/random/boot_id")
    cluster.ssh("director", "systemctl reboot")
    until(lambda: cluster.ssh("director", "cat /proc/sys/kernel/random/boot_id") not in ("", before), 120)
    until(cluster.serves, 120)
    until(lambda: "LVS-GATEWAY" in cluster.ssh("director", "iptables-save --table nat"), 60)
    assert cluster.refuses(DIRECTOR)


def test_firewalld_gets_back_what_was_its_own(cluster):
    cluster.play("site.yml", "-e", "lvs_state=absent")
    assert {host: cluster.ssh(host, FILES) for host in ("director", "web")} == cluster.files
    for host in ("director", "web"):
        assert "lvs-" not in cluster.ssh(host, "firewall-cmd --get-policies")
        assert "LVS-" not in cluster.ssh(host, "iptables-save")
    assert cluster.refuses(DIRECTOR)
