# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `services`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils import cluster

DOCUMENTATION = r"""
name: services
short_description: Make the IPVS table that the inventory describes
version_added: "0.1.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Turns the services of the inventory, with the hosts that are their real servers, into the table of virtual services that a
    director is to have.
  - The result is normalised and sorted, so equal descriptions give equal tables.
  - Fails, with one sentence for each, if the description has problems. See also P(lvs.cluster.problems#filter).
positional: groups, hostvars, mode
options:
  _input:
    description: The services, as C(lvs_services) of the inventory lists them.
    type: list
    elements: dict
    required: true
  groups:
    description: The inventory's groups, Ansible's variable C(groups).
    type: dict
    required: true
  hostvars:
    description: The variables of all hosts, Ansible's variable C(hostvars).
    type: dict
    required: true
  mode:
    description: The forwarding mode, as C(lvs_mode) of the inventory has it.
    type: str
    default: nat
requirements:
  - netaddr on the controller
"""

EXAMPLES = r"""
- name: Show the table
  ansible.builtin.debug:
    msg: "{{ lvs_services | lvs.cluster.services(groups, hostvars, lvs_mode) }}"
"""

RETURN = r"""
_value:
  description: The virtual services, each with its real servers.
  type: list
  elements: dict
  sample:
    - name: web
      protocol: tcp
      address: 10.0.0.129
      port: 80
      scheduler: rr
      real_servers:
        - host: web1
          address: 192.168.239.148
          port: 80
          weight: 1
          forward: masquerade
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"services": cluster.services}
