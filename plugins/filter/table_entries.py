# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `table_entries`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.upkeep import table_entries

DOCUMENTATION = r"""
name: table_entries
short_description: Find hosts in the directors' tables
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Lists each place that real servers have in a director's table. A host has one for each service and port.
extends_documentation_fragment:
  - lvs.cluster.services
positional: hosts
options:
  hosts:
    description: The real servers, by their names in the inventory.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show where web1 is
  ansible.builtin.debug:
    msg: "{{ lvs_services | lvs.cluster.services(groups, hostvars, lvs_mode) | lvs.cluster.table_entries(['web1']) }}"
"""

RETURN = r"""
_value:
  description:
    - The places. C(at) is the service as people name it, and C(key) as options of M(lvs.cluster.ipvs_realserver); C(entry) is the
      real server as the director's declaration names it.
    - C(real_server) has the fields that the inventory declares; those with the kernel's default are left out.
    - C(ports) are those on the real server.
  type: list
  elements: dict
  sample:
    - host: web1
      service: web
      at: tcp 10.0.0.129:80
      entry: tcp 10.0.0.129:80 > 192.168.239.148:80
      key: {protocol: tcp, service_address: 10.0.0.129, service_port: 80}
      real_server: {address: 192.168.239.148, port: 80, forward: masquerade, weight: 1}
      ports: [80]
      protocol: tcp
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"table_entries": table_entries}
