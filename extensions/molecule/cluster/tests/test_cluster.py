# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole cluster as its clients and its operators see it."""

from __future__ import annotations

import os
from collections import Counter

import pytest

VIP = "10.0.0.129"
HOSTS = ["director1", "web1", "web2"]


def answers(lab, number: int = 20) -> list[str]:
    command = f"for i in $(seq {number}); do curl --silent --show-error --fail --max-time 5 http://{VIP}; done"
    return lab["client1"].check_output(command).split()


def served_evenly(lab) -> bool:
    return Counter(answers(lab)) == {"web1": 10, "web2": 10}


def test_real_servers_take_turns(lab):
    seen = answers(lab)
    assert set(seen) == {"web1", "web2"}
    assert all(one != other for one, other in zip(seen, seen[1:]))


def test_requests_and_answers_both_pass_the_director(lab):
    """NAT, packet by packet: CIP > VIP outside becomes CIP > RIP inside, and RIP > CIP inside becomes VIP > CIP outside."""
    director = lab["director1"]
    flags = "tcp[tcpflags] & (tcp-syn) != 0"
    for card in ("front", "back"):
        capture = f'timeout 20 tcpdump -i {card} -n -l -c 2 port 80 and "{flags}"'
        director.check_output(
            f"systemd-run --quiet --collect --unit=capture-{card} --property=StandardOutput=file:/tmp/{card} --property=StandardError=null {capture}"
        )
    lab.until(
        lambda: all(director.run(f"ss --packet --processes | grep -q '{card}.*tcpdump'").rc == 0 for card in ("front", "back"))
    )
    (who,) = answers(lab, 1)
    rip = {"web1": "192.168.239.148", "web2": "192.168.239.137"}[who]
    lab.until(
        lambda: all(director.run(f"systemctl is-active capture-{card}").stdout.strip() != "active" for card in ("front", "back"))
    )
    ways = {
        card: [line.split(" IP ")[1].split(": ")[0] for line in director.check_output(f"cat /tmp/{card}").splitlines()]
        for card in ("front", "back")
    }
    client = ways["front"][0].split(" > ")[0]
    assert client.startswith("10.0.0.201.")
    assert ways == {
        "front": [f"{client} > {VIP}.80", f"{VIP}.80 > {client}"],
        "back": [f"{client} > {rip}.80", f"{rip}.80 > {client}"],
    }


def test_the_proof_holds(lab):
    assert lab.play("playbooks/prove.yml").code == 0


def test_the_proof_fails_where_a_real_server_is_down(lab):
    lab["web1"].check_output("systemctl stop nginx")
    try:
        assert lab.play("playbooks/prove.yml").code != 0
    finally:
        lab["web1"].check_output("systemctl start nginx")


DRIFTS = {
    "VIP deleted": ("director1", f"ip address delete {VIP}/32 dev front"),
    "weight changed": ("director1", f"ipvsadm -e -t {VIP}:80 -r 192.168.239.148:80 -m -w 5"),
    "scheduler changed": ("director1", f"ipvsadm -E -t {VIP}:80 -s wlc"),
    "real server deleted": ("director1", f"ipvsadm -d -t {VIP}:80 -r 192.168.239.137:80"),
    "table flushed": ("director1", "ipvsadm -C"),
    "forwarding off": ("director1", "sysctl -qw net.ipv4.ip_forward=0"),
    "redirects on": ("director1", "sysctl -qw net.ipv4.conf.back.send_redirects=1"),
    "masquerade deleted": ("director1", "iptables -t nat -F POSTROUTING"),
    "boot disarmed": ("director1", "systemctl disable --quiet lvs-director"),
    "file edited": ("director1", "echo '# edited' >> /etc/lvs-director.rules"),
    "default route changed": ("web1", "ip route replace default via 192.168.239.1"),
    "web server stopped": ("web2", "systemctl stop nginx"),
    "page changed": ("web2", "echo other > /var/www/lvs/index.html"),
}


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ("lvs_mode=nut", "lvs_mode: 'nut' is no mode (did you mean nat?): use one of nat, dr, tun, fullnat"),
        (
            '{"lvs_services": [{"name": "web", "vip": "10.0.0.300", "port": 80}]}',
            "lvs_services[0].vip: '10.0.0.300' is no IP address",
        ),
        (
            '{"lvs_services": [{"name": "web", "vip": "10.0.0.129", "port": 80, "scheduler": "wwr"}]}',
            "lvs_services[0].scheduler: 'wwr' is no scheduler",
        ),
        (
            '{"lvs_services": [{"name": "web", "vip": "10.0.0.129", "port": 80, "real_servers": "nobody"}]}',
            "lvs_services[0].real_servers: the inventory has no group 'nobody'",
        ),
        ("lvs_rip=192.168.239.148", "lvs_rip: 192.168.239.148 is also web1: lvs_rip: an address belongs to one host only"),
        ("lvs_back_network=192.168.0.0/24", "web1: lvs_rip: 192.168.239.148 is outside lvs_back_network 192.168.0.0/24"),
    ],
)
def test_a_wrong_inventory_is_refused_before_any_host_is_changed(lab, variables, text):
    refused = lab.play("site.yml", "-e", variables)
    assert refused.code != 0
    assert refused.changes == []
    assert text in refused.messages
    assert "No host has been changed." in refused.messages


