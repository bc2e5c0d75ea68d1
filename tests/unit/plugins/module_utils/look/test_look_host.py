# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at a host on a folder: what differs is told, nothing is changed, and what cannot be had keeps nothing else from being seen."""

from __future__ import annotations

import functools
import json

import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.common.text.converters import to_bytes
from ansible_collections.lvs.cluster.plugins.module_utils.host import part
from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import Done, HostError
from ansible_collections.lvs.cluster.plugins.module_utils.host.part import Host
from ansible_collections.lvs.cluster.plugins.module_utils.look import client, host
from ansible_collections.lvs.cluster.plugins.module_utils.look.filters import invalid_drops
from ansible_collections.lvs.cluster.plugins.module_utils.look.network import cards_look, segments, ways_look
from ansible_collections.lvs.cluster.plugins.module_utils.look.parts import filter_of, parts_look, program_look
from ansible_collections.lvs.cluster.plugins.module_utils.look.pieces import gathered
from ansible_collections.lvs.cluster.plugins.module_utils.look.policy import policy_look
from ansible_collections.lvs.cluster.plugins.modules import client_look, host_look
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.host.simulated_host import SimulatedHost
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.memory_transport import MemoryTransport

VIP = "192.0.2.10/32 dev lo"
WANTS = {"address": {VIP: "present"}, "sysctl": {"net.ipv4.ip_forward": "1"}}


@pytest.fixture
def simulated(tmp_path, monkeypatch):
    monkeypatch.setattr(part, "open_transport", lambda backend, load_module: MemoryTransport({}))
    monkeypatch.setattr(host, "open_transport", lambda backend, load_module: MemoryTransport({}))
    return SimulatedHost(tmp_path / "root")


@pytest.fixture
def play(simulated):
    return functools.partial(Host, runner=simulated, root=str(simulated.root))


def look(simulated, **options):
    params = {name: option["default"] for name, option in host.HOST_SPEC.items()}
    return host.look_at_host({**params, **options}, simulated, str(simulated.root))


def test_what_a_bare_host_lacks(simulated, play):
    found = parts_look({"vip": WANTS}, play, str(simulated.root))["vip"]
    missing = {(change["kind"], change["name"]) for change in found["changes"]}
    assert {("address", VIP), ("sysctl", "net.ipv4.ip_forward"), ("unit", "lvs-vip.service")} <= missing
    assert found["error"] == ""


def test_nothing_differs_once_the_part_is_taken_up(simulated, play):
    play("vip").take_up(WANTS, "A VIP of these words", {"/usr/local/sbin/lvs-host": "0755\nprogram\n"})
    assert parts_look({"vip": WANTS}, play, str(simulated.root)) == {"vip": {"changes": [], "error": ""}}


def test_what_is_wanted_no_more_is_a_retreat(simulated, play):
    play("vip").take_up(WANTS, "A VIP", {})
    found = parts_look({"vip": {"address": {VIP: "present"}}}, play, str(simulated.root))["vip"]["changes"]
    assert ("sysctl", "net.ipv4.ip_forward", True) in {(change["kind"], change["name"], change["retreat"]) for change in found}


def test_a_look_changes_nothing(simulated, play):
    play("vip").take_up(WANTS, "A VIP", {})
    before, asked = simulated.everything(), len(simulated.asked)
    found = look(
        simulated,
        parts={"vip": {"address": {VIP: "present"}}, "other": WANTS},
        units=["nginx.service"],
        ways=[{"to": "192.0.2.1"}],
    )
    assert found["played"] == ["vip"]
    assert simulated.everything() == before
    verbs = {"add", "delete", "replace", "set", "start", "stop", "enable", "disable", "daemon-reload", "-A", "-I", "-D", "-F"}
    assert not [command for command in simulated.asked[asked:] if verbs & set(command.split())]


