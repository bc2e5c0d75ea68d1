# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `realserver_wants`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils import parts

DOCUMENTATION = r"""
name: realserver_wants
short_description: Say what a real server needs of its host
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Turns those of the cluster's services that the host serves into VIPs, routes, rules and tunnels, as M(lvs.cluster.host_part) takes them.
  - Mode V(nat) sends replies through the director, by rules and a routing table of their own. Mode V(dr) puts the VIP on the loopback
    device, mode V(tun) on the tunnel device. Mode V(fullnat) needs nothing.
extends_documentation_fragment:
  - lvs.cluster.services
positional: host, dip, arp, dip6
options:
  host:
    description: Which of the real servers this is.
    type: str
    required: true
  dip:
    description: The director's IPv4 address in the inner network, which IPv4 services of mode V(nat) need.
    type: str
    required: true
  arp:
    description:
      - What keeps the host from answering ARP for a VIP that it carries.
      - V(arptables) adds rules to the result. V(sysctl) adds nothing, since M(lvs.cluster.arp_sysctl) does that.
    type: str
    choices: [sysctl, arptables]
    default: sysctl
  dip6:
    description: The director's IPv6 address in the inner network, which IPv6 services of mode V(nat) need.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Be a real server
  lvs.cluster.host_part:
    name: realserver
    description: Real server of this LVS cluster
    wants: "{{ lvs_services | lvs.cluster.services(groups, hostvars, lvs_mode) | lvs.cluster.realserver_wants(inventory_hostname, lvs_dip) }}"
"""

RETURN = r"""
_value:
  description: The wanted items by kind, for O(lvs.cluster.host_part#module:wants).
  type: dict
  sample:
    address: {10.0.0.129/32 dev lo: present}
    route: {10.0.0.129: dev lo}
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"realserver_wants": parts.realserver}
