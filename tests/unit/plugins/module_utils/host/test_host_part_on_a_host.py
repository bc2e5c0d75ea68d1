# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host takes up a part, keeps it, and leaves it: on a folder that stands for the host."""

from __future__ import annotations

import json

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.host import part
from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import Done, HostError
from ansible_collections.lvs.cluster.plugins.module_utils.host.part import Host
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.host.fake_firewalld import FakeFirewalld
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.host.simulated_host import SimulatedHost
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.memory_transport import MemoryTransport

FORWARD, REDIRECTS = "net.ipv4.ip_forward", "net.ipv4.conf.all.send_redirects"
PROGRAM = {"/usr/local/sbin/lvs-host": "0755\n#!/usr/bin/python3\n", "/usr/local/lib/lvs-cluster/lvs_cluster/a.py": "0644\n"}
WANTS = {"sysctl": {FORWARD: "1"}, "address": {"10.0.0.129/32 dev front": "present"}}


@pytest.fixture
def host(tmp_path, monkeypatch):
    monkeypatch.setattr(part, "open_transport", lambda backend, load_module: MemoryTransport({}))
    return SimulatedHost(tmp_path)


def the(host, name):
    return Host(name, host, str(host.root))


def take_up(host, name="vip", wants=None, **options):
    return the(host, name).take_up(WANTS if wants is None else wants, f"The part {name}", PROGRAM, **options)


def items(outcome):
    return [f"{change.kind} {change.name}" for change in outcome.changes]


def at_runtime(outcome):
    return [item for item in items(outcome) if item.split()[0] not in ("file", "unit")]


def test_a_part_is_taken_up_now_and_for_each_boot(host):
    outcome = take_up(host)
    # What boot needs is there before anything is made, and the unit starts when there is nothing left to do.
    assert list(dict.fromkeys(change.kind for change in outcome.changes)) == ["file", "sysctl", "address", "unit"]
    assert at_runtime(outcome) == [f"sysctl {FORWARD}", "address 10.0.0.129/32 dev front"]
    files = {"/etc/lvs-cluster/vip.json", "/etc/sysctl.d/60-lvs-vip.conf", "/etc/systemd/system/lvs-vip.service"}
    assert {*PROGRAM, *files} <= {change.name for change in outcome.changes if change.kind == "file"}
    assert host.setting("net/ipv4/ip_forward") == "1"
    assert host.units["lvs-vip.service"]
    assert json.loads((host.root / "etc/lvs-cluster/vip.json").read_text()) == {"wants": WANTS}
    settings = (host.root / "etc/sysctl.d/60-lvs-vip.conf").read_text().splitlines()
    assert settings == ["# Managed by Ansible (lvs.cluster): changes made here are lost.", f"{FORWARD} = 1"]
    assert take_up(host) == ([], [])


def test_the_unit(host):
    take_up(host)
    lines = (host.root / "etc/systemd/system/lvs-vip.service").read_text().splitlines()
    assert lines[0] == "# Managed by Ansible (lvs.cluster): changes made here are lost."
    for directive, verb in (("ExecStart", "start"), ("ExecReload", "start"), ("ExecStop", "stop")):
        assert f"{directive}=/usr/local/sbin/lvs-host {verb} vip" in lines
    assert {"Description=The part vip", "Type=oneshot", "RemainAfterExit=yes", "WantedBy=multi-user.target"} <= set(lines)


def test_the_watch_over_the_network_hears_of_every_change(host):
    take_up(host)
    units = host.root / "etc/systemd/system"
    watched = (units / "lvs-vip-network.path").read_text().splitlines()
    # systemd-networkd that configures a card once more leaves `state` as it is.
    assert {"PathChanged=/run/systemd/netif/state", "PathChanged=/run/systemd/netif/links"} <= set(watched)
    # A watch that waited would miss what changes meanwhile.
    again = "systemctl --no-block try-reload-or-restart lvs-vip.service"
    assert f"ExecStart={again}" in (units / "lvs-vip-network.service").read_text().splitlines()
    assert not (host.root / "etc/NetworkManager").exists()


def test_network_manager_tells_where_there_is_one(host):
    folder = host.root / "etc/NetworkManager/dispatcher.d"
    folder.mkdir(parents=True)
    take_up(host)
    told = folder / "60-lvs-vip"
    assert told.stat().st_mode & 0o777 == 0o755
    assert told.read_text().splitlines()[-1] == "exec systemctl --no-block try-reload-or-restart lvs-vip.service"
    take_up(host, wants={"sysctl": {FORWARD: "1"}})
    assert not told.exists()


