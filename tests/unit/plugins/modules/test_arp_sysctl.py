# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""arp_sysctl says the same in its argument spec, documentation and examples, and does it on a folder that stands for a host."""

from __future__ import annotations

import functools
import json

import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.text.converters import to_bytes
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.arp import ARP_SPEC, arp_intent
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.host import Sysctls
from ansible_collections.lvs.cluster.plugins.modules import arp_sysctl

DOCUMENTED = yaml.safe_load(arp_sysctl.DOCUMENTATION)["options"]
RETURNED = yaml.safe_load(arp_sysctl.RETURN)
TASKS = yaml.safe_load(arp_sysctl.EXAMPLES)
FILE = "etc/sysctl.d/60-lvs-arp.conf"
RECORD = "var/lib/lvs/sysctl/etc/sysctl.d/60-lvs-arp.conf.json"
HOST = ("all", "default", "eth0", "eth0.100", "lo")


@pytest.fixture
def root(tmp_path, monkeypatch):
    for interface in HOST:
        for name in ("arp_ignore", "arp_announce"):
            write(tmp_path, f"proc/sys/net/ipv4/conf/{interface}/{name}", "0\n")
    (tmp_path / "etc/sysctl.d").mkdir(parents=True)
    (tmp_path / "var/lib/lvs").mkdir(parents=True)
    monkeypatch.setattr(arp_sysctl, "Sysctls", functools.partial(Sysctls, root=str(tmp_path)))
    return tmp_path


@pytest.fixture
def run(root, monkeypatch, capsys):
    warnings = []
    # Where the controller's code is loaded, too, Ansible prints warnings and does not return them.
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _module, text: warnings.append(text))

    def task(check=False, **options):
        warnings.clear()
        arguments = {**options, "_ansible_check_mode": check, "_ansible_remote_tmp": str(root)}
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", to_bytes(json.dumps({"ANSIBLE_MODULE_ARGS": arguments})))
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        with pytest.raises(SystemExit):
            arp_sysctl.main()
        return {**json.loads(capsys.readouterr().out), "warnings": list(warnings)}

    return task


def write(root, path, text):
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def conf(root, interface, name="arp_ignore"):
    return (root / "proc/sys/net/ipv4/conf" / interface / name).read_text().strip()


def tree(root):
    return {
        str(path.relative_to(root)): (path.read_text() if path.is_file() else "", path.stat().st_mode, path.stat().st_mtime_ns)
        for path in root.rglob("*")
    }


def contents(root):
    return {path: text.strip() for path, (text, _mode, _time) in tree(root).items()}


def test_options():
    assert sorted(DOCUMENTED) == sorted(ARP_SPEC)


@pytest.mark.parametrize("option", sorted(ARP_SPEC))
@pytest.mark.parametrize("aspect", ["type", "elements", "choices", "default", "required"])
def test_option(option, aspect):
    assert DOCUMENTED[option].get(aspect) == ARP_SPEC[option].get(aspect)


@pytest.mark.parametrize("task", TASKS, ids=[task["name"] for task in TASKS])
def test_examples_are_accepted(task):
    result = ArgumentSpecValidator(ARP_SPEC).validate(task["lvs.cluster.arp_sysctl"] or {})
    assert result.error_messages == []
    arp_intent(result.validated_parameters).goal(["eth0", "lo"])


@pytest.mark.parametrize("task", TASKS, ids=[task["name"] for task in TASKS])
def test_examples_run(run, task):
    result = run(**(task["lvs.cluster.arp_sysctl"] or {}))
    assert not result.get("failed")
    assert set(RETURNED) <= set(result)


def test_a_real_server(root, run):
    result = run(interfaces=["all", "eth0.100"])
    assert result["changed"]
    assert [conf(root, interface) for interface in HOST] == ["1", "0", "0", "1", "0"]
    assert [conf(root, interface, "arp_announce") for interface in HOST] == ["2", "0", "0", "2", "0"]
    assert (root / FILE).read_text().splitlines()[-4:] == [
        "net.ipv4.conf.all.arp_announce = 2",
        "net.ipv4.conf.all.arp_ignore = 1",
        "net/ipv4/conf/eth0.100/arp_announce = 2",
        "net/ipv4/conf/eth0.100/arp_ignore = 1",
    ]
    assert result["effective"]["eth0"] == {"arp_announce": 2, "arp_ignore": 1}
    assert result["prior"]["net/ipv4/conf/eth0.100/arp_ignore"] == 0
    assert [operation["target"] for operation in result["operations"]] == ["record", *["runtime"] * 4, "file"]
    assert result["warnings"] == []


