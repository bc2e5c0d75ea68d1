# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages on hosts in every condition: bare, half done, of another family."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.lvs.cluster.plugins.action import packages

DEBIAN = {"ansible_facts": {"os_family": "Debian"}}
UNKNOWN = {"failed": True, "msg": "No package matching 'ipvsadm' is available"}
HALF_DONE = {"failed": True, "msg": "E: dpkg was interrupted, you must manually run 'dpkg --configure -a'"}


class Task(SimpleNamespace):
    def copy(self):
        return Task(**vars(self))


class OtherAction:
    """The action plugin that ansible.builtin.package is."""

    def __init__(self, asked):
        self.asked = asked

    def get(self, name, task, **_more):
        self.asked.append((name, task.args))
        return SimpleNamespace(run=lambda task_vars: {"changed": True})


def run(names, answers=(), facts=None, check_mode=False):
    """What the action returns, and the modules that it had run."""
    asked = []
    left = iter(answers)
    task = Task(args={"name": names}, check_mode=check_mode, async_val=0, action="lvs.cluster.packages", diff=False)
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="/tmp/ansible"))
    action = packages.ActionModule(task, connection, SimpleNamespace(), None, None, None)

    def execute(module_name, module_args, task_vars):
        asked.append((module_name, module_args.get("name") or module_args["argv"][2:]))
        return {"rc": 0} if module_name.endswith("command") else next(left)

    action._execute_module = execute
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packages, "action_loader", OtherAction(asked))
        return action.run(task_vars=DEBIAN if facts is None else facts), asked


APT = ("ansible.builtin.apt", ["ipvsadm"])
MEND = ("ansible.builtin.command", ["dpkg", "--configure", "-a"])


def test_apt_is_asked_once():
    result, asked = run(["ipvsadm"], [{"changed": True, "stdout": "done"}])
    assert (result["changed"], asked) == (True, [APT])


def test_without_packages_nothing_is_asked():
    result, asked = run([])
    assert (result["changed"], asked) == (False, [])


def test_what_a_killed_run_left_half_done_is_finished_first():
    result, asked = run(["ipvsadm"], [HALF_DONE, {"changed": True}])
    assert not result.get("failed")
    assert asked == [APT, MEND, APT]


def test_a_failure_that_stays_is_reported():
    result, asked = run(["ipvsadm"], [UNKNOWN, UNKNOWN])
    assert (result["failed"], result["msg"]) == (True, UNKNOWN["msg"])
    assert asked == [APT, MEND, APT]


def test_a_check_on_a_bare_host_predicts_the_change():
    result, asked = run(["ipvsadm"], [UNKNOWN], check_mode=True)
    assert result["changed"]
    assert not result.get("failed")
    assert asked == [APT]


def test_a_check_hides_no_other_failure_and_mends_nothing():
    result, asked = run(["ipvsadm"], [HALF_DONE], check_mode=True)
    assert result["failed"]
    assert asked == [APT]


def test_another_family_has_its_own_package_manager():
    result, asked = run(["ipvsadm"], facts={"ansible_facts": {"os_family": "RedHat"}})
    assert (result["changed"], asked) == (True, [("ansible.builtin.package", {"name": ["ipvsadm"]})])


def test_an_unknown_family_is_an_error():
    with pytest.raises(AnsibleActionFail, match="gather the facts"):
        run(["ipvsadm"], facts={})
