# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The argument spec, the documentation and the examples of ipvs_service say the same."""

from __future__ import annotations

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lvs.cluster.plugins.doc_fragments.ipvs import ModuleDocFragment
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.params import SERVICE_SPEC, service_intent
from ansible_collections.lvs.cluster.plugins.modules import ipvs_service

DOCUMENTED = {
    **yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"],
    **yaml.safe_load(ModuleDocFragment.BACKEND)["options"],
    **yaml.safe_load(ipvs_service.DOCUMENTATION)["options"],
}
TASKS = [task for task in yaml.safe_load(ipvs_service.EXAMPLES) if "lvs.cluster.ipvs_service" in task]


def test_options():
    assert sorted(DOCUMENTED) == sorted(SERVICE_SPEC)


@pytest.mark.parametrize("option", sorted(SERVICE_SPEC))
@pytest.mark.parametrize("aspect", ["type", "elements", "choices", "default", "required"])
def test_option(option, aspect):
    assert DOCUMENTED[option].get(aspect) == SERVICE_SPEC[option].get(aspect)


@pytest.mark.parametrize("task", TASKS, ids=[task["name"] for task in TASKS])
def test_examples_are_accepted(task):
    result = ArgumentSpecValidator(SERVICE_SPEC).validate(task["lvs.cluster.ipvs_service"])
    assert result.error_messages == []
    service_intent(result.validated_parameters)
