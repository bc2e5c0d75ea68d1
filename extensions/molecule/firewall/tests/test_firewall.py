# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets through to what, by real connections from the right hosts and from the wrong ones."""

from __future__ import annotations

import pytest

WEB = "192.168.239.148"
WEB6 = "[fd00:239::148]"
# The client's addresses: the way of the second leads over the filtered router.
BESIDE, THROUGH = "10.0.0.201", "10.0.0.202"
# What curl's exit status says: answered; refused by the filter at once, and not left waiting (28).
ANSWERED, REFUSED = 0, 7

CONNECTIONS = [
    ("client1", f"--interface {BESIDE} http://{WEB}:8080", ANSWERED),
    ("router1", f"http://{WEB}:8080", ANSWERED),
    ("director1", f"http://{WEB}:8081", ANSWERED),
    ("router1", f"http://{WEB}:8081", REFUSED),
    ("client1", f"--interface {BESIDE} http://{WEB}:8081", REFUSED),
    # IPv6: a door for all, and one for a single address.
    ("director1", f"http://{WEB6}:8080", ANSWERED),
    ("director1", f"--interface fd00:239::152 http://{WEB6}:8081", ANSWERED),
    ("director1", f"--interface fd00:239::153 http://{WEB6}:8080", ANSWERED),
    ("director1", f"--interface fd00:239::153 http://{WEB6}:8081", REFUSED),
    # Forwarded: the host itself accepts both, the router on the way lets one through.
    ("client1", f"--interface {BESIDE} http://{WEB}:8082", ANSWERED),
    ("client1", f"--interface {THROUGH} http://{WEB}:8080", ANSWERED),
    ("client1", f"--interface {THROUGH} http://{WEB}:8082", REFUSED),
    # To itself, whatever the port.
    ("web1", "http://127.0.0.1:8081", ANSWERED),
    ("web1", f"http://{WEB}:8081", ANSWERED),
]
FOREIGN = "-p tcp -m tcp --dport 9999 -j DROP"


def outcome(lab, host: str, target: str) -> int:
    return lab[host].run(f"curl --silent --max-time 5 --output /dev/null {target}").rc


def outcomes(lab) -> list[tuple[str, str, int]]:
    return [(host, target, outcome(lab, host, target)) for host, target, _expected in CONNECTIONS]


def hits(lab, host: str, chain: str, rule: str) -> int:
    """How many packets a rule of the filter table has counted."""
    saved = lab[host].check_output("iptables-save --counters --table filter").splitlines()
    (line,) = [line for line in saved if line.endswith(f"] -A {chain} {rule}")]
    return int(line[1:].split(":")[0])


@pytest.mark.parametrize(("host", "target", "expected"), CONNECTIONS)
def test_a_connection_is_let_through_or_refused(lab, host, target, expected):
    assert outcome(lab, host, target) == expected


def test_datagrams_are_let_through_or_refused(lab):
    ask = f"echo | nc -u -W 1 -w 2 {WEB} %d"
    assert lab["router1"].check_output(ask % 8080).strip() == "web1"
    assert lab["router1"].run(ask % 8081).stdout == ""
    assert lab["client1"].run(ask % 8080).stdout == ""


def test_a_protocol_is_let_through_from_one_host(lab):
    """IP in IP, as a tunnel's director sends it."""
    accept, refuse = "-s 192.168.239.152/32 -p ipencap -j ACCEPT", "-j REJECT --reject-with icmp-admin-prohibited"
    saved = lab["web1"].check_output("iptables-save --table filter")
    accept = accept if accept in saved else accept.replace("ipencap", "4")
    send = f"python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 4).sendto(bytes(20), (\"{WEB}\", 0))'"
    for host, rule in (("director1", accept), ("router1", refuse)):
        before = hits(lab, "web1", "LVS-IN", rule)
        lab[host].check_output(send)
        lab.until(lambda rule=rule, before=before: hits(lab, "web1", "LVS-IN", rule) == before + 1, 5)


def test_ping_and_replies_to_what_the_host_asks_get_through(lab):
    assert lab["router1"].run(f"ping -c 1 -W 2 {WEB}").rc == 0
    assert lab["director1"].run("ping -6 -c 1 -W 2 fd00:239::148").rc == 0
    assert lab["web1"].check_output(f"nc -w 2 {BESIDE} 22 </dev/null").startswith("SSH-")


