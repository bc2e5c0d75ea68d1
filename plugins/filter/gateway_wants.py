# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `gateway_wants`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils import parts

DOCUMENTATION = r"""
name: gateway_wants
short_description: Say what a gateway of the inner network needs of its host
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Makes the settings of a router and the rule that masquerades the inner network, as M(lvs.cluster.host_part) takes them.
positional: interface, card_settings, network6
options:
  _input:
    description: The inner IPv4 network with its prefix length.
    type: str
    required: true
  interface:
    description: The card that packets leave by. Empty for any card, as long as they leave the inner network.
    type: str
    default: ""
  card_settings:
    description: Cards whose redirects are switched off by name, besides V(all), V(default) and those that are there.
    type: list
    elements: str
    default: []
  network6:
    description: The inner IPv6 network with its prefix length, if there is one.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Be a gateway
  lvs.cluster.host_part:
    name: gateway
    description: Gateway of the inner network
    wants: "{{ '192.168.239.0/24' | lvs.cluster.gateway_wants('front') }}"
"""

RETURN = r"""
_value:
  description: The wanted items by kind, for O(lvs.cluster.host_part#module:wants).
  type: dict
  sample:
    sysctl: {net.ipv4.ip_forward: "1", net/ipv4/conf/all/send_redirects: "0"}
    chain:
      iptables nat LVS-GATEWAY: "-s 192.168.239.0/24 ! -d 192.168.239.0/24 -o front -j MASQUERADE"
    jump: {iptables nat POSTROUTING LVS-GATEWAY: ahead}
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"gateway_wants": parts.gateway}
