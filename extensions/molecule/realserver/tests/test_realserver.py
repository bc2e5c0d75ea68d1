# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way a real server's packets take in each mode of forwarding, and who hears of the VIPs that it carries."""

from __future__ import annotations

import os
from typing import NamedTuple

import pytest

CLIENT = "10.0.0.201"
DIP = "192.168.239.152"
HOSTS = ["web1", "web2", "web3"]
NAT_URL = "http://192.168.239.148:8080"


class Carrier(NamedTuple):
    """A real server that carries a VIP."""

    host: str
    vip: str
    # The card to its network, its address there, and a neighbour with its address.
    card: str
    rip: str
    neighbour: str
    neighbour_address: str
    # Where the VIP is, and what room the way to it leaves for TCP.
    device: str
    mss: int

    @property
    def url(self) -> str:
        return f"http://{self.vip}"


BACK = ("back", "192.168.239.148", "director1", DIP)
REMOTE = ("remote", "172.25.3.13", "router1", "172.25.3.1")
CARRIERS = {
    "dr": Carrier("web1", "10.0.0.161", *BACK, "lo", 1460),
    "dr with arptables": Carrier("web2", "10.0.0.162", "back", "192.168.239.137", "director1", DIP, "lo", 1460),
    "ipip": Carrier("web3", "10.0.0.163", *REMOTE, "tunl0", 1440),
    "gue": Carrier("web3", "10.0.0.164", *REMOTE, "tunl0", 1428),
    "gre": Carrier("web3", "10.0.0.165", *REMOTE, "gre0", 1436),
}
# How the policy that hides a VIP is switched off, and on again.
POLICIES = {
    "dr": (
        "sysctl -qw net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.back.arp_ignore=0"
        " net.ipv4.conf.all.arp_announce=0 net.ipv4.conf.back.arp_announce=0",
        "sysctl -qp /etc/sysctl.d/60-lvs-arp.conf",
    ),
    "dr with arptables": ("arptables -F LVS-ARP-IN; arptables -F LVS-ARP-OUT", "systemctl reload lvs-realserver"),
    "ipip": (
        "sysctl -qw net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.remote.arp_ignore=0"
        " net.ipv4.conf.all.arp_announce=0 net.ipv4.conf.remote.arp_announce=0",
        "sysctl -qp /etc/sysctl.d/60-lvs-arp.conf",
    ),
}
# All of them answer in every test of all; one of each kind is looked at more closely, or each in `make test-all`.
carriers = pytest.mark.parametrize("mode", CARRIERS if "LVS_TEST_ALL" in os.environ else ("dr", "dr with arptables", "ipip"))
hidden = pytest.mark.parametrize("mode", POLICIES)


def answer(lab, url: str, *options: str) -> str:
    """Who answers the client, without the address that it saw."""
    return lab.get("client1", url, *options).split()[0]


def reply(lab, host: str, card: str, source: str, asker: str = "client1", url: str = "") -> tuple[str, str]:
    """To whom a real server hands its SYN-ACK, by hardware address as on the wire, and the whole line of the capture."""
    with lab.capture(
        host, card, f"src host {source} and tcp[tcpflags] & tcp-syn != 0 and tcp[tcpflags] & tcp-ack != 0"
    ) as packets:
        assert lab.get(asker, url or f"http://{source}").split()[0] == host
    (packet,) = packets
    return packet.split()[3].strip(","), packet


def sender_of_question(lab, carrier: Carrier) -> str:
    """The address under which a real server asks for a neighbour when it speaks for the VIP."""
    unknown = carrier.neighbour_address.rpartition(".")[0] + ".77"
    with lab.capture(carrier.host, carrier.card, f"arp and arp[24:4] = 0x{address(unknown):08x}") as packets:
        lab[carrier.host].run(f"ip neighbour flush to {unknown}; ping -c 1 -W 1 -I {carrier.vip} {unknown}")
    return packets[0].split(" tell ")[1].split(",")[0]


def address(text: str) -> int:
    return int.from_bytes(bytes(map(int, text.split("."))), "big")


def heard_of(lab, carrier: Carrier, target: str) -> list[str]:
    return lab.who_has(carrier.neighbour, carrier.card, carrier.neighbour_address, target)


def all_answer(lab) -> bool:
    assert {mode: answer(lab, carrier.url) for mode, carrier in CARRIERS.items()} == {
        mode: carrier.host for mode, carrier in CARRIERS.items()
    }
    return True


def test_nat_hands_its_replies_to_the_director(lab):
    to, _packet = reply(lab, "web1", "back", "192.168.239.148", url=NAT_URL)
    assert to == lab.mac("director1", "back")


def test_nat_hands_its_replies_to_neighbours_directly(lab):
    to, _packet = reply(lab, "web1", "back", "192.168.239.148", "router1", NAT_URL)
    assert to == lab.mac("router1", "back")


@carriers
def test_replies_for_the_vip_pass_by_the_director_and_announce_what_fits(lab, mode):
    carrier = CARRIERS[mode]
    to, packet = reply(lab, carrier.host, carrier.card, carrier.vip)
    assert to == lab.mac("router1", carrier.card)
    assert f"mss {carrier.mss}," in packet


