# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor finds nothing wrong with a sound cluster and changes nothing on it; a fault planted on a host it calls by its name alone."""

from __future__ import annotations

import json

import pytest
from whole_cluster import CIP, DIP, MODES, RIPS, VIP, whole

WEB1 = RIPS["web1"]
SERVICE = f"-t {VIP}:80"
# Rules that let tunnels in, whatever iptables calls the protocol here.
NO_TUNNELS = (
    'while n=$(iptables -n --line-numbers -L LVS-IN | awk \'$3 == 4 || $3 == "ipencap" || $3 == "ipip" {print $1; exit}\') '
    '&& [ "$n" ]; do iptables -D LVS-IN $n; done'
)
UNMASKED = "rm /etc/systemd/system/ipvsadm.service && systemctl daemon-reload && systemctl enable --quiet ipvsadm"
MASKED = "systemctl disable --quiet ipvsadm; ln -sf /dev/null /etc/systemd/system/ipvsadm.service && systemctl daemon-reload"
# The page that says who answers.
PAGE1, PAGE2 = ("$(grep -rlx web1 /var/www)", "$(grep -rlx web2 /var/www)")
REFUSED = (
    f"-s {CIP}/32 -p tcp -m tcp --dport 80 --syn -m statistic --mode nth --every 4 --packet 0 -j REJECT --reject-with tcp-reset"
)
LARGE = "-m length --length 1000:65535 -j DROP"

# The router stands in every segment, and answers on each for any address that it has: all who ask hear it.
ASKERS = ("client1", "director1", "web1", "web2")

# The check, and the host (or hosts) that it names; the host where the fault is planted, how, and how it is mended.
PLANTED = {
    "nat": [
        ("daemons", "web1", "web1", "systemctl stop nginx", "systemctl start nginx"),
        ("table", "director1", "director1", f"ipvsadm -d {SERVICE} -r {WEB1}:80", f"ipvsadm -a {SERVICE} -r {WEB1}:80 -m -w 1"),
        ("table", "director1", "director1", f"ipvsadm -a {SERVICE} -r 192.168.239.99 -m -w 0", f"ipvsadm -d {SERVICE} -r 192.168.239.99"),
        ("weights", "director1", "director1", f"ipvsadm -e {SERVICE} -r {WEB1} -m -w 0", f"ipvsadm -e {SERVICE} -r {WEB1} -m -w 1"),
        ("other_managers", "director1", "director1", UNMASKED, MASKED),
        ("connection_settings", "director1", "director1", "sysctl -q net.ipv4.vs.expire_nodest_conn=0", "systemctl reload lvs-director"),
        ("boot", "director1", "director1", "systemctl disable --quiet lvs-director", "systemctl enable --quiet lvs-director"),
        ("boot", "web1", "web1", "systemctl stop lvs-realserver", "systemctl start lvs-realserver"),
        ("boot", "web2", "web2", "chmod -x /usr/local/sbin/lvs-host", "chmod +x /usr/local/sbin/lvs-host"),
        ("daemons", "web2", "web2", "systemctl disable --quiet nginx", "systemctl enable --quiet nginx"),
        ("clocks", "web2", "web2", "date -s '+1 hour'", "date -s '-1 hour'"),
        ("left_over", "web3", "web3", "echo '{\"wants\": {}}' > /etc/lvs-cluster/gateway.json", "rm /etc/lvs-cluster/gateway.json"),
        ("vip", "director1", "director1", f"ip address delete {VIP}/32 dev front", "systemctl reload lvs-director"),
        ("stray_vip", "web1", "web1", f"ip address add {VIP}/32 dev back", f"ip address delete {VIP}/32 dev back"),
        ("arp_answers", ASKERS, "router1", f"ip address add {VIP}/32 dev front", f"ip address delete {VIP}/32 dev front"),
        ("local_client", "client1", "client1", f"ip address add {VIP}/32 dev lo", f"ip address delete {VIP}/32 dev lo"),
        ("forwarding", "director1", "director1", "sysctl -q net.ipv4.ip_forward=0", "systemctl reload lvs-director"),
        ("redirects", "director1", "director1", "sysctl -q net.ipv4.conf.front.send_redirects=1", "systemctl reload lvs-director"),
        ("gateway", "web1", "web1", "ip rule delete priority 4242", "systemctl reload lvs-realserver"),
        ("gateway", "web2", "web2", "ip rule add priority 100 from all lookup main", "ip rule delete priority 100"),
        ("masquerade", "director1", "director1", "iptables -t nat -F LVS-GATEWAY", "systemctl reload lvs-gateway"),
        ("real_servers_reached", "director1", "director1", f"ip route add blackhole {WEB1}", f"ip route delete blackhole {WEB1}"),
        ("mtu", "web1", "web1", "ip link set back mtu 1400", "ip link set back mtu 1500"),
        (
            "invalid_drops", "director1", "director1",
            "iptables -t mangle -A PREROUTING -m conntrack --ctstate INVALID -j DROP",
            "iptables -t mangle -D PREROUTING -m conntrack --ctstate INVALID -j DROP",
        ),
        (
            "firewall", "web1", "web1",
            f"iptables -D LVS-IN -d {WEB1}/32 -p tcp -m tcp --dport 80 -j ACCEPT", "systemctl reload lvs-firewall",
        ),
        ("application", "web1", "web1", f"chmod 0 {PAGE1}", f"chmod 644 {PAGE1}"),
        (
            "path_mtu", "client1", "director1",
            f"iptables -t mangle -A PREROUTING -p icmp {LARGE}", f"iptables -t mangle -D PREROUTING -p icmp {LARGE}",
        ),
        (
            "large_answers", "client1", "web1",
            f"iptables -t mangle -A OUTPUT -p tcp --sport 80 {LARGE}", f"iptables -t mangle -D OUTPUT -p tcp --sport 80 {LARGE}",
        ),
        (
            "large_requests", "client1", "web1",
            f"iptables -t mangle -A PREROUTING -p tcp --dport 80 {LARGE}", f"iptables -t mangle -D PREROUTING -p tcp --dport 80 {LARGE}",
        ),
        (
            "vip_answers", "client1", "director1",
            # A rule that refuses a named sender may stand before ours.
            f"iptables -I INPUT {REFUSED}", f"iptables -D INPUT {REFUSED}",
        ),
        ("distribution", "client1", "web2", f"sed -i s/^web2$/web1/ {PAGE2}", f"sed -i s/^web1$/web2/ {PAGE1}"),
    ],
    "dr": [
        (
            "arp_policy", "web1", "web1",
            "sysctl -q net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.back.arp_ignore=0",
            "sysctl -q net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.back.arp_ignore=1",
        ),
        ("vip", "web1", "web1", f"ip address delete {VIP}/32 dev lo", "systemctl reload lvs-realserver"),
        ("next_hops", "director1", "director1", f"ip route delete {WEB1}", "systemctl reload lvs-director"),
        ("reply_path", "web1", "web1", f"ip route replace default via {DIP}", "ip route replace default via 192.168.239.1"),
        (
            "firewall", "web2", "web2",
            f"iptables -D LVS-IN -d {VIP}/32 -p tcp -m tcp --dport 80 -j ACCEPT", "systemctl reload lvs-firewall",
        ),
        ("arp_answers", ASKERS, "router1", f"ip address add {VIP}/32 dev front", f"ip address delete {VIP}/32 dev front"),
    ],
    "tun": [
        ("tunnel", "web3", "web3", "ip link set tunl0 down", "systemctl reload lvs-realserver"),
        ("tunnel_let_in", "web3", "web3", NO_TUNNELS, "systemctl reload lvs-firewall"),
        ("rp_filter", "web1", "web1", "sysctl -q net.ipv4.conf.tunl0.rp_filter=1", "systemctl reload lvs-realserver"),
        ("segment_size", "web1", "web1", "iptables -t mangle -F LVS-REALSERVER", "systemctl reload lvs-realserver"),
        ("arp_policy", "web2", "web2", "rm /etc/sysctl.d/60-lvs-arp.conf", ""),
    ],
    "fullnat": [
        ("source_translation", "director1", "director1", "iptables -t nat -F LVS-DIRECTOR", "systemctl reload lvs-director"),
        ("source_translation", "director1", "director1", "sysctl -q net.ipv4.vs.conntrack=0", "systemctl reload lvs-director"),
        ("real_servers_reached", "director1", "director1", "ip route add blackhole 172.25.3.13", "ip route delete blackhole 172.25.3.13"),
    ],
}  # fmt: skip
# As many as fit into a short run.
QUICK = {("nat", 0), ("nat", 1)}


