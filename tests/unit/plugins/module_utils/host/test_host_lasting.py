# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files, the ledger, and units."""

from __future__ import annotations

import errno
import os

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.host import files as files_module
from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import Done, HostError
from ansible_collections.lvs.cluster.plugins.module_utils.host.engine import Engine
from ansible_collections.lvs.cluster.plugins.module_utils.host.files import Files
from ansible_collections.lvs.cluster.plugins.module_utils.host.plan import Change, Owned
from ansible_collections.lvs.cluster.plugins.module_utils.host.record import Ledger
from ansible_collections.lvs.cluster.plugins.module_utils.host.units import DRAWN_IN, RUNNING, Units
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.host.fake_runner import FakeRunner

CONF, UNIT = "/etc/lvs-cluster/vip.json", "lvs-vip.service"
LASTING = {"sysctl": True, "address": False}
OWNED = {"sysctl": {"a": Owned("0", "1")}, "address": {"b": Owned(None, "present", "present")}}


@pytest.fixture
def root(tmp_path):
    boot(tmp_path, "first")
    (tmp_path / "etc").mkdir()
    return tmp_path


def boot(root, identity):
    folder = root / "proc/sys/kernel/random"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "boot_id").write_text(identity + "\n")


def contents(root):
    return {
        str(path.relative_to(root)): (oct(path.stat().st_mode), path.read_bytes() if path.is_file() else None)
        for path in root.rglob("*")
    }


class TestFiles:
    def test_a_file_is_its_mode_and_its_text(self, root):
        (root / "etc/own").write_bytes(b"one\r\ntwo \xff")
        (root / "etc/own").chmod(0o4750)
        assert Files(str(root)).read(["/etc/own", "/etc/none"]) == {"/etc/own": "4750\none\r\ntwo \udcff"}

    @pytest.mark.parametrize("umask", [0o000, 0o077])
    def test_what_is_written_is_read_back(self, root, umask):
        kind, before = Files(str(root)), os.umask(umask)
        try:
            for value in ("0644\nold\n", "0755\n", "0600\none\r\ntwo \udcff\n\n"):
                kind.apply([Change("file", CONF, None, value)])
                assert kind.read([CONF]) == {CONF: value}
        finally:
            os.umask(before)
        assert os.listdir(root / "etc/lvs-cluster") == ["vip.json"]

    @pytest.mark.parametrize("call", ["fchmod", "fsync", "replace"])
    def test_what_was_there_stays_until_the_new_file_is_complete(self, root, monkeypatch, call):
        kind = Files(str(root))
        kind.apply([Change("file", CONF, None, "0644\nold\n")])

        def full(*_arguments):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(files_module.os, call, full)
        with pytest.raises(HostError, match=r"cannot write .*vip\.json: No space left on device"):
            kind.apply([Change("file", CONF, "0644\nold\n", "0644\nnew\n")])
        monkeypatch.undo()
        assert kind.read([CONF]) == {CONF: "0644\nold\n"}

    def test_what_cannot_be_read_is_a_sentence(self, root):
        with pytest.raises(HostError, match=r"cannot read .*/etc: Is a directory"):
            Files(str(root)).read(["/etc"])

    def test_taking_up_and_giving_back_leaves_nothing(self, root):
        (root / "etc/foreign").write_text("theirs")
        (root / "etc/foreign").chmod(0o640)
        before = contents(root)
        engine = Engine([Files(str(root))], Ledger("vip-files", str(root)))
        engine.bring({"file": {CONF: "0644\nx", "/etc/foreign": "0600\nours", "/usr/local/lib/lvs-cluster/a/b.py": "0644\n"}})
        assert (root / "etc/foreign").read_text() == "ours"
        engine.bring({})
        gone = {path: content for path, content in contents(root).items() if not path.startswith(("usr", "var"))}
        assert gone == before
        # Folders that anybody may have made stay; those with our name do not.
        assert sorted(str(path.relative_to(root)) for path in root.rglob("*") if "lvs" in path.name) == []

    def test_folders_with_something_else_in_them_stay(self, root):
        kind = Files(str(root))
        kind.apply([Change("file", CONF, None, "0644\nx")])
        (root / "etc/lvs-cluster/mine").write_text("mine")
        kind.apply([Change("file", CONF, "0644\nx", None)])
        assert os.listdir(root / "etc/lvs-cluster") == ["mine"]

    def test_folders_of_others_stay_even_if_they_are_empty(self, root):
        kind = Files(str(root))
        kind.apply([Change("file", "/etc/sysctl.d/60-lvs-vip.conf", None, "0644\nx")])
        kind.apply([Change("file", "/etc/sysctl.d/60-lvs-vip.conf", "0644\nx", None)])
        assert (root / "etc/sysctl.d").is_dir()


