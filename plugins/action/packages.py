# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have packages of the distribution: by ansible.builtin.apt where there is apt, and by ansible.builtin.package elsewhere."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import action_loader

# How old the package lists may be, in seconds.
FRESH = 86400


class ActionModule(ActionBase):
    """What the two modules return, unchanged."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec({"name": {"type": "list", "elements": "str", "required": True}})
        names = arguments["name"]
        if not names:
            return {**result, "changed": False}
        family = (task_vars or {}).get("ansible_facts", {}).get("os_family")
        if not family:
            raise AnsibleActionFail("the host's os_family is not known: gather the facts of its distribution first")
        if family != "Debian":
            return {**result, **self._package(names, task_vars)}
        found = self._apt(names, task_vars)
        if found.get("failed") and not self._task.check_mode:
            # A run that was killed while it installed leaves dpkg half done, and apt then refuses to do anything.
            self._execute_module(
                module_name="ansible.builtin.command",
                module_args={"argv": ["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--configure", "-a"]},
                task_vars=task_vars,
            )
            found = self._apt(names, task_vars)
        elif found.get("failed") and "No package matching" in str(found.get("msg")):
            # A check does not refresh the package lists, so those of a bare host may not know the package: a change to come, no failure.
            found = {"changed": True, "msg": f"{', '.join(names)}: to be installed once the package lists are there"}
        return {**result, **found}

    def _apt(self, names: list[str], task_vars: Any) -> dict[str, Any]:
        options = {"name": names, "install_recommends": False, "update_cache": True, "cache_valid_time": FRESH}
        return self._execute_module(module_name="ansible.builtin.apt", module_args=options, task_vars=task_vars)

    def _package(self, names: list[str], task_vars: Any) -> dict[str, Any]:
        task = self._task.copy()
        task.args = {"name": names}
        action = action_loader.get(
            "ansible.builtin.package",
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=None,
        )
        return action.run(task_vars=task_vars)