@pytest.fixture
def diagnose(lab, tmp_path):
    """Run the doctor in a mode: how the run went, and what it found."""

    def run(mode: str, *arguments: str):
        report = tmp_path / "report.json"
        report.unlink(missing_ok=True)
        done = lab.play("playbooks/verify.yml", "-e", f"lvs_mode={mode}", "-e", f"verify_report={report}", *arguments)
        assert report.exists(), done.messages
        return done, json.loads(report.read_text(encoding="utf-8"))

    return run


def faults(found) -> set[tuple[str, str]]:
    return {(finding["check"], finding["host"]) for finding in found["findings"] if finding["state"] == "fault"}


@pytest.mark.parametrize("mode", ["nat", *(pytest.param(mode, marks=whole) for mode in MODES if mode != "nat")])
def test_a_sound_cluster_has_no_fault_and_is_left_as_it_is(cluster, diagnose, mode):
    cluster.be(mode)
    before = cluster.holds()
    done, found = diagnose(mode)
    assert faults(found) == set()
    assert done.code == 0
    assert [one for one in found["findings"] if one["state"] == "could not look"] == []
    assert {change.host for change in done.changes} <= {"localhost"}
    assert cluster.differences(before) == []


@pytest.mark.parametrize(
    ("mode", "fault"),
    [
        pytest.param(mode, fault, id=f"{mode} {place} {fault[0]}", marks=[] if (mode, place) in QUICK else [whole])
        for mode, every in PLANTED.items()
        for place, fault in enumerate(every)
    ],
)
def test_a_planted_fault_is_found_by_its_check_alone(lab, cluster, diagnose, mode, fault):
    check, named, host, plant, mend = fault
    cluster.be(mode)
    lab[host].check_output(plant.replace("%", "%%"))
    try:
        done, found = diagnose(mode)
    finally:
        if mend:
            lab[host].check_output(mend.replace("%", "%%"))
        else:
            assert cluster.site(mode).code == 0
    assert faults(found) == {(check, one) for one in ([named] if isinstance(named, str) else named)}
    assert done.code != 0


@whole
def test_a_host_that_cannot_be_reached_is_a_finding(cluster, diagnose, tmp_path):
    cluster.be("nat")
    elsewhere = tmp_path / "elsewhere.yml"
    # An address of the lab that nobody has.
    elsewhere.write_text("all: {hosts: {web2: {ansible_host: 192.168.239.250, ansible_timeout: 3}}}\n", encoding="utf-8")
    done, found = diagnose("nat", "-i", str(elsewhere))
    assert faults(found) == {("reach", "web2")}
    assert done.code != 0
    assert all(
        one["state"] in ("could not look", "not applicable")
        for one in found["findings"]
        if one["host"] == "web2" and one["check"] != "reach"
    )