def test_a_part_that_cannot_be_looked_at_leaves_the_others(simulated, play):
    found = parts_look({"vip": WANTS, "bad": {"address": {"nonsense": "present"}}}, play, str(simulated.root))
    assert "nonsense" in found["bad"]["error"]
    assert found["vip"]["changes"]


def test_a_piece_that_cannot_be_had_leaves_the_others():
    def refused():
        raise HostError("no")

    assert gathered({"good": lambda: 1, "bad": refused}) == {"good": 1, "errors": {"bad": "no"}}


@pytest.mark.parametrize(
    ("units", "backend"),
    [
        ({}, "iptables"),
        ({"nftables.service": "enabled, active"}, "nftables"),
        ({"nftables.service": "enabled, inactive"}, "iptables"),
        ({"nftables.service": "enabled, active", "firewalld.service": "enabled, active"}, "firewalld"),
    ],
)
def test_the_packet_filter_is_that_of_the_role(units, backend):
    assert filter_of(units, {"iptables": {}, "nftables": {}, "firewalld": {}}) == backend


def test_a_packet_filter_that_the_inventory_names_is_the_one():
    assert filter_of({"nftables.service": "enabled, active"}, {"iptables": {}}) == "iptables"
    assert filter_of({"nftables.service": "enabled, active"}, {}) == ""


@pytest.mark.parametrize(
    ("done", "found"),
    [
        (Done(2, "", "usage: lvs-host"), ""),
        (Done(127, "", "this host has no lvs-host"), "no lvs-host"),
        (Done(1, "", "Traceback\nImportError: no module"), "ImportError"),
    ],
)
def test_the_program_of_boot(done, found):
    assert program_look(lambda argv, text: done).endswith("" if not found else program_look(lambda argv, text: done))
    assert bool(program_look(lambda argv, text: done)) is bool(found)
    assert found in program_look(lambda argv, text: done)


def test_a_program_that_may_not_be_run():
    def refused(argv, text):
        raise PermissionError(13, "Permission denied")

    assert program_look(refused).endswith("Permission denied")


def saved(rules):
    return lambda argv, text: Done(0, rules, "") if argv[0] == "iptables-save" else Done(127, "", "")


DROP = "-m conntrack --ctstate INVALID -j DROP"


def test_rules_that_drop_invalid_packets_before_ours():
    rules = f"*filter\n:INPUT ACCEPT\n-A INPUT -j LVS-IN\n-A INPUT {DROP}\n*mangle\n:PREROUTING ACCEPT\n-A PREROUTING {DROP}\n"
    assert invalid_drops(saved(rules)) == [f"iptables -t mangle -A PREROUTING {DROP}"]


def test_rules_that_drop_invalid_packets_where_ours_come_later():
    rules = "*filter\n:INPUT ACCEPT\n-A INPUT -m conntrack --ctstate INVALID,UNTRACKED -j REJECT\n-A INPUT -j LVS-IN\n"
    assert len(invalid_drops(saved(rules))) == 1
    assert invalid_drops(saved("*filter\n-A INPUT -m conntrack --ctstate RELATED -j DROP\n-A INPUT -s 192.0.2.1 -j DROP\n")) == []


def test_rules_of_nftables():
    text = "table inet own {\n\tchain input { # handle 1\n\t\tct state invalid drop # handle 2\n\t\tjump lvs_cluster_input # handle 3\n\t}\n}\n"

    def runner(argv, _text):
        return Done(0, text, "") if argv[0] == "nft" else Done(127, "", "")

    assert invalid_drops(runner) == ["nft inet own input ct state invalid drop"]


def test_ways():
    answer = json.dumps([{"dst": "10.0.0.201", "gateway": "192.168.239.152", "dev": "back"}])
    assert ways_look([{"to": "10.0.0.201", "source": "192.168.239.148"}], lambda argv, text: Done(0, answer, "")) == [
        {
            "to": "10.0.0.201", "source": "192.168.239.148", "gateway": "192.168.239.152",
            "card": "back", "type": "unicast", "own": "", "error": "",
        }
    ]  # fmt: skip
    lost = ways_look([{"to": "fd00::1"}], lambda argv, text: Done(2, "", "RTNETLINK answers: Network is unreachable"))
    assert lost[0]["error"].endswith("unreachable")