def test_reboots_bring_back_what_was_declared(lab):
    lab.reboot_all(HOSTS)
    assert served_evenly(lab)
    assert lab.play("site.yml").changes == []


@pytest.mark.skipif("LVS_TEST_ALL" not in os.environ, reason="part of `make test-all`; a reboot of all hosts is always tested")
@pytest.mark.parametrize("host", HOSTS)
def test_a_reboot_of_one_host_brings_back_what_was_declared(lab, host):
    lab.reboot(host)
    assert served_evenly(lab)
    assert lab.play("site.yml").changes == []


def test_many_drifts_are_named_by_a_check_and_repaired_by_one_run(lab):
    for host, breaking in DRIFTS.values():
        lab[host].run(breaking)
    checked = lab.play("site.yml", "--check")
    assert {change.host for change in checked.changes} == set(HOSTS)
    assert lab["client1"].run(f"curl --silent --max-time 2 http://{VIP}").rc != 0, "check mode repaired something"
    repaired = lab.play("site.yml")
    assert repaired.code == 0, repaired.messages
    assert set(checked.changes) <= set(repaired.changes)
    assert served_evenly(lab)
    assert lab.play("site.yml").changes == []


@pytest.mark.skipif("LVS_TEST_ALL" not in os.environ, reason="part of `make test-all`; all drifts at once are always tested")
@pytest.mark.parametrize("drift", DRIFTS)
def test_each_drift_is_named_by_a_check_and_repaired_by_a_run(lab, drift):
    host, breaking = DRIFTS[drift]
    lab[host].check_output(breaking)
    checked = lab.play("site.yml", "--check")
    assert {change.host for change in checked.changes} == {host}
    repaired = lab.play("site.yml")
    assert repaired.code == 0
    assert {change.host for change in repaired.changes} == {host}
    assert lab.play("site.yml").changes == []
    assert served_evenly(lab)


def test_a_host_that_cannot_be_reached_stops_the_run_before_any_host_is_changed(lab):
    """Something is to be repaired on another host, and must not be."""
    lab["director1"].check_output(f"ip address delete {VIP}/32 dev front")
    # Nothing but ssh leads into the host, so it is told beforehand to let us in again.
    lab["web2"].check_output(
        "systemd-run --quiet --on-active=15 --timer-property=AccuracySec=1s systemctl start ssh && systemctl stop ssh"
    )
    try:
        refused = lab.play("site.yml", "--ssh-extra-args=-o ControlPath=none -o ConnectTimeout=5")
        assert refused.code != 0
        assert refused.changes == []
        assert "These hosts cannot be reached: web2" in refused.messages
    finally:
        lab.until(lambda: lab["web2"].run("ss --listening --tcp --numeric | grep -q ':22 '").rc == 0)
        lab["director1"].run(f"ip address add {VIP}/32 dev front")
    assert served_evenly(lab)
