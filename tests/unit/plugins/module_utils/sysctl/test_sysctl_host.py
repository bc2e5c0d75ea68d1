# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading and writing a host, on a folder that stands for it."""

from __future__ import annotations

import errno
import os

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.errors import (
    FileError,
    NotAppliedError,
    NotOursError,
    RecordError,
    RefusedError,
)
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.executor import carry_out
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.host import Sysctls
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.model import Goal, State
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.plan import SetFile, SetRecord, SetValue, make_plan

KEY = "net/ipv4/conf/eth0.100/rp_filter"
FILE = "/etc/sysctl.d/60-own.conf"
RECORD = "/var/lib/lvs/sysctl/etc/sysctl.d/60-own.conf.json"


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "proc/sys" / KEY
    folder.parent.mkdir(parents=True)
    folder.write_text("0\n")
    return tmp_path


@pytest.fixture
def sysctls(root):
    return Sysctls(FILE, ("Ours.",), str(root))


def put(root, path, text):
    target = root / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    return target


def tree(root):
    return {path.relative_to(root): path.read_text() for path in root.rglob("*") if path.is_file()}


def test_a_bare_host(sysctls):
    assert sysctls.read([KEY, "net/ipv4/none"]) == State({KEY: "0"})


def test_what_is_written_is_read_back(root, sysctls):
    for action in (SetRecord({}, {KEY: "0"}), SetValue(KEY, "0", "2"), SetFile(None, {KEY: "2"})):
        sysctls.execute(action)
    assert sysctls.read([]) == State({KEY: "2"}, {KEY: "2"}, {KEY: "0"})
    assert (root / FILE[1:]).read_text() == "# Ours.\nnet/ipv4/conf/eth0.100/rp_filter = 2\n"
    assert (root / FILE[1:]).stat().st_mode & 0o777 == 0o644
    assert (root / RECORD[1:]).stat().st_mode & 0o777 == 0o600
    assert {path.name for path in (root / "etc/sysctl.d").iterdir()} == {"60-own.conf"}


def test_what_is_removed_leaves_nothing(root, sysctls):
    before = tree(root)
    for action in (SetRecord({}, {KEY: "0"}), SetFile(None, {}), SetFile({}, None), SetRecord({KEY: "0"}, {})):
        sysctls.execute(action)
    assert tree(root) == before
    assert not (root / "var/lib/lvs/sysctl").exists()


def test_other_records_stay(root, sysctls):
    other = put(root, "/var/lib/lvs/sysctl/etc/sysctl.d/70-other.conf.json", "{}")
    for action in (SetRecord({}, {KEY: "0"}), SetRecord({KEY: "0"}, {})):
        sysctls.execute(action)
    assert other.exists()


def test_removing_twice_is_no_error(sysctls):
    sysctls.execute(SetFile({}, None))
    sysctls.execute(SetRecord({KEY: "0"}, {}))


def test_a_failed_write_leaves_the_old_file(root, sysctls, monkeypatch):
    put(root, FILE, "net.x = 1\n")
    monkeypatch.setattr(os, "replace", raiser(errno.ENOSPC))
    before = tree(root)
    with pytest.raises(FileError) as caught:
        sysctls.execute(SetFile({}, {KEY: "2"}))
    assert str(caught.value) == f"{FILE}: write it: the file system is full: make room and run the task again"
    assert tree(root) == before


def test_a_write_creates_no_setting(root, sysctls):
    with pytest.raises(RefusedError):
        sysctls.execute(SetValue("net/ipv4/none", "0", "1"))
    assert not (root / "proc/sys/net/ipv4/none").exists()


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (
            errno.EACCES,
            "permission denied: this needs root, so run it with become: true; in a container it needs a privileged one",
        ),
        (errno.EPERM, "permission denied: this needs root and CAP_NET_ADMIN for the host's network, so run it with become: true"),
        (
            errno.EROFS,
            "/proc/sys is read-only, as it is in a container: set it from the container's host (such as docker run --sysctl),"
            " or run the container privileged",
        ),
        (errno.ENOENT, "it is not there any more; if its interface was removed meanwhile, run the task again"),
        (errno.EINVAL, "the kernel calls the value invalid"),
        (errno.EIO, "the kernel could not take the value"),
        (errno.ENOMEM, "Cannot allocate memory (ENOMEM)"),
    ],
)
def test_the_kernel_refuses(sysctls, monkeypatch, number, text):
    monkeypatch.setattr(os, "open", raiser(number))
    with pytest.raises(RefusedError) as caught:
        sysctls.execute(SetValue(KEY, "0", "1"))
    assert str(caught.value) == f"net/ipv4/conf/eth0.100/rp_filter: set it to 1: {text}"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.EACCES, "permission denied: this needs root, so run it with become: true"),
        (errno.EPERM, "not permitted: the file may be immutable (lsattr), or the task needs become: true"),
        (errno.EROFS, "the file system is read-only: remount it, or choose another place"),
        (errno.EDQUOT, "Disk quota exceeded (EDQUOT)"),
    ],
)
def test_the_file_system_refuses(sysctls, monkeypatch, number, text):
    monkeypatch.setattr(os, "makedirs", raiser(number))
    with pytest.raises(FileError) as caught:
        sysctls.execute(SetRecord({}, {KEY: "0"}))
    assert str(caught.value) == f"{RECORD}: write it: {text}"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"prior": []}', '{"prior": {"a": 1}}', '{"prior": {"../../etc/passwd": "1"}}', "{}"]
)
def test_a_damaged_record(root, sysctls, text):
    put(root, RECORD, text)
    with pytest.raises(
        RecordError, match=r"60-own\.conf\.json: the record .* is damaged .*: restore it from a backup, or delete it"
    ):
        sysctls.read([])