def test_systemd_hears_of_a_unit_whose_text_changes(host):
    take_up(host)
    for description, heard in (("Another description", 1), ("Another description", 0)):
        host.asked.clear()
        the(host, "vip").take_up(WANTS, description, PROGRAM)
        assert host.asked.count("systemctl daemon-reload") == heard


def test_a_unit_without_its_file_is_none_whatever_systemd_remembers(host):
    parts = {"one": {"sysctl": {FORWARD: "1"}}, "two": {"sysctl": {REDIRECTS: "0"}}}
    for name, wants in parts.items():
        take_up(host, name, wants)
    for name in parts:
        (host.root / f"etc/systemd/system/lvs-{name}.service").unlink()
    lost = [[f"file /etc/systemd/system/lvs-{name}.service", f"unit lvs-{name}.service"] for name in parts]
    assert [items(take_up(host, name, wants, check_mode=True)) for name, wants in parts.items()] == lost
    # Mending the first has systemd read all files again: it finds that of the second missing, which has been said already.
    assert [items(take_up(host, name, wants)) for name, wants in parts.items()] == lost
    assert [items(take_up(host, name, wants)) for name, wants in parts.items()] == [[], []]


def test_a_part_without_settings_has_no_file_of_settings(host):
    take_up(host)
    changes = items(take_up(host, wants={"address": WANTS["address"]}))
    assert f"sysctl {FORWARD}" in changes
    assert "file /etc/sysctl.d/60-lvs-vip.conf" in changes
    assert not (host.root / "etc/sysctl.d/60-lvs-vip.conf").exists()


def test_whoever_leaves_gives_everything_back(host):
    before = host.everything()
    take_up(host)
    outcome = the(host, "vip").leave()
    assert list(dict.fromkeys(change.kind for change in outcome.changes)) == ["address", "sysctl", "unit", "file"]
    assert host.everything() == before
    assert the(host, "vip").leave() == ([], [])
    assert host.everything() == before


def test_a_check_writes_nothing_and_says_what_the_run_does(host):
    for step in (
        lambda check: take_up(host, check_mode=check),
        lambda check: take_up(host, wants={"sysctl": {REDIRECTS: "0"}}, prune=False, check_mode=check),
        lambda check: take_up(host, wants={"sysctl": {REDIRECTS: "0"}}, check_mode=check),
        lambda check: the(host, "vip").leave(check),
    ):
        before = host.everything()
        predicted = step(True)
        assert host.everything() == before
        assert step(False) == predicted
        assert predicted.changes


def test_the_program_goes_with_the_last_part(host):
    take_up(host, "one")
    take_up(host, "two", {"address": {"10.0.0.130/32 dev front": "present"}})
    assert the(host, "one").parts() == ["one", "two"]
    the(host, "one").leave()
    assert (host.root / "usr/local/sbin/lvs-host").exists()
    assert host.addresses == {"127.0.0.1/8 dev lo", "10.0.0.130/32 dev front"}
    the(host, "two").leave()
    assert not (host.root / "usr/local/sbin/lvs-host").exists()
    assert the(host, "one").parts() == []


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_a_setting_that_two_parts_want_goes_with_the_last_one(host, order):
    before = host.everything()
    for name in ("one", "two"):
        take_up(host, name, {"sysctl": {FORWARD: "1"}})
    assert f"sysctl {FORWARD}" not in items(the(host, order[0]).leave())
    assert host.setting("net/ipv4/ip_forward") == "1"
    assert f"sysctl {FORWARD}" in items(the(host, order[1]).leave())
    assert host.everything() == before


def test_a_star_inherits_what_it_stands_for(host):
    take_up(host, "one", {"sysctl": {REDIRECTS: "0"}})
    take_up(host, "two", {"sysctl": {"net/ipv4/conf/*/send_redirects": "0"}})
    the(host, "one").leave()
    assert host.setting("net/ipv4/conf/all/send_redirects") == "0"
    the(host, "two").leave()
    assert host.setting("net/ipv4/conf/all/send_redirects") == "1"


