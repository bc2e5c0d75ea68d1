# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of draining."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.drain import DrainPolicy
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.drain_params import DRAIN_SPEC, drain_policy
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import InvalidOptionError

DEFAULTS = {name: option["default"] for name, option in DRAIN_SPEC.items()}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, DrainPolicy(True, 300, "leave", "report")),
        ({"drain_connections": "active"}, DrainPolicy(False, 300)),
        ({"drain_timeout": 0}, DrainPolicy(timeout=0)),
        ({"drain_timeout": 86400}, DrainPolicy(timeout=86400)),
        ({"drain_then": "remove", "drain_on_timeout": "remove"}, DrainPolicy(True, 300, "remove", "remove")),
        ({"drain_then": "remove", "drain_on_timeout": "fail"}, DrainPolicy(True, 300, "remove", "fail")),
    ],
)
def test_policy(given, expected):
    assert drain_policy({**DEFAULTS, **given}) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"drain_timeout": -1}, "drain_timeout: -1 is out of range: use 0..86400 seconds (a day); 0 means not to wait"),
        ({"drain_timeout": 86401}, "drain_timeout: 86401 is out of range: use 0..86400 seconds (a day); 0 means not to wait"),
        (
            {"drain_on_timeout": "remove"},
            "drain_on_timeout: remove contradicts drain_then=leave: set drain_then to remove, too, or use report or fail",
        ),
    ],
)
def test_refusals(given, message):
    with pytest.raises(InvalidOptionError) as refused:
        drain_policy({**DEFAULTS, **given})
    assert str(refused.value) == message