def test_cards(tmp_path):
    for card, kind in (("front", "1"), ("tunl0", "768")):
        folder = tmp_path / "sys/class/net" / card
        folder.mkdir(parents=True)
        for name, value in (("address", "52:54:00:00:00:01"), ("mtu", "1500"), ("type", kind)):
            (folder / name).write_text(value + "\n")
    found = cards_look(str(tmp_path))
    assert found["front"] == {"mac": "52:54:00:00:00:01", "mtu": 1500, "ethernet": True}
    assert not found["tunl0"]["ethernet"]
    assert segments(found, ["10.0.0.1/24 dev front", "10.0.0.129/32 dev tunl0"]) == ["front"]
    assert segments(found, ["fe80::1/64 dev front"]) == []


def policy(tmp_path, ignore="1", announce="2", file=True):
    for card in ("all", "default", "back", "lo"):
        folder = tmp_path / "proc/sys/net/ipv4/conf" / card
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "arp_ignore").write_text(ignore if card in ("all", "back") else "0")
        (folder / "arp_announce").write_text(announce if card in ("all", "back") else "0")
    (tmp_path / "etc/sysctl.d").mkdir(parents=True, exist_ok=True)
    if file:
        names = [f"net.ipv4.conf.{card}.{name}" for card in ("all", "back") for name in ("arp_announce", "arp_ignore")]
        text = "".join(f"{name} = {announce if 'announce' in name else ignore}\n" for name in names)
        (tmp_path / "etc/sysctl.d/60-lvs-arp.conf").write_text(text)
    return policy_look({"state": "present", "interfaces": ["all", "back"], "arp_ignore": 1, "arp_announce": 2}, str(tmp_path))


def test_the_arp_policy_that_is_wanted(tmp_path):
    found = policy(tmp_path)
    assert found["differences"] == []
    assert found["effective"]["back"] == {"arp_ignore": 1, "arp_announce": 2}


def test_an_arp_policy_that_is_not(tmp_path):
    found = policy(tmp_path, ignore="0", file=False)["differences"]
    assert "net.ipv4.conf.all.arp_ignore is 0, to be 1" in found
    assert "/etc/sysctl.d/60-lvs-arp.conf is not there" in found


def test_an_arp_policy_for_a_card_that_is_not_there(tmp_path):
    policy(tmp_path)
    assert policy_look({"state": "present", "interfaces": ["eth9"]}, str(tmp_path))["differences"] == ["there is no card eth9"]


MODULES = [(host_look, host.HOST_SPEC), (client_look, client.CLIENT_SPEC)]


@pytest.mark.parametrize(("module", "spec"), MODULES)
@pytest.mark.parametrize("aspect", ["type", "elements", "default"])
def test_the_documentation_says_what_the_code_does(module, spec, aspect):
    documented = yaml.safe_load(module.DOCUMENTATION)["options"]
    assert {name: option.get(aspect) for name, option in documented.items()} == {name: spec[name].get(aspect) for name in spec}


def test_the_module_says_that_nothing_changed(simulated, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        host_look, "look_at_host", functools.partial(host.look_at_host, runner=simulated, root=str(simulated.root))
    )
    arguments = {"parts": {"vip": WANTS}, "_ansible_check_mode": True, "_ansible_remote_tmp": str(tmp_path)}
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", to_bytes(json.dumps({"ANSIBLE_MODULE_ARGS": arguments})))
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    with pytest.raises(SystemExit):
        host_look.main()
    result = json.loads(capsys.readouterr().out)
    assert result["changed"] is False
    assert result["look"]["parts"]["vip"]["changes"]
    documented = yaml.safe_load(host_look.RETURN)["look"]["contains"]
    assert set(result["look"]) | set(result["look"]["errors"]) == set(documented)
