# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `firewall_wants`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils import parts

DOCUMENTATION = r"""
name: firewall_wants
short_description: Make packet filter rules that let through what is listed and refuse the rest
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Makes the rules of iptables and ip6tables, of firewalld or of nftables, as M(lvs.cluster.host_part) takes them.
  - Ssh comes first, so that the way in stays open whatever else is listed. Packets of known connections and ICMP pass, too.
  - What names an IPv6 address is for IPv6, everything else for IPv4.
positional: forwards, ssh_port, routes, backend
options:
  _input:
    description:
      - What is let through to the host itself, as P(lvs.cluster.accepts#filter) makes it.
      - Each has some of C(source), C(destination) (addresses or networks), C(interface), C(protocol), C(port), C(source_port) and
        C(fwmark). With C(untracked) and firewalld, which drops what connection tracking takes for invalid, they are kept from tracking.
    type: list
    elements: dict
    required: true
  forwards:
    description: What is let through to other hosts, as P(lvs.cluster.forwards#filter) makes it.
    type: list
    elements: dict
    required: true
  ssh_port:
    description: The TCP port of ssh.
    type: int
    required: true
  routes:
    description: Whether the host forwards packets, so that what passes through is filtered, too.
    type: bool
    required: true
  backend:
    description:
      - The packet filter of the host. C(iptables) gives chains and jumps, C(firewalld) policies, which firewalld's own refusal stands
        behind, and C(nftables) chains of a table of their own and what is to be let through by chains of the host that refuse.
    type: str
    choices: [iptables, firewalld, nftables]
    default: iptables
"""

EXAMPLES = r"""
- name: Refuse all but ssh, and http to one address
  lvs.cluster.host_part:
    name: firewall
    description: Packet filter
    wants: "{{ [{'destination': '10.0.0.129', 'protocol': 'tcp', 'port': 80}] | lvs.cluster.firewall_wants([], 22, false) }}"
"""

RETURN = r"""
_value:
  description: The wanted items by kind, for O(lvs.cluster.host_part#module:wants).
  type: dict
  sample:
    chain:
      iptables filter LVS-IN: |-
        -i lo -j ACCEPT
        -p tcp -m tcp --dport 22 -j ACCEPT
        -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        -p icmp -j ACCEPT
        -d 10.0.0.129/32 -p tcp -m tcp --dport 80 -j ACCEPT
        -j REJECT --reject-with icmp-admin-prohibited
    jump: {iptables filter INPUT LVS-IN: ahead}
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"firewall_wants": parts.firewall}
