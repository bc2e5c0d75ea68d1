# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `left_without`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.upkeep import left_without

DOCUMENTATION = r"""
name: left_without
short_description: Say which services would be left without a real server
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Looks at what the directors' kernels hold, and says for which services the given hosts are all that gets new connections.
  - A host that gets none already takes nothing away when it leaves.
extends_documentation_fragment:
  - lvs.cluster.services
positional: hosts, tables
options:
  hosts:
    description: The real servers that are to leave, by their names in the inventory.
    type: list
    elements: str
    required: true
  tables:
    description: For each director, by its name, the C(services) that M(lvs.cluster.ipvs_info) returned there.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Read the table
  lvs.cluster.ipvs_info:
  register: found

- name: Refuse to take away the last one
  ansible.builtin.assert:
    that: "services | lvs.cluster.left_without(['web1'], {inventory_hostname: found.services}) | length == 0"
  vars:
    services: "{{ lvs_services | lvs.cluster.services(groups, hostvars, lvs_mode) }}"
"""

RETURN = r"""
_value:
  description: A sentence for each director and service. Empty if somebody goes on serving everywhere.
  type: list
  elements: str
  sample:
    - "director1: web1 is all that serves web (tcp 10.0.0.129:80): put another real server back first"
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"left_without": left_without}