def test_a_part_that_is_stopped_inherits_nothing(host):
    for name in ("one", "two"):
        take_up(host, name, {"sysctl": {FORWARD: "1"}})
    for name in ("two", "one"):
        host.units[f"lvs-{name}.service"] = False
        the(host, name).stop()
    assert host.setting("net/ipv4/ip_forward") == "0"
    the(host, "two").start()
    assert host.setting("net/ipv4/ip_forward") == "1"


def test_a_part_that_wants_another_value_inherits_nothing(host):
    take_up(host, "one", {"sysctl": {FORWARD: "1"}})
    take_up(host, "two", {"sysctl": {FORWARD: "0"}})
    host.put("proc/sys/net/ipv4/ip_forward", "1")
    the(host, "one").leave()
    assert host.setting("net/ipv4/ip_forward") == "0"


def test_start_stop_and_differences_do_what_is_declared(host):
    take_up(host)
    up = host.everything()
    assert the(host, "vip").differences() == []
    the(host, "vip").stop()
    assert (host.setting("net/ipv4/ip_forward"), host.addresses) == ("0", {"127.0.0.1/8 dev lo"})
    assert [str(change) for change in the(host, "vip").differences()] == [
        f"set sysctl {FORWARD} to '1' (is '0')",
        "create address 10.0.0.129/32 dev front",
    ]
    the(host, "vip").start()
    assert host.everything() == up


def test_a_reboot_brings_everything_back_and_the_first_value_is_still_known(host):
    before = host.everything()
    take_up(host)
    # The addresses are gone; sysctl.d has set the settings.
    host.addresses = {"127.0.0.1/8 dev lo"}
    host.put("proc/sys/kernel/random/boot_id", "second\n")
    assert [change.kind for change in the(host, "vip").start()] == ["address"]
    the(host, "vip").leave()
    host.put("proc/sys/kernel/random/boot_id", "first\n")
    assert host.everything() == before


def test_the_old_way_stays_until_it_is_pruned(host):
    take_up(host)
    new = {"address": {"10.0.0.130/32 dev front": "present"}}
    outcome = take_up(host, wants=new, prune=False)
    assert outcome.left_over == [f"sysctl {FORWARD}", "address 10.0.0.129/32 dev front"]
    assert {"10.0.0.129/32 dev front", "10.0.0.130/32 dev front"} <= host.addresses
    assert items(take_up(host, wants=new)) == ["address 10.0.0.129/32 dev front", f"sysctl {FORWARD}"]


def test_what_was_there_before_stays(host):
    host.addresses.add("10.0.0.129/32 dev front")
    before = host.everything()
    assert "address 10.0.0.129/32 dev front" not in items(take_up(host))
    the(host, "vip").leave()
    assert host.everything() == before


def test_a_part_that_is_not_declared_is_an_error(host):
    with pytest.raises(HostError, match=r"this host has no part vip: there is no .*/etc/lvs-cluster/vip\.json"):
        the(host, "vip").start()


@pytest.mark.parametrize("text", ["", "{", "{}"])
def test_a_damaged_declaration_is_an_error_and_is_written_anew(host, text):
    take_up(host)
    host.put("etc/lvs-cluster/vip.json", text)
    with pytest.raises(HostError, match=r"vip\.json is damaged \(.*\): run the playbook site\.yml again"):
        the(host, "vip").start()
    assert items(take_up(host)) == ["file /etc/lvs-cluster/vip.json"]


CHAIN = {"chain": {"iptables nat LVS-GATEWAY": "-s 10.0.0.0/24 -j MASQUERADE"}}
POLICY = {"policy": {"lvs-in": "from ANY to HOST\nrule accept"}}


class Filtered:
    """A host whose iptables takes what it is given, and whose firewalld is a fake."""

    def __init__(self, host):
        self.host, self.root = host, host.root
        self.chains = {}
        self.firewalld = FakeFirewalld(host.root)
        self.state = "running"

    def __call__(self, argv, text=None):
        if argv[0] == "iptables-save":
            rules = [f"-A {chain} {rule}" for chain, rules in self.chains.items() for rule in rules]
            return Done(0, "\n".join(["*nat", *(f":{chain} -" for chain in self.chains), *rules, "COMMIT", ""]), "")
        if argv[0] == "iptables-restore":
            for verb, chain, *rule in (line.replace(":", ": ").split() for line in text.splitlines() if " " in line):
                if verb == "-X":
                    del self.chains[chain]
                elif verb == "-A":
                    self.chains[chain].append(" ".join(rule))
                else:
                    self.chains[chain] = []
        if argv[0] == "arptables-save":
            return Done(0, "*filter\n:LVS-ARP-IN -\n", "")
        if argv[0] in ("busctl", "firewall-offline-cmd"):
            return self.firewalld(argv, text)
        if argv == ["systemctl", "is-system-running"]:
            return Done(0, f"{self.state}\n", "")
        return self.host(argv, text)


