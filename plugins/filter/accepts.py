# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `accepts`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils import passes

DOCUMENTATION = r"""
name: accepts
short_description: Say what the packet filter of a host has to let through to the host itself
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Looks at each service and at what the host does for it, and lists what the host then has to accept, and nothing else.
  - Directors accept requests to their VIPs. Real servers accept what their mode brings them, tunnels included, from directors or clients.
extends_documentation_fragment:
  - lvs.cluster.services
positional: groups, hostvars, host, more
options:
  groups:
    description: The inventory's groups, Ansible's variable C(groups).
    type: dict
    required: true
  hostvars:
    description:
      - The variables of all hosts, Ansible's variable C(hostvars).
      - Of directors C(lvs_dip), C(lvs_dip6) and C(lvs_addresses) are read.
    type: dict
    required: true
  host:
    description: The host that is asked about.
    type: str
    required: true
  more:
    description: What else is let through, with the keys of the result. C(source) may be a list, and then stands for one entry each.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Show what a host accepts
  ansible.builtin.debug:
    msg: "{{ lvs_services | lvs.cluster.services(groups, hostvars, lvs_mode) | lvs.cluster.accepts(groups, hostvars, inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description:
    - What is let through, for P(lvs.cluster.firewall_wants#filter).
    - Each has some of C(source), C(destination) (addresses or networks), C(interface), C(protocol), C(port), C(source_port) and
      C(fwmark); C(untracked) where IPVS keeps the packets from connection tracking.
  type: list
  elements: dict
  sample:
    - {destination: 10.0.0.129, protocol: tcp, port: 80}
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"accepts": passes.accepts}
