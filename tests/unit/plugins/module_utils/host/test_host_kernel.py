# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel modules and settings, on a folder that stands for a host."""

from __future__ import annotations

import os
import re

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import Done, HostError
from ansible_collections.lvs.cluster.plugins.module_utils.host.kernel import Modules, Sysctls
from ansible_collections.lvs.cluster.plugins.module_utils.host.plan import Change
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.host.fake_runner import FakeRunner

FORWARD = "net.ipv4.ip_forward"
CARDS = ("all", "default", "eth0", "eth0.5")


@pytest.fixture
def root(tmp_path):
    put(tmp_path, "proc/sys/net/ipv4/ip_forward", "0\n")
    put(tmp_path, "proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n")
    for card in CARDS:
        put(tmp_path, f"proc/sys/net/ipv4/conf/{card}/send_redirects", "1\n")
    return tmp_path


def put(root, path, text=""):
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def set_to(root, name, before, after):
    Sysctls(str(root)).apply([Change("sysctl", name, before, after)])


def test_settings_are_read_and_those_that_are_missing_are_not(root):
    names = [FORWARD, "net.ipv4.tcp_rmem", "net.ipv4.vs.conntrack", "net/ipv4/conf/eth0.5/send_redirects"]
    assert Sysctls(str(root)).read(names) == {
        FORWARD: "0",
        "net.ipv4.tcp_rmem": "4096 131072 6291456",
        "net/ipv4/conf/eth0.5/send_redirects": "1",
    }


def test_settings_are_written(root):
    set_to(root, FORWARD, "0", "1")
    set_to(root, "net/ipv4/conf/eth0.5/send_redirects", "1", "0")
    assert (root / "proc/sys/net/ipv4/ip_forward").read_text() == "1"
    assert (root / "proc/sys/net/ipv4/conf/eth0.5/send_redirects").read_text() == "0"


def test_a_star_stands_for_every_interface(root):
    dotted = "net.ipv4.conf.{}.send_redirects".format
    found = {dotted("all"): "0", dotted("default"): "0", dotted("eth0"): "0", "net/ipv4/conf/eth0.5/send_redirects": "0"}
    for name in ("net/ipv4/conf/*/send_redirects", dotted("*")):
        assert Sysctls(str(root)).expand({name: "0"}) == found


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("name", ["net/ipv4/conf/eth0/send_redirects", "net.ipv4.conf.eth0.send_redirects"])
def test_an_interface_by_name_goes_before_the_star(root, name, turned):
    wanted = [("net/ipv4/conf/*/send_redirects", "0"), (name, "1")]
    found = Sysctls(str(root)).expand(dict(wanted[::-1] if turned else wanted))
    assert found["net.ipv4.conf.eth0.send_redirects"] == "1"
    assert found["net.ipv4.conf.all.send_redirects"] == "0"


def test_names_and_values_have_one_form(root):
    wanted = {"net/ipv4/ip_forward": "1", "net.ipv4.tcp_rmem": "4096\t131072  6291456"}
    assert Sysctls(str(root)).expand(wanted) == {FORWARD: "1", "net.ipv4.tcp_rmem": "4096 131072 6291456"}


def test_a_setting_that_is_missing_is_an_error_when_it_is_set(root):
    sentence = "this kernel has no setting net.ipv4.vs.conntrack: leave it out, or load the module that it belongs to"
    with pytest.raises(HostError, match=re.escape(sentence)):
        set_to(root, "net.ipv4.vs.conntrack", None, "1")
    assert not (root / "proc/sys/net/ipv4/vs").exists()


def test_a_value_that_cannot_be_written_or_read_is_a_sentence(root):
    (root / "proc/sys/net/folder").mkdir()
    with pytest.raises(HostError, match=r"cannot set net\.folder to 1: Is a directory"):
        set_to(root, "net.folder", "0", "1")
    with pytest.raises(HostError, match=r"cannot read net\.folder: Is a directory"):
        Sysctls(str(root)).read(["net.folder"])


def test_settings_outlast_a_reboot_and_are_whose_value_they_have():
    assert Sysctls.lasting
    assert not Sysctls.ours_by_name


def test_modules_that_are_loaded_or_built_in_are_there(root):
    (root / "sys/module/ip_vs").mkdir(parents=True)
    put(root, f"lib/modules/{os.uname().release}/modules.builtin", "kernel/net/ipv4/ipip.ko\nkernel/net/netfilter/xt-mark.ko\n")
    assert Modules(FakeRunner(), str(root)).read(["ip_vs", "ipip", "xt_mark", "fou"]) == dict.fromkeys(
        ["ip_vs", "ipip", "xt_mark"], "loaded"
    )


def test_modules_are_loaded_and_stay(root):
    runner = FakeRunner()
    Modules(runner, str(root)).apply([Change("module", "ip_vs_rr", None, "loaded")])
    assert runner.asked == ["modprobe ip_vs_rr"]
    assert Modules.stays


def test_a_module_that_the_kernel_does_not_have_is_a_sentence(root):
    runner = FakeRunner({"modprobe ip_vs_no": Done(1, "", "modprobe: FATAL: Module ip_vs_no not found")})
    with pytest.raises(HostError, match="modprobe ip_vs_no: modprobe: FATAL: Module ip_vs_no not found"):
        Modules(runner, str(root)).apply([Change("module", "ip_vs_no", None, "loaded")])