@pytest.fixture
def filtered(host):
    return Filtered(host)


def units(host):
    folder = host.root / "etc/systemd/system"
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_service_that_loads_all_rules_has_ours_done_again(filtered):
    before = filtered.host.everything()
    filtered.host.put("usr/lib/systemd/system/nftables.service", "")
    filtered.host.put("lib/systemd/system/firewalld.service", "")
    take_up(filtered, "gateway", CHAIN)
    made = units(filtered)
    again = "=-systemctl --no-block try-reload-or-restart lvs-gateway.service"
    assert made["nftables.service.d/lvs-gateway.conf"].splitlines()[1:] == [
        "[Service]",
        *(f"{directive}{again}" for directive in ("ExecReload", "ExecStartPost", "ExecStopPost")),
    ]
    assert made["firewalld.service.d/lvs-gateway.conf"].splitlines()[1:] == [
        "[Unit]",
        "Wants=lvs-gateway-firewalld.service",
        "",
        "[Service]",
        # Counted as started only when it has loaded its rules.
        "ExecStartPost=-firewall-cmd --quiet --state",
        f"ExecStartPost{again}",
        f"ExecStopPost{again}",
    ]
    assert "Wants=lvs-gateway-firewalld.service\n" in made["lvs-gateway.service"]
    assert "member='Reloaded'" in made["lvs-gateway-firewalld.service"]
    assert take_up(filtered, "gateway", CHAIN) == ([], [])
    filtered.host.asked.clear()
    the(filtered, "gateway").leave()
    # systemd hears of it last, too: those units go on without what we had added.
    assert filtered.host.asked[-1] == "systemctl daemon-reload"
    for path in ("usr/lib/systemd/system/nftables.service", "lib/systemd/system/firewalld.service"):
        (filtered.root / path).unlink()
        for folder in list((filtered.root / path).parents)[: len(path.split("/")) - 1]:
            if folder.exists() and not any(folder.iterdir()):
                folder.rmdir()
    assert filtered.host.everything() == before


@pytest.mark.parametrize(
    ("wants", "service"),
    [
        # Nothing there that would load rules, nothing of ours that it could take away, rules that it does not know.
        (CHAIN, "other"),
        ({"address": WANTS["address"]}, "nftables"),
        ({"chain": {"arptables filter LVS-ARP-IN": ""}}, "nftables"),
        (POLICY, "firewalld"),
    ],
)
def test_nothing_is_hooked_where_nothing_can_be_lost(filtered, wants, service):
    filtered.host.put(f"usr/lib/systemd/system/{service}.service", "")
    take_up(filtered, "gateway", wants)
    assert not [name for name in units(filtered) if ".service.d/" in name or "firewalld" in name]


def test_chains_that_were_saved_and_restored_are_ours(filtered):
    take_up(filtered, "gateway", CHAIN)
    filtered.host.put("proc/sys/kernel/random/boot_id", "second\n")
    # netfilter-persistent has restored them before us.
    assert the(filtered, "gateway").start() == []
    the(filtered, "gateway").stop()
    assert filtered.chains == {}


def test_policies_stay_when_the_host_goes_down(filtered):
    take_up(filtered, "firewall", POLICY)
    filtered.state = "stopping"
    the(filtered, "firewall").stop()
    assert (set(filtered.firewalld.loaded), filtered.firewalld.reloads) == ({"lvs-in"}, 1)
    filtered.host.put("proc/sys/kernel/random/boot_id", "second\n")
    filtered.state = "running"
    assert the(filtered, "firewall").start() == []
    the(filtered, "firewall").stop()
    assert (filtered.firewalld.lasting, filtered.firewalld.loaded) == ({}, {})


@pytest.mark.parametrize("name", ["program", "vip-files", "vip-units", "vip-network", "vip-firewalld"])
def test_a_name_that_something_else_has_is_refused(host, name):
    before = host.everything()
    with pytest.raises(HostError, match=f"^a part cannot be called {name}: .*choose another one$"):
        take_up(host, name)
    assert host.everything() == before