@pytest.mark.parametrize("host", ["web1", "director1"])
def test_ssh_stays_open_while_the_filter_goes_and_comes(lab, host):
    """One session lives through it all, and a new one is let in at each step."""
    count = "i=0; while [ $i -lt 20 ]; do echo $i; i=$((i+1)); sleep 0.1; done"
    step = "for verb in stop start reload restart; do systemctl $verb lvs-firewall; done"
    assert lab[host].check_output(f"({step}) & {count}; wait").split() == [str(number) for number in range(20)]
    for verb in ("stop", "start"):
        lab[host].check_output(f"systemctl {verb} lvs-firewall")
        address = {"web1": WEB, "director1": "192.168.239.152"}[host]
        assert lab["router1"].check_output(f"nc -w 2 {address} 22 </dev/null").startswith("SSH-")


def test_foreign_rules_stay_where_they_are_and_go_on_counting(lab):
    web1 = lab["web1"]
    web1.check_output(f"iptables -A INPUT {FOREIGN}; iptables -A OUTPUT -p icmp -j ACCEPT")
    try:
        lab["router1"].check_output(f"ping -c 2 -i 0.2 {WEB}")
        before = hits(lab, "web1", "OUTPUT", "-p icmp -j ACCEPT")
        assert before >= 2
        web1.check_output("systemctl restart lvs-firewall && systemctl reload lvs-firewall")
        lab["router1"].check_output(f"ping -c 2 -i 0.2 {WEB}")
        assert hits(lab, "web1", "OUTPUT", "-p icmp -j ACCEPT") >= before + 2
        # Behind ours, which refuses all that is not declared; once ours is gone it is theirs to say, and they drop in silence.
        assert outcome(lab, "router1", f"http://{WEB}:9999") == REFUSED
        assert hits(lab, "web1", "INPUT", FOREIGN) == 0
        web1.check_output("systemctl stop lvs-firewall")
        assert lab["router1"].run(f"curl --silent --max-time 1 http://{WEB}:9999").rc == 28
        assert hits(lab, "web1", "INPUT", FOREIGN) > 0
        left = [line for line in lab.left_behind("web1") if "9999" not in line and "OUTPUT -p icmp" not in line]
        assert left == []
        assert outcome(lab, "router1", f"http://{WEB}:8081") == ANSWERED
    finally:
        web1.check_output(f"systemctl start lvs-firewall; iptables -D INPUT {FOREIGN}; iptables -D OUTPUT -p icmp -j ACCEPT")
    assert outcome(lab, "router1", f"http://{WEB}:8081") == REFUSED


def test_who_is_banned_stays_banned(lab):
    """As fail2ban does it: a chain that refuses some, ahead of all that lets ssh in."""
    web1 = lab["web1"]
    jump = "INPUT -p tcp -m multiport --dports 22 -j f2b-sshd"
    web1.check_output(f"iptables -N f2b-sshd; iptables -A f2b-sshd -j RETURN; iptables -I {jump}")
    try:
        web1.check_output("iptables -I f2b-sshd -s 192.168.239.1/32 -j REJECT")
        # Made anew, our jump stands behind it again.
        web1.check_output("lvs-host status firewall; systemctl restart lvs-firewall; lvs-host status firewall")
        assert lab["router1"].run(f"nc -w 2 {WEB} 22 </dev/null").stdout == ""
        assert lab["director1"].check_output(f"nc -w 2 {WEB} 22 </dev/null").startswith("SSH-")
    finally:
        web1.check_output(f"iptables -D {jump}; iptables -F f2b-sshd; iptables -X f2b-sshd")


def test_status_names_what_is_missing(lab):
    web1 = lab["web1"]
    web1.check_output("iptables -D LVS-IN 3; ip6tables -D INPUT -j LVS-IN; iptables -I INPUT -p tcp --dport 8081 -j ACCEPT")
    try:
        status = web1.run("lvs-host status firewall")
        assert status.rc == 3
        named = [line.split(" to '")[0] for line in status.stdout.splitlines()]
        assert named == [
            "differs: set chain iptables filter LVS-IN",
            "differs: create jump ip6tables filter INPUT LVS-IN",
            "differs: set jump iptables filter INPUT LVS-IN",
        ]
        assert outcome(lab, "router1", f"http://{WEB}:8081") == ANSWERED
        web1.check_output("systemctl reload lvs-firewall")
        assert outcome(lab, "router1", f"http://{WEB}:8081") == REFUSED
    finally:
        web1.run("iptables -D INPUT -p tcp --dport 8081 -j ACCEPT")
    assert web1.run("lvs-host status firewall").rc == 0


def test_the_rules_are_there_after_a_reboot(lab):
    lab.reboot("web1")
    assert outcomes(lab) == CONNECTIONS


def test_absent_removes_all_of_it(lab):
    """Last, since it leaves no filters."""
    gone = lab.play("extensions/molecule/firewall/absent.yml")
    assert gone.code == 0, gone.messages
    for host in ("web1", "director1"):
        assert lab.left_behind(host) == []
        assert lab.left_behind(host, "files") == []
    assert {code for _host, _target, code in outcomes(lab)} == {ANSWERED}
