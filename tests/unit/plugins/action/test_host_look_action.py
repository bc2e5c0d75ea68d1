# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A look has the controller's time before and after it, whatever became of it."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from ansible_collections.lvs.cluster.plugins.action import host_look


@pytest.mark.parametrize("answer", [{"look": {}}, {"failed": True, "msg": "no"}])
def test_the_look_lies_between_question_and_answer(answer):
    seen = []
    task = SimpleNamespace(args={}, check_mode=True, async_val=0, action="lvs.cluster.host_look", diff=False)
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="/tmp/ansible"))
    action = host_look.ActionModule(task, connection, SimpleNamespace(), None, None, None)
    action._execute_module = lambda task_vars: seen.append(time.time()) or answer
    result = action.run(task_vars={})
    assert result["asked"] <= seen[0] <= result["answered"]
    assert {**result, **answer} == result