def test_the_diff(run):
    diff = run()["diff"]
    quiet, loud = {"arp_announce": 2, "arp_ignore": 1}, {"arp_announce": 0, "arp_ignore": 0}
    assert diff["before"] == {
        "effective": {"eth0": loud, "eth0.100": loud, "lo": loud},
        "runtime": {"all": loud, "eth0": loud, "eth0.100": loud, "lo": loud},
        "file": None,
        "prior": {},
    }
    assert diff["after"] == {
        "effective": {"eth0": quiet, "eth0.100": quiet, "lo": quiet},
        "runtime": {"all": quiet, "eth0": loud, "eth0.100": loud, "lo": loud},
        "file": {"net.ipv4.conf.all.arp_announce": 2, "net.ipv4.conf.all.arp_ignore": 1},
        "prior": {"net.ipv4.conf.all.arp_announce": 0, "net.ipv4.conf.all.arp_ignore": 0},
    }


SEQUENCE = [
    {},
    {"interfaces": ["all", "eth0"]},
    {"interfaces": ["eth0"], "arp_ignore": 2},
    {"interfaces": ["eth0", "lo"], "persistent": False},
    {"interfaces": ["all"], "runtime": False},
    {"state": "absent", "persistent": False},
    {"state": "absent"},
]


def test_check_mode_writes_nothing_and_says_what_the_run_does(root, run):
    for options in SEQUENCE:
        before = tree(root)
        predicted = run(check=True, **options)
        assert tree(root) == before
        real = run(**options)
        assert predicted == real
        assert real["changed"]
        assert run(**options)["changed"] is False
        assert run(check=True, **options)["changed"] is False


def test_absent_gives_back_what_stood_before(root, run):
    write(root, "proc/sys/net/ipv4/conf/eth0/arp_ignore", "99\n")
    before = contents(root)
    for options in SEQUENCE[:-2]:
        run(**options)
    assert contents(root) != before
    run(state="absent")
    assert contents(root) == before


def test_an_interface_that_leaves_gets_its_value_back(root, run):
    write(root, "proc/sys/net/ipv4/conf/eth0/arp_ignore", "3\n")
    run(interfaces=["all", "eth0"])
    assert conf(root, "eth0") == "1"
    run(interfaces=["all"])
    assert conf(root, "eth0") == "3"
    assert "eth0" not in (root / RECORD).read_text()


def test_an_interface_that_vanished_is_skipped(root, run):
    run(interfaces=["all", "eth0.100"])
    for name in ("arp_ignore", "arp_announce"):
        (root / "proc/sys/net/ipv4/conf/eth0.100" / name).unlink()
    (root / "proc/sys/net/ipv4/conf/eth0.100").rmdir()
    assert run(state="absent")["changed"]
    assert conf(root, "all") == "0"
    assert not (root / RECORD).exists()


def test_drift_is_repaired(root, run):
    run()
    write(root, "proc/sys/net/ipv4/conf/all/arp_ignore", "99\n")
    result = run()
    assert result["changed"]
    assert result["diff"]["before"]["runtime"]["all"]["arp_ignore"] == 99
    assert result["diff"]["before"]["effective"]["lo"]["arp_ignore"] == 99
    assert result["prior"]["net.ipv4.conf.all.arp_ignore"] == 0
    write(root, FILE, "net.ipv4.conf.all.arp_ignore = 0\n")
    result = run()
    assert result["changed"]
    assert [operation["target"] for operation in result["operations"]] == ["file"]


def test_foreign_content_is_replaced_and_shown(root, run):
    write(root, FILE, "vm.swappiness = 1\n-net.ipv4.conf.eth0.arp_ignore\n")
    result = run()
    assert result["diff"]["before"]["file"] == {"net.ipv4.conf.eth0.arp_ignore": None, "vm.swappiness": 1}
    assert "swappiness" not in (root / FILE).read_text()


def test_a_comment_is_no_difference(root, run):
    run()
    write(root, FILE, "# mine\n" + (root / FILE).read_text().replace("conf.all.", "conf/all/").replace("net.ipv4.", "net/ipv4/"))
    assert run()["changed"] is False


def test_an_unknown_interface_is_refused_before_anything_is_written(root, run):
    before = tree(root)
    result = run(interfaces=["all", "eth9"])
    assert result["failed"]
    assert result["msg"].startswith("interfaces[1]: 'eth9' is no interface of this host: use some of all, eth0, eth0.100, lo")
    assert tree(root) == before


def test_values_that_the_kernel_would_accept_are_refused(run):
    assert "value of arp_ignore must be one of" in run(arp_ignore=99)["msg"]
    assert "value of arp_announce must be one of" in run(arp_announce=-1)["msg"]


def test_overrides_are_returned_and_warned_about(root, run):
    write(root, "etc/sysctl.d/99-local.conf", "\n\nnet.ipv4.conf.all.arp_ignore = 0\n")
    for result in (run(check=True), run()):
        assert result["overrides"] == [
            {
                "file": "/etc/sysctl.d/99-local.conf",
                "line": 3,
                "key": "net.ipv4.conf.all.arp_ignore",
                "value": 0,
                "wanted": 1,
                "systemd": True,
            }
        ]
        assert len(result["warnings"]) == 1
        assert result["warnings"][0].startswith(
            "/etc/sysctl.d/99-local.conf line 3 sets net.ipv4.conf.all.arp_ignore to 0 at boot"
        )
    assert run(state="absent")["overrides"] == []
