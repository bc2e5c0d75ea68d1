# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that has a packet filter of its own, firewalld or nftables, gets ours beside it: who gets through, and for how long."""

from __future__ import annotations

import os
from typing import Iterator

import pytest
from awaiting import until
from container import HERE, Container, usable

pytestmark = pytest.mark.skipif(bool(usable()), reason=usable() or "usable")

RELEASES = ["trixie", "bookworm"] if os.environ.get("LVS_TEST_ALL") else [os.environ.get("LVS_LAB_RELEASE") or "trixie"]
whole = pytest.mark.skipif(not os.environ.get("LVS_TEST_ALL"), reason="takes longer: make test-all")
ROLES = HERE / "roles.yml"
# What a host might keep in /etc/nftables.conf: one chain refuses by its policy, one by its last rule.
RULESET = """\
#!/usr/sbin/nft -f
flush ruleset
table inet filter {
	set admins {
		type ipv4_addr
		elements = { 10.0.0.202 }
	}
	chain input {
		type filter hook input priority filter; policy drop;
		iifname lo accept
		ct state established,related accept
		tcp dport 22 accept
		ip saddr @admins tcp dport 8081 accept
	}
	chain forward {
		type filter hook forward priority filter;
		ct state established,related accept
		counter reject with icmpx admin-prohibited
	}
}
"""
FILTERED = "EHOSTUNREACH"
ONE, TWO = "10.0.0.201", "10.0.0.202"
# From where, to which address and port, with our rules and before them.
CONNECTIONS = [
    (ONE, Container.address, 22, "SSH-2.0"),
    (TWO, Container.address, 22, "SSH-2.0"),
    (ONE, Container.vip, 80, ONE),
    (TWO, Container.vip, 80, TWO),
    (ONE, Container.address, 8080, ONE),
    (TWO, Container.address, 8080, FILTERED),
    (ONE, Container.address, 80, FILTERED),
    (ONE, Container.address, 8081, FILTERED),
]
FILES = (
    "find /etc/firewalld /etc/nftables.conf /etc/systemd/system -exec stat -c '%n %A %U %s' {} + -type f -exec md5sum {} + | sort"
)
# The rules, without counters. Of iptables only rules and chains: it leaves its empty tables behind.
KERNEL = "nft --stateless list ruleset inet; for ip in iptables ip6tables; do $ip-save | grep -E '^-|LVS'; done; sysctl net.ipv4.ip_forward"


@pytest.fixture(scope="module", params=RELEASES)
def booted(request, tmp_path_factory) -> Iterator[Container]:
    container = Container(tmp_path_factory.mktemp("fire"), request.param)
    try:
        container.boot()
        yield container
    finally:
        container.down()


@pytest.fixture(scope="module", params=["firewalld", "nftables"])
def host(booted, request) -> Iterator[Container]:
    """A host as its administrator has set it up, and then as our roles have."""
    booted.filter = request.param
    if request.param == "nftables":
        booted("systemctl disable --quiet --now firewalld")
        booted(f"cat > /etc/nftables.conf <<'END'\n{RULESET}END\nsystemctl enable --quiet --now nftables")
    booted.files, booted.kernel = booted(FILES), booted(KERNEL)
    booted.before = outcomes(booted)
    booted.foretold = booted.play(ROLES, "--check", "--diff")
    assert (booted(FILES), booted(KERNEL)) == (booted.files, booted.kernel)
    booted.done = booted.play(ROLES, "--diff")
    yield booted
    booted.play(ROLES, "-e", "state=absent")


def outcomes(host):
    seen = [(*target, host.connect(*target)) for *target, _expected in CONNECTIONS]
    # What ssh says goes on with the version of its program.
    return [(*target, what[:7] if what.startswith("SSH-") else what) for *target, what in seen]


def holds(host):
    """Whether all that is declared is there, and told by the host itself."""
    return all(host.run(f"lvs-host status {part}").returncode == 0 for part in ("firewall", "gateway"))


def test_the_host_refused_the_cluster_before(host):
    """Otherwise the rest would prove nothing."""
    assert [what for *_target, what in host.before[:3]] == [
        "SSH-2.0",
        "SSH-2.0",
        {"firewalld": FILTERED, "nftables": "timeout"}[host.filter],
    ]


FILTER = "Let through what is needed and refuse the rest, now and at each boot"
GATEWAY = "Masquerade the inner network, now and at each boot"


def told(result):
    """What a task says of its part; the program that all parts share comes with the first one."""
    return [change for change in result["changes"] if not change["name"].startswith("/usr/local/")]


def test_check_mode_tells_what_is_done(host):
    for task in (FILTER, GATEWAY):
        assert told(host.foretold[task]) == told(host.done[task])
    kinds = {change["kind"] for change in told(host.done[FILTER])}
    assert kinds - {"file", "unit"} == {"firewalld": {"policy"}, "nftables": {"nft_chain", "nft_pass"}}[host.filter]


