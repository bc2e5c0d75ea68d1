# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the host's files say about the kernel's modules."""

from __future__ import annotations

import os

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import ModuleMissingError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.kernel_modules import KernelModules


@pytest.fixture
def host(tmp_path):
    release = tmp_path / "lib/modules" / os.uname().release
    folder = release / "kernel/net/netfilter/ipvs"
    folder.mkdir(parents=True)
    for name in ("ip_vs.ko.xz", "ip_vs_rr.ko", "ip_vs_mh.ko.zst", "ip_vs_ftp.ko", "ip_vs_pe_sip.ko.gz"):
        (folder / name).touch()
    (release / "modules.builtin").write_text("kernel/net/netfilter/ipvs/ip_vs_wlc.ko\nkernel/net/ipv4/ipip.ko\n")
    (tmp_path / "sys/module/ip_vs_custom").mkdir(parents=True)
    return tmp_path


def test_names_of_files_builtins_and_loaded_modules(host):
    modules = KernelModules(str(host))
    assert modules.schedulers() == ["custom", "mh", "rr", "wlc"]
    assert modules.engines() == ["sip"]


def test_all_are_known_where_depmod_has_listed_them(host):
    modules = KernelModules(str(host))
    assert not modules.all_known()
    listing = host / "lib/modules" / os.uname().release / "modules.dep"
    listing.write_text("updates/dkms/ip_vs_foo.ko.xz: kernel/net/netfilter/ipvs/ip_vs.ko\nkernel/net/ipv4/ipip.ko:\n")
    assert modules.all_known()
    assert modules.schedulers() == ["custom", "foo", "mh", "rr", "wlc"]


def test_a_host_without_modules(tmp_path):
    assert KernelModules(str(tmp_path)).schedulers() == []


def test_presence_is_read_from_proc(tmp_path):
    modules = KernelModules(str(tmp_path))
    assert not modules.ip_vs_present()
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/ip_vs").touch()
    assert modules.ip_vs_present()


@pytest.fixture
def modprobe(tmp_path, monkeypatch):
    program = tmp_path / "modprobe"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return str(program)


def test_loading(modprobe):
    calls = []

    def run(argv):
        calls.append(argv)
        return 0, ""

    KernelModules(run=run).load_ip_vs()
    assert calls == [[modprobe, "ip_vs"]]


@pytest.mark.usefixtures("modprobe")
def test_loading_fails():
    with pytest.raises(ModuleMissingError) as missing:
        KernelModules(run=lambda argv: (1, "FATAL: Module ip_vs not found")).load_ip_vs()
    assert str(missing.value) == (
        "the kernel module ip_vs is not loaded: modprobe ip_vs failed (FATAL: Module ip_vs not found);"
        " install the kernel's modules, or load it by hand"
    )