@carriers
def test_the_vip_is_where_it_belongs(lab, mode):
    carrier = CARRIERS[mode]
    shown = lab[carrier.host].check_output(f"ip -brief -4 address show to {carrier.vip}").split()
    assert shown[0].split("@")[0] == carrier.device
    assert f"{carrier.vip}/32" in shown


@carriers
def test_much_passes_in_both_directions(lab, mode):
    """Nothing but the announced size helps: what does not fit is dropped in silence on its way."""
    url = CARRIERS[mode].url
    lab["client1"].check_output("test -s /tmp/upload || head -c 600000 /dev/zero > /tmp/upload")
    assert lab.get("client1", url, "--data-binary @/tmp/upload") == "600000"
    assert lab.get("client1", f"{url}/600000", "--output /tmp/download --write-out '%{size_download}'") == "600000"


def test_without_the_announced_size_an_upload_stalls(lab):
    web3, url = lab["web3"], CARRIERS["ipip"].url
    lab["client1"].check_output("test -s /tmp/upload || head -c 600000 /dev/zero > /tmp/upload")
    web3.check_output("iptables -t mangle -F LVS-REALSERVER")
    try:
        stalled = lab["client1"].run(f"curl --silent --max-time 2 --data-binary @/tmp/upload {url}")
        assert stalled.rc == 28
        status = web3.run("lvs-host status realserver")
        assert (status.rc, status.stdout.split(" to ")[0]) == (3, "differs: set chain iptables mangle LVS-REALSERVER")
    finally:
        web3.check_output("systemctl reload lvs-realserver")
    assert lab.get("client1", url, "--data-binary @/tmp/upload") == "600000"


def test_a_tunnel_lets_in_what_a_strict_host_would_drop(lab):
    """The kernel goes by the greater value of `all`, which the host's owner made strict, and of the device."""
    web3, url = lab["web3"], CARRIERS["ipip"].url
    assert web3.check_output("cd /proc/sys/net/ipv4/conf && cat all/rp_filter tunl0/rp_filter gre0/rp_filter").split() == [
        "1",
        "2",
        "2",
    ]
    web3.check_output("sysctl -qw net.ipv4.conf.tunl0.rp_filter=0")
    try:
        assert lab["client1"].run(f"curl --silent --max-time 2 {url}").rc == 28
        assert "set sysctl net.ipv4.conf.tunl0.rp_filter" in web3.run("lvs-host status realserver").stdout
    finally:
        web3.check_output("systemctl reload lvs-realserver")
    assert answer(lab, url) == "web3"


@hidden
def test_neighbours_hear_of_the_real_server_and_not_of_its_vip(lab, mode):
    """With the policy switched off they hear of both, so the question is one that would be answered."""
    carrier = CARRIERS[mode]
    own = [lab.mac(carrier.host, carrier.card)]
    assert heard_of(lab, carrier, carrier.rip) == own
    assert heard_of(lab, carrier, carrier.vip) == []
    assert sender_of_question(lab, carrier) == carrier.rip
    off, on = POLICIES[mode]
    lab[carrier.host].check_output(off)
    try:
        assert heard_of(lab, carrier, carrier.vip) == own
        assert sender_of_question(lab, carrier) == carrier.vip
    finally:
        lab[carrier.host].check_output(on)
    assert heard_of(lab, carrier, carrier.vip) == []


def test_a_real_server_of_full_nat_needs_nothing(lab):
    everything = lab["web2"].check_output("ip address; ip rule; ip route show table all; arptables-save; iptables-save")
    assert "10.0.0.167" not in everything
    assert DIP not in everything
    assert answer(lab, "http://192.168.239.137:8080") == "web2"


def test_stop_gives_back_what_was_made_and_start_makes_it_again(lab):
    """All but the ARP policy, which has to outlast the VIPs."""
    for host in HOSTS:
        real_server = lab[host]
        real_server.check_output("ip address add 10.0.0.190/32 dev lo && systemctl stop lvs-realserver")
        left = lab.left_behind(host)
        assert any("10.0.0.190" in line for line in left)
        assert [line for line in left if "10.0.0.190" not in line and "/arp_" not in line] == []
        real_server.check_output("systemctl start lvs-realserver && ip address delete 10.0.0.190/32 dev lo")
        assert real_server.run("lvs-host status realserver").rc == 0
    assert all_answer(lab)


def test_everything_comes_back_after_a_reboot(lab):
    lab.reboot_all(HOSTS)
    assert all_answer(lab)
    assert [mode for mode in POLICIES if heard_of(lab, CARRIERS[mode], CARRIERS[mode].vip)] == []
    assert [host for host in HOSTS if lab[host].run("lvs-host status realserver").rc] == []
    assert reply(lab, "web1", "back", "192.168.239.148", url=NAT_URL)[0] == lab.mac("director1", "back")


def test_absent_returns_the_hosts_to_what_they_were(lab):
    """Last, since it leaves no real servers."""
    gone = lab.play("extensions/molecule/realserver/absent.yml")
    assert gone.code == 0, gone.messages
    for host in HOSTS:
        assert lab.left_behind(host) == []
        assert lab.left_behind(host, "files") == []