def test_the_cluster_gets_through_and_the_rest_does_not(host):
    assert outcomes(host) == CONNECTIONS


def test_a_second_run_changes_nothing(host):
    assert not any(result["changed"] for result in host.play(ROLES).values())


@pytest.mark.parametrize(
    "verb", ["reload", "restart", "stop", "start", "firewall-cmd --reload", "firewall-cmd --complete-reload"]
)
def test_it_stays_whatever_the_hosts_own_service_does(host, verb):
    if "firewall-cmd" in verb and host.filter == "nftables":
        pytest.skip("firewalld does not run")
    # Several of one chain's rules gone, or all of them: nobody has to look.
    host(verb if "firewall-cmd" in verb else f"systemctl {verb} {host.filter}")
    if verb == "stop" and host.filter == "firewalld":
        until(lambda: host.run("lvs-host status gateway").returncode == 0, 30)
        return
    until(lambda: holds(host), 30)
    assert outcomes(host) == CONNECTIONS
    assert "LVS-GATEWAY" in host("iptables-save --table nat")


def test_status_names_what_somebody_took_away_and_start_brings_it_back(host):
    host(
        "firewall-cmd --quiet --policy lvs-in --remove-rich-rule='rule protocol value=\"1\" accept'"
        if host.filter == "firewalld"
        else "nft flush chain inet lvs_cluster input; nft flush chain inet filter lvs_cluster_input"
    )
    status = host.run("lvs-host status firewall")
    assert status.returncode == 3
    names = {"firewalld": ["policy lvs-in"], "nftables": ["nft_pass inet filter input", "nft_chain inet lvs_cluster input"]}
    assert [line.split(" to '")[0] for line in status.stdout.splitlines()] == [
        f"differs: set {name}" for name in names[host.filter]
    ]
    host("systemctl reload lvs-firewall")
    assert outcomes(host) == CONNECTIONS


def test_rules_come_and_go_while_ssh_is_connected(host):
    """One connection lives through a change of the rules, and new ones are let in at each step."""
    host("systemd-run --quiet --unit=step sh -c 'for verb in stop start reload restart; do systemctl $verb lvs-firewall; done'")
    seen = set()
    while host.run("systemctl is-active step").stdout.strip() in ("active", "activating"):
        seen.add(host.connect(ONE, Container.address, 22)[:7])
    assert seen == {"SSH-2.0"}
    until(lambda: holds(host), 30)


@whole
def test_a_rule_more_and_a_rule_less_need_no_reload(host):
    main = host(f"systemctl show --property=InvocationID,ExecMainStartTimestamp {host.filter}")
    host("firewall-cmd --quiet --zone=public --add-port=9/tcp" if host.filter == "firewalld" else "nft add table inet runtime")
    done = host.play(ROLES, "-e", '{"accepts": [{"source": "10.0.0.202", "protocol": "tcp", "port": 8081}]}')
    assert done[FILTER]["changed"]
    assert [host.connect(TWO, Container.address, 8081), host.connect(ONE, Container.vip, 80)] == [TWO, FILTERED]
    # What others have put in by hand is still there.
    assert host("firewall-cmd --zone=public --list-ports" if host.filter == "firewalld" else "nft list table inet runtime")
    assert host(f"systemctl show --property=InvocationID,ExecMainStartTimestamp {host.filter}") == main
    host(
        "firewall-cmd --quiet --zone=public --remove-port=9/tcp"
        if host.filter == "firewalld"
        else "nft delete table inet runtime"
    )
    host.play(ROLES)
    assert outcomes(host) == CONNECTIONS


def test_it_is_there_after_a_reboot(host):
    made = "stat --format %i,%Y /etc/firewalld/policies/lvs-in.xml"
    before = host.run(made).stdout
    host.reboot()
    assert outcomes(host) == CONNECTIONS
    assert holds(host)
    # Policies stay while the host is down: to have them made again, firewalld would have to load everything a second time.
    assert host.run(made).stdout == before


def test_nothing_is_left_of_it(host):
    host.play(ROLES, "-e", "state=absent")
    assert host(FILES) == host.files
    assert host(KERNEL) == host.kernel
    assert outcomes(host) == host.before
    assert host("systemctl show --property=NeedDaemonReload nftables firewalld | sort -u").split() == ["NeedDaemonReload=no"]


@whole
def test_another_filter_can_follow(host):
    """From the host's own to iptables and back: what one had is gone, and ssh is never cut off."""
    host.play(ROLES)
    if host.filter == "firewalld":
        host("systemctl disable --quiet --now firewalld")
        host.play(ROLES)
        assert "LVS-IN" in host("iptables-save")
        assert outcomes(host) == CONNECTIONS
        host("systemctl enable --quiet --now firewalld")
    else:
        host.play(ROLES, "-e", "backend=iptables")
        assert "lvs_cluster" not in host("nft list ruleset")
    host.play(ROLES)
    assert outcomes(host) == CONNECTIONS
    assert "LVS-IN" not in host("iptables-save")
