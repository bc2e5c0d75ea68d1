# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `director_wants`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils import parts

DOCUMENTATION = r"""
name: director_wants
short_description: Say what a director needs of its host
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Turns the cluster's services into VIPs, the IPVS table, kernel settings and kernel modules, as M(lvs.cluster.host_part) takes them.
  - Services of mode V(fullnat) add connection tracking and the rule that gives requests the director's own address.
  - Services with a firewall mark add the rules that set it.
extends_documentation_fragment:
  - lvs.cluster.services
positional: interface, settings, snat_address, card_settings, snat_address6, tracking
options:
  interface:
    description: The card that carries the VIPs.
    type: str
    required: true
  settings:
    description: Kernel settings below C(net.ipv4.vs), names with values.
    type: dict
    required: true
  snat_address:
    description: The director's own IPv4 address, which real servers answer to. Needed by IPv4 services of mode V(fullnat).
    type: str
    default: ""
  card_settings:
    description: Cards whose redirects are switched off by name, besides V(all), V(default) and those that are there.
    type: list
    elements: str
    default: []
  snat_address6:
    description: The director's own IPv6 address, which real servers answer to. Needed by IPv6 services of mode V(fullnat).
    type: str
    default: ""
  tracking:
    description: Kernel settings below C(net.netfilter) for services of mode V(fullnat), names with values.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Be a director
  lvs.cluster.host_part:
    name: director
    description: Director of this LVS cluster
    wants: "{{ lvs_services | lvs.cluster.services(groups, hostvars, lvs_mode) | lvs.cluster.director_wants('front', {'conn_reuse_mode': 1}) }}"
"""

RETURN = r"""
_value:
  description: The wanted items by kind, for O(lvs.cluster.host_part#module:wants).
  type: dict
  sample:
    module: {ip_vs: loaded, ip_vs_rr: loaded}
    address: {10.0.0.129/32 dev front: present}
    sysctl: {net.ipv4.ip_forward: "1", net.ipv4.vs.conn_reuse_mode: "1"}
    ipvs:
      tcp 10.0.0.129:80: '{"scheduler": "rr"}'
      tcp 10.0.0.129:80 > 192.168.239.148:80: '{"forward": "masquerade", "weight": 1}'
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"director_wants": parts.director}
