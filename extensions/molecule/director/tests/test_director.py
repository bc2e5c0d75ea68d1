# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients get from the director, and what the director keeps its hands off."""

from __future__ import annotations

from collections import Counter

VIP = "10.0.0.129"
# What real servers see of the client.
CLIENT = "10.0.0.201"
DIP = "192.168.239.152"
FOREIGN_TABLE = ["-A -t 203.0.113.9:99 -s sh", "-a -t 203.0.113.9:99 -r 192.168.239.148:99 -m -w 7"]
# ... and how else the lines of a snapshot show what the test itself put there.
FOREIGN_MARKS = ("CB007109:0063", "C0A8EF94:0063", "10.0.0.134", "198.51.100.0/24")
# What is broken by hand, and how `status` names it.
DRIFTS = {
    f"ip address delete {VIP}/32 dev front": f"create address {VIP}/32 dev front",
    f"ipvsadm -e -t {VIP}:80 -r 192.168.239.148:8080 -m -w 9": f"set ipvs tcp {VIP}:80 > 192.168.239.148:8080",
    f"ipvsadm -d -t {VIP}:80 -r 192.168.239.137:8080": f"create ipvs tcp {VIP}:80 > 192.168.239.137:8080",
    "ipvsadm -E -t 10.0.0.131:80 -s wlc": "set ipvs tcp 10.0.0.131:80",
    "ipvsadm -e -t 10.0.0.131:80 -r 192.168.239.148:80 -m": "set ipvs tcp 10.0.0.131:80 > 192.168.239.148:80",
    "ipvsadm -e -t 10.0.0.130:82 -r 192.168.239.148:8080 -m -w 1 -x 5": "set ipvs tcp 10.0.0.130:82 > 192.168.239.148:8080",
    "ipvsadm -E -f 7 -s rr -p 90": "set ipvs fwmark 7 ipv4",
    "sysctl -qw net.ipv4.vs.conntrack=0": "set sysctl net.ipv4.vs.conntrack",
    "sysctl -qw net.ipv4.conf.back.send_redirects=1": "set sysctl net.ipv4.conf.back.send_redirects",
    "iptables -t nat -F LVS-DIRECTOR": "set chain iptables nat LVS-DIRECTOR",
    "iptables -t mangle -D PREROUTING -j LVS-DIRECTOR": "create jump iptables mangle PREROUTING LVS-DIRECTOR",
    "iptables -t nat -I POSTROUTING -s 198.51.100.1 -j ACCEPT": "set jump iptables nat POSTROUTING LVS-DIRECTOR",
}


def answers(lab, number: int, url: str = f"http://{VIP}") -> Counter:
    """Who answered, and whom it saw, of so many requests."""
    return Counter(lab.requests("client1", url, number))


def table(lab) -> list[str]:
    return lab["director1"].check_output("ipvsadm -Sn").splitlines()


def all_serve(lab) -> bool:
    """One round of each way of forwarding."""
    assert answers(lab, 4) == {f"web1 {CLIENT}": 3, f"web2 {CLIENT}": 1}
    assert answers(lab, 2, "http://10.0.0.131") == {f"web1 {CLIENT}": 1, f"web2 {CLIENT}": 1}
    assert answers(lab, 1, "http://10.0.0.132") == {f"web2 {DIP}": 1}
    return True


def test_answers_follow_the_weights_exactly(lab):
    assert answers(lab, 20) == {f"web1 {CLIENT}": 15, f"web2 {CLIENT}": 5}


def test_a_real_server_of_weight_0_rests(lab):
    assert answers(lab, 6, "http://10.0.0.130:81") == {f"web2 {CLIENT}": 6}


def test_a_real_server_at_its_threshold_gets_no_more(lab):
    """Without it they take turns. What has ended counts for two minutes, so an earlier run of this test may have used the one up."""
    seen = answers(lab, 6, "http://10.0.0.130:82")
    assert seen[f"web1 {CLIENT}"] <= 1
    assert seen[f"web2 {CLIENT}"] >= 5


def test_direct_routing_beside_nat_rewrites_only_the_hardware_address(lab):
    """Answers do not pass the director: what it sees of the connection comes from the client alone."""
    assert answers(lab, 4, "http://10.0.0.131") == {f"web1 {CLIENT}": 2, f"web2 {CLIENT}": 2}
    with lab.capture("director1", "back", "host 10.0.0.131 and tcp[tcpflags] & tcp-syn != 0", 2) as packets:
        answers(lab, 2, "http://10.0.0.131")
    assert {packet.split()[1] for packet in packets} == {lab.mac("director1", "back")}
    assert {packet.split()[3].strip(",") for packet in packets} == {lab.mac(host, "back") for host in ("web1", "web2")}
    assert all("> 10.0.0.131.80: Flags [S]" in packet for packet in packets)


