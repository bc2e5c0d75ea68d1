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
FOREIGN = "-s 198.51.100.0/24 -j MASQUERADE"


def seen_source(lab, host: str = "web1") -> str:
    """The address that a server outside sees when a host of the inner network connects to it."""
    client = lab["client1"]
    client.check_output(f"cat > /tmp/listen.py <<'END'\n{LISTEN}\nEND")
    lab.begin("client1", "listen", "python3 -u /tmp/listen.py")
    lab.until(lambda: client.run("ss -ltn | grep -q :9000").rc == 0)
    lab[host].run(f"nc -w 3 {CLIENT} 9000 </dev/null")
    return lab.end("client1", "listen").strip()


def postrouting(lab) -> list[str]:
    return lab["director1"].check_output("iptables -t nat -S POSTROUTING").splitlines()


def test_the_inner_network_speaks_with_the_gateways_address(lab):
    assert seen_source(lab) == OUTER


def test_traffic_within_the_inner_network_keeps_its_addresses(lab):
    """Sent through the gateway, too, since the sender knows no shorter way."""
    web1 = lab["web1"]
    web1.check_output("ip route add 192.168.239.137 via 192.168.239.152")
    try:
        with lab.capture("director1", "back", "icmp[icmptype] == icmp-echo and dst host 192.168.239.137", 2) as packets:
            web1.run("ping -c 1 -W 2 192.168.239.137")
        assert {packet.split(" > ")[1].split()[-1] for packet in packets} == {"192.168.239.148"}
    finally:
        web1.check_output("ip route delete 192.168.239.137 via 192.168.239.152")


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


def test_stop_gives_back_what_was_made_and_no_foreign_rule(lab):
    gateway = lab["director1"]
    gateway.check_output(
        f"iptables -t nat -A POSTROUTING {FOREIGN}; iptables -t nat -N LOCAL; iptables -t nat -A LOCAL -j RETURN"
    )
    try:
        gateway.check_output("systemctl stop lvs-gateway")
        assert postrouting(lab) == ["-P POSTROUTING ACCEPT", f"-A POSTROUTING {FOREIGN}"]
        # Forwarding and redirects, too, are as on the bare host.
        assert lab.left_behind("director1") == ["> iptables -A LOCAL -j RETURN", f"> iptables -A POSTROUTING {FOREIGN}"]
        gateway.check_output("systemctl start lvs-gateway")
        assert postrouting(lab) == ["-P POSTROUTING ACCEPT", "-A POSTROUTING -j LVS-GATEWAY", f"-A POSTROUTING {FOREIGN}"]
        assert seen_source(lab) == OUTER
    finally:
        gateway.check_output(f"iptables -t nat -D POSTROUTING {FOREIGN}; iptables -t nat -F LOCAL; iptables -t nat -X LOCAL")


def test_status_names_each_difference_and_a_reload_repairs_it(lab):
    gateway = lab["director1"]
    gateway.check_output("iptables -t nat -F LVS-GATEWAY; sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.back.send_redirects=1")
    status = gateway.run("lvs-host status gateway")
    assert status.rc == 3
    assert sorted(line.split(" to '")[0] for line in status.stdout.splitlines()) == [
        "differs: set chain iptables nat LVS-GATEWAY",
        "differs: set sysctl net.ipv4.conf.back.send_redirects",
        "differs: set sysctl net.ipv4.ip_forward",
    ]
    gateway.check_output("systemctl reload lvs-gateway")
    assert gateway.run("lvs-host status gateway").rc == 0
    assert seen_source(lab) == OUTER


def test_the_gateway_works_after_a_reboot(lab):
    lab.reboot("director1")
    assert seen_source(lab) == OUTER


def test_absent_returns_the_host_to_what_it_was(lab):
    """Last, since it leaves no gateway."""
    gone = lab.play("extensions/molecule/nat_gateway/absent.yml")
    assert gone.code == 0, gone.messages
    assert lab.left_behind("director1") == []
    assert lab.left_behind("director1", "files") == []
    assert lab.play("extensions/molecule/nat_gateway/absent.yml").changes == []
