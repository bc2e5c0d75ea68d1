# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `serving`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.upkeep import serving

DOCUMENTATION = r"""
name: serving
short_description: Find the real servers that get new connections
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Looks at what the directors' kernels hold. A real server that any of them sends new connections to serves.
extends_documentation_fragment:
  - lvs.cluster.services
positional: tables
options:
  tables:
    description: For each director, by its name, the C(services) that M(lvs.cluster.ipvs_info) returned there.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Read the table
  lvs.cluster.ipvs_info:
  register: found

- name: Show who serves
  ansible.builtin.debug:
    msg: "{{ services | lvs.cluster.serving({inventory_hostname: found.services}) }}"
  vars:
    services: "{{ lvs_services | lvs.cluster.services(groups, hostvars, lvs_mode) }}"
"""

RETURN = r"""
_value:
  description: The real servers, by their names in the inventory.
  type: list
  elements: str
  sample: [web1, web2]
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"serving": serving}
