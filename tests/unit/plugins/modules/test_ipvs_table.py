# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The argument spec, the documentation and the examples of ipvs_table say the same."""

from __future__ import annotations

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lvs.cluster.plugins.doc_fragments.ipvs import ModuleDocFragment
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.params import TABLE_SPEC
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.report import OPERATIONS_SHOWN
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.table_intent import table_intent
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.table_params import REAL_SERVER_OPTIONS, SERVICE_OPTIONS
from ansible_collections.lvs.cluster.plugins.modules import ipvs_table

OPTIONS = yaml.safe_load(ipvs_table.DOCUMENTATION)["options"]
DOCUMENTED = {**yaml.safe_load(ModuleDocFragment.BACKEND)["options"], **OPTIONS}
TASKS = yaml.safe_load(ipvs_table.EXAMPLES)


def test_options():
    assert sorted(DOCUMENTED) == sorted(TABLE_SPEC)
    assert sorted(OPTIONS["scope"]["suboptions"]) == sorted(TABLE_SPEC["scope"]["options"])


@pytest.mark.parametrize("option", sorted(TABLE_SPEC))
@pytest.mark.parametrize("aspect", ["type", "elements", "choices", "default", "required"])
def test_option(option, aspect):
    assert DOCUMENTED[option].get(aspect) == TABLE_SPEC[option].get(aspect)


@pytest.mark.parametrize("option", sorted(TABLE_SPEC["scope"]["options"]))
@pytest.mark.parametrize("aspect", ["type", "elements", "choices", "default", "required"])
def test_option_of_scope(option, aspect):
    assert OPTIONS["scope"]["suboptions"][option].get(aspect) == TABLE_SPEC["scope"]["options"][option].get(aspect)


@pytest.mark.parametrize("key", sorted({*SERVICE_OPTIONS, *REAL_SERVER_OPTIONS}))
def test_every_key_of_a_service_is_documented(key):
    assert f"C({key})" in " ".join(OPTIONS["services"]["description"])


def test_how_many_operations_are_shown_is_documented():
    assert f"the first {OPERATIONS_SHOWN} of them" in " ".join(yaml.safe_load(ipvs_table.RETURN)["operations"]["description"])


@pytest.mark.parametrize("task", TASKS, ids=[task["name"] for task in TASKS])
def test_examples_are_accepted(task):
    result = ArgumentSpecValidator(TABLE_SPEC).validate(task["lvs.cluster.ipvs_table"])
    assert result.error_messages == []
    table_intent(result.validated_parameters)
