# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the inner network looks from outside."""

from __future__ import annotations

CLIENT = "10.0.0.201"
OUTER = "10.0.0.128"
LISTEN = """
import socket
server = socket.create_server(("", 9000))
server.settimeout(10)
print(server.accept()[1][0])
"""


def seen_source(lab) -> str:
    """The address that a server outside sees when a host of the inner network connects to it."""
    client = lab["client1"]
    client.check_output(f"cat > /tmp/listen.py <<'END'\n{LISTEN}\nEND")
    client.check_output(
        "systemd-run --quiet --collect --unit=listen --property=StandardOutput=file:/tmp/seen python3 -u /tmp/listen.py"
    )
    lab.until(lambda: client.run("ss -ltn | grep -q :9000").rc == 0)
    lab["web1"].run(f"nc -w 3 {CLIENT} 9000 </dev/null")
    lab.until(lambda: client.run("systemctl is-active listen").stdout.strip() != "active")
    return client.check_output("cat /tmp/seen; rm -f /tmp/seen").strip()


def test_the_inner_network_speaks_with_the_gateways_address(lab):
    assert seen_source(lab) == OUTER


def test_no_redirects_are_sent(lab):
    """A router sends them where a packet leaves by the card that it came in by, which is what happens to NAT's answers in one network."""
    redirects = "awk '/^Icmp:/ && ++seen == 2 {print $%d}' /proc/net/snmp"
    names = lab["web1"].check_output("grep -m1 ^Icmp: /proc/net/snmp").split()
    redirects %= names.index("InRedirects") + 1
    gateway = lab["director1"]
    gateway.check_output("ip route add 172.25.3.0/24 via 192.168.239.1")
    try:
        before = lab["web1"].check_output(redirects)
        assert lab["web1"].run("ping -c 3 -i 0.3 -W 1 172.25.3.1").rc == 0
        assert lab["web1"].check_output(redirects) == before
    finally:
        gateway.check_output("ip route delete 172.25.3.0/24")


def test_stop_removes_our_rule_and_nobody_elses(lab):
    gateway = lab["director1"]
    foreign = "POSTROUTING -s 198.51.100.0/24 -j MASQUERADE"
    gateway.check_output(f"iptables -t nat -A {foreign}")
    try:
        gateway.check_output("systemctl stop lvs-nat-gateway")
        rules = gateway.check_output("iptables -t nat -S POSTROUTING").splitlines()
        assert rules == ["-P POSTROUTING ACCEPT", f"-A {foreign}"]
        gateway.check_output("systemctl start lvs-nat-gateway")
        assert seen_source(lab) == OUTER
    finally:
        gateway.check_output(f"iptables -t nat -D {foreign}")


def test_the_gateway_works_after_a_reboot(lab):
    lab.reboot("director1")
    assert seen_source(lab) == OUTER
