# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `forwards`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils import passes

DOCUMENTATION = r"""
name: forwards
short_description: Say what the packet filter of a host has to let through to other hosts
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Directors let pass the replies of real servers whose services are of mode V(nat) or V(fullnat).
  - Gateways let pass what the inner network sends.
extends_documentation_fragment:
  - lvs.cluster.services
positional: groups, host, network, network6
options:
  groups:
    description: The inventory's groups, Ansible's variable C(groups).
    type: dict
    required: true
  host:
    description: The host that is asked about.
    type: str
    required: true
  network:
    description: The inner IPv4 network with its prefix length, for gateways.
    type: str
    default: ""
  network6:
    description: The inner IPv6 network with its prefix length, for gateways.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show what passes through a host
  ansible.builtin.debug:
    msg: "{{ lvs_services | lvs.cluster.services(groups, hostvars, lvs_mode) | lvs.cluster.forwards(groups, inventory_hostname) }}"
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
    - {source: 192.168.239.148, protocol: tcp, source_port: 80}
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"forwards": passes.forwards}
