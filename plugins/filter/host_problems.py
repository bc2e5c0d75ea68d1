# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `host_problems`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils.host_names import host_problems

DOCUMENTATION = r"""
name: host_problems
short_description: Say what is wrong with entries for /etc/hosts
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Looks for addresses and names that are none, and for a name that two addresses of one family claim.
options:
  _input:
    description: Entries with C(address) and C(names), C(baseline_hosts) of the role P(lvs.cluster.baseline#role).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Stop if the names of hosts are not right
  ansible.builtin.assert:
    that: baseline_hosts | lvs.cluster.host_problems | length == 0
"""

RETURN = r"""
_value:
  description: A sentence for each problem, with its place and the remedy. Empty if all is well.
  type: list
  elements: str
  sample: []
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"host_problems": host_problems}