class TestLedger:
    def test_nothing_is_known_at_first(self, root):
        assert Ledger("vip", str(root)).load(LASTING) == {}

    def test_what_is_saved_is_loaded(self, root):
        Ledger("vip", str(root)).save(OWNED)
        assert Ledger("vip", str(root)).load(LASTING) == OWNED
        assert Ledger("other", str(root)).load(LASTING) == {}

    def test_the_same_again_is_not_written(self, root, monkeypatch):
        Ledger("vip", str(root)).save(OWNED)
        monkeypatch.setattr(files_module.os, "replace", None)
        Ledger("vip", str(root)).save(OWNED)

    def test_only_root_may_read_it(self, root):
        Ledger("vip", str(root)).save(OWNED)
        assert (root / "var/lib/lvs-cluster/vip.json").stat().st_mode & 0o7777 == 0o600

    def test_another_boot_forgets_what_it_took_away(self, root):
        Ledger("vip", str(root)).save(OWNED)
        boot(root, "second")
        assert Ledger("vip", str(root)).load(LASTING) == {"sysctl": OWNED["sysctl"]}

    def test_an_empty_record_leaves_no_file(self, root):
        before = contents(root)
        ledger = Ledger("vip", str(root))
        ledger.save({})
        assert contents(root) == before
        ledger.save(OWNED)
        ledger.save({"sysctl": {}})
        assert not (root / "var/lib/lvs-cluster").exists()

    def test_adopting_keeps_the_rest(self, root):
        ledger = Ledger("vip", str(root))
        ledger.save(OWNED)
        ledger.adopt("sysctl", "c", Owned("7", "8"))
        assert ledger.load(LASTING) == {**OWNED, "sysctl": {"a": Owned("0", "1"), "c": Owned("7", "8")}}

    def test_adopting_needs_no_record(self, root):
        ledger = Ledger("vip", str(root))
        ledger.adopt("sysctl", "c", Owned("7", "8"))
        assert ledger.load(LASTING) == {"sysctl": {"c": Owned("7", "8")}}

    def test_adopting_after_a_reboot_brings_nothing_back(self, root):
        ledger = Ledger("vip", str(root))
        ledger.save(OWNED)
        boot(root, "second")
        ledger.adopt("sysctl", "c", Owned("7", "8"))
        assert ledger.load({"sysctl": True, "address": True}) == {"sysctl": {"a": Owned("0", "1"), "c": Owned("7", "8")}}

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", "{}", '{"boot": "first", "kinds": []}', '{"boot": "first", "kinds": {"a": {"b": {}}}}']
    )
    def test_a_damaged_record_is_a_sentence(self, root, text):
        file = root / "var/lib/lvs-cluster/vip.json"
        file.parent.mkdir(parents=True)
        file.write_text(text)
        with pytest.raises(HostError, match=r"vip\.json is damaged .*: remove it, and know that"):
            Ledger("vip", str(root)).load(LASTING)


SHOW = f"systemctl show --property=LoadState,UnitFileState,ActiveState {UNIT}"


def shown(load, file, active):
    return FakeRunner({SHOW: f"LoadState={load}\nActiveState={active}\nUnitFileState={file}\n"})


class TestUnits:
    @pytest.mark.parametrize(
        ("load", "file", "active", "found"),
        [
            ("loaded", "enabled", "active", {UNIT: RUNNING}),
            ("loaded", "enabled", "failed", {UNIT: "enabled, failed"}),
            ("loaded", "disabled", "active", {UNIT: "disabled, active"}),
            ("loaded", "enabled", "inactive", {UNIT: "enabled, inactive"}),
            ("loaded", "static", "active", {UNIT: "static, active"}),
            # Neither runs nor will.
            ("loaded", "disabled", "inactive", {}),
            ("loaded", "disabled", "failed", {}),
            ("loaded", "static", "inactive", {}),
            ("not-found", "", "inactive", {}),
            ("masked", "masked", "inactive", {}),
        ],
    )
    def test_units_are_read(self, load, file, active, found):
        assert Units(shown(load, file, active)).read([UNIT]) == found

    @pytest.mark.parametrize(
        ("before", "after", "commands"),
        [
            (None, RUNNING, [f"enable --no-reload {UNIT}", "daemon-reload", f"start {UNIT}"]),
            (None, DRAWN_IN, ["daemon-reload", f"start {UNIT}"]),
            (RUNNING, None, [f"disable --no-reload --now {UNIT}", "daemon-reload"]),
        ],
    )
    def test_units_are_enabled_and_disabled(self, before, after, commands):
        runner = FakeRunner()
        Units(runner).apply([Change("unit", UNIT, before, after)])
        assert runner.asked == [f"systemctl {command}" for command in commands]

    def test_systemd_reads_its_files_once(self):
        runner = FakeRunner()
        Units(runner).apply([Change("unit", f"{name}.service", None, RUNNING) for name in ("one", "two", "three")])
        assert runner.asked.count("systemctl daemon-reload") == 1

    def test_a_unit_that_does_not_start_is_a_sentence(self):
        runner = FakeRunner({f"systemctl start {UNIT}": Done(1, "", f"Job for {UNIT} failed")})
        with pytest.raises(HostError, match=f"systemctl start {UNIT}: Job for {UNIT} failed"):
            Units(runner).apply([Change("unit", UNIT, None, RUNNING)])