def test_full_nat_beside_nat_hides_the_client(lab):
    assert answers(lab, 4, "http://10.0.0.132") == {f"web2 {DIP}": 4}


def test_a_mark_holds_two_ports_together(lab):
    seen = answers(lab, 2, "http://10.0.0.133:90") + answers(lab, 2, "http://10.0.0.133:91")
    assert list(seen.values()) == [4]


def test_the_director_answers_arp_for_the_vips(lab):
    for vip in (VIP, "10.0.0.131"):
        assert lab.who_has("client1", "front", CLIENT, vip) == [lab.mac("director1", "front")]


def test_the_vip_is_one_address_and_no_network(lab):
    assert f"inet {VIP}/32 " in lab["director1"].check_output("ip -4 -oneline address show dev front")


def test_stop_gives_back_what_was_made_and_nothing_else(lab):
    director = lab["director1"]
    foreign_rule = "POSTROUTING -s 198.51.100.0/24 -j MASQUERADE"
    director.check_output("ipvsadm -A -t 203.0.113.9:99 -s sh && ipvsadm -a -t 203.0.113.9:99 -r 192.168.239.148:99 -m -w 7")
    director.check_output(f"ip address add 10.0.0.134/32 dev front; iptables -t nat -A {foreign_rule}")
    try:
        director.check_output("systemctl stop lvs-director")
        assert table(lab) == FOREIGN_TABLE
        # Addresses, links, routes, rules, chains and settings, the host's own choices among them, stand as on the bare host.
        left = lab.left_behind("director1")
        assert [line for line in left if not any(mark in line for mark in FOREIGN_MARKS)] == []
        settings = "conntrack expire_nodest_conn expire_quiescent_template"
        assert director.check_output(f"cd /proc/sys/net/ipv4/vs && cat {settings}").split() == ["0", "0", "0"]
        assert director.run("lvs-host status director").rc == 3
        director.check_output("systemctl start lvs-director")
        assert director.run("lvs-host status director").rc == 0
        assert all_serve(lab)
        assert set(FOREIGN_TABLE) <= set(table(lab))
        assert f"-A {foreign_rule}" in director.check_output("iptables -t nat -S")
    finally:
        director.run("ipvsadm -D -t 203.0.113.9:99")
        director.run(f"ip address delete 10.0.0.134/32 dev front; iptables -t nat -D {foreign_rule}")


def test_status_names_each_difference_and_a_reload_repairs_it(lab):
    director = lab["director1"]
    assert director.run("lvs-host status director").rc == 0
    director.check_output(" && ".join(DRIFTS))
    try:
        status = director.run("lvs-host status director")
        assert status.rc == 3
        named = [line.removeprefix("differs: ").split(" to '")[0] for line in status.stdout.splitlines()]
        assert sorted(named) == sorted(DRIFTS.values())
        director.check_output("systemctl reload lvs-director")
        assert director.run("lvs-host status director").rc == 0
        assert all_serve(lab)
    finally:
        director.run("iptables -t nat -D POSTROUTING -s 198.51.100.1 -j ACCEPT")


def test_a_reload_repairs_without_cutting_what_is_established(lab):
    """A download is under way while the VIP's table is edited and repaired around it."""
    client, director = lab["client1"], lab["director1"]
    lab.begin(
        "client1",
        "fetch",
        f"curl --silent --fail --limit-rate 500k --output /tmp/large --write-out '%{{size_download}}' http://{VIP}/2500000",
    )
    lab.until(lambda: client.run("test -s /tmp/large").rc == 0)
    director.check_output(f"ipvsadm -e -t {VIP}:80 -r 192.168.239.148:8080 -m -w 9; ipvsadm -E -t {VIP}:80 -s rr")
    director.check_output("systemctl reload lvs-director")
    assert client.run("systemctl is-active fetch").stdout.strip() == "active", "the download ended before it could be disturbed"
    assert lab.end("client1", "fetch", 60) == "2500000"
    assert answers(lab, 20) == {f"web1 {CLIENT}": 15, f"web2 {CLIENT}": 5}


def test_everything_comes_back_after_a_reboot(lab):
    before = table(lab)
    lab.reboot("director1")
    assert sorted(table(lab)) == sorted(before)
    assert lab["director1"].run("lvs-host status director").rc == 0
    assert all_serve(lab)


def test_absent_returns_the_host_to_what_it_was(lab):
    """Last, since it leaves no director."""
    gone = lab.play("extensions/molecule/director/absent.yml")
    assert gone.code == 0, gone.messages
    assert lab.left_behind("director1") == []
    assert lab.left_behind("director1", "files") == []
    assert lab["director1"].run("systemctl cat lvs-director").rc != 0