def test_a_link_is_not_replaced(root, sysctls):
    put(root, "/etc/sysctl.d/x", "").with_name("60-own.conf").symlink_to("/dev/null")
    with pytest.raises(NotOursError) as caught:
        sysctls.read([])
    assert (
        str(caught.value) == f"{FILE}: it is a link to /dev/null, put there on purpose: remove the link, or choose another file"
    )


def test_a_folder_is_not_replaced(root, sysctls):
    (root / FILE[1:]).mkdir(parents=True)
    with pytest.raises(NotOursError, match="it is there and not a regular file"):
        sysctls.read([])


def test_the_files_that_boot_looks_at(root, sysctls):
    put(root, "/etc/sysctl.conf", "a.b = 1\n")
    put(root, "/etc/sysctl.d/README", "")
    (root / "etc/sysctl.d/99-sysctl.conf").symlink_to("../sysctl.conf")
    (root / "etc/sysctl.d/hidden.conf").symlink_to("nowhere")
    (root / "etc/sysctl.d/folder.conf").mkdir()
    put(root, "/usr/lib/sysctl.d/50.conf", "c.d = 1\n")
    (root / "lib").symlink_to("usr/lib")
    assert [(file.path, file.text) for file in sysctls.config_files()] == [
        ("/etc/sysctl.d/99-sysctl.conf", "a.b = 1\n"),
        ("/etc/sysctl.d/hidden.conf", ""),
        ("/usr/lib/sysctl.d/50.conf", "c.d = 1\n"),
        ("/etc/sysctl.conf", "a.b = 1\n"),
    ]


def test_a_host_without_settings(tmp_path):
    with pytest.raises(RefusedError, match="list the interfaces"):
        Sysctls(FILE, root=str(tmp_path)).interfaces()


def test_check_mode_writes_nothing(root, sysctls):
    before = tree(root)
    plan = make_plan(sysctls.read([KEY]), Goal(True, {KEY: "2"}))
    assert carry_out(plan, sysctls, check_mode=True) == plan.predicted
    assert tree(root) == before


def test_a_real_run_arrives_where_check_mode_said(sysctls):
    plan = make_plan(sysctls.read([KEY]), Goal(True, {KEY: "2"}))
    assert carry_out(plan, sysctls, check_mode=False) == plan.predicted
    assert sysctls.read([KEY]) == plan.predicted


class Forgetful(Sysctls):
    """A host on which something else undoes our changes."""

    undone = SetValue

    def execute(self, action):
        if not isinstance(action, self.undone):
            super().execute(action)


@pytest.mark.parametrize(
    ("undone", "text"),
    [
        (
            SetValue,
            "set net/ipv4/conf/eth0.100/rp_filter to 2: the kernel acknowledged it, and it is 0; something else manages it, too:"
            " look for what sets net/ipv4/conf/eth0.100/rp_filter, then run the task again",
        ),
        (SetFile, f"{FILE}: it was written, and reads otherwise; something else manages it, too: run the task again"),
        (SetRecord, f"{RECORD}: it was written, and reads otherwise; something else manages it, too: run the task again"),
    ],
)
def test_what_does_not_hold_is_told(root, undone, text):
    sysctls = Forgetful(FILE, root=str(root))
    sysctls.undone = undone
    plan = make_plan(sysctls.read([KEY]), Goal(True, {KEY: "2"}))
    with pytest.raises(NotAppliedError) as caught:
        carry_out(plan, sysctls, check_mode=False)
    assert str(caught.value) == text


def raiser(number):
    def fail(*_arguments, **_options):
        raise OSError(number, os.strerror(number))

    return fail
