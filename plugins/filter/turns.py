# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `turns`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.upkeep import turns

DOCUMENTATION = r"""
name: turns
short_description: Order real servers for work on one after the other
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Puts those first that no director sends new connections to. Once they are back, the others are not the last ones.
extends_documentation_fragment:
  - lvs.cluster.services
positional: hosts, tables
options:
  hosts:
    description: The real servers, by their names in the inventory.
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

- name: Show whose turn is when
  ansible.builtin.debug:
    msg: "{{ services | lvs.cluster.turns(['web1', 'web2'], {inventory_hostname: found.services}) }}"
  vars:
    services: "{{ lvs_services | lvs.cluster.services(groups, hostvars, lvs_mode) }}"
"""

RETURN = r"""
_value:
  description: The same hosts in order.
  type: list
  elements: str
  sample: [web2, web1]
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"turns": turns}
