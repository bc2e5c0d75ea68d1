# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `diagnosis`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping

from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor import report
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.cluster import Cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.defaults import director_defaults
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.diagnosis import diagnosis
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.model import Looks

DOCUMENTATION = r"""
name: diagnosis
short_description: Judge what was seen of a cluster, check by check
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Compares what M(lvs.cluster.host_look) and M(lvs.cluster.client_look) returned with what the inventory describes.
  - Each finding has the name of its check, the host, a state, what was seen, and for a fault the remedy.
  - A fault that other faults bring about has the state V(follows), and C(because) names them.
  - C(now) is V(false) for a fault that is felt at the next boot only.
positional: hostvars, looks
options:
  _input:
    description: The inventory's groups, Ansible's variable C(groups).
    type: dict
    required: true
  hostvars:
    description:
      - The variables of all hosts, by host.
      - What refers to C(hostvars) itself cannot be read from Ansible's variable C(hostvars), so each host has to work out its own first.
    type: dict
    required: true
  looks:
    description:
      - What was returned, by host, in C(hosts) (host_look), C(clients) and C(sizes) (client_look, the latter with C(sizes)).
      - In C(before) and C(after) the services with their statistics (M(lvs.cluster.ipvs_info)), by director, around the clients' requests.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Stop if there is a fault
  ansible.builtin.assert:
    that: (groups | lvs.cluster.diagnosis(hostvars, looks)).healthy
  vars:
    looks: {hosts: {director1: {msg: no answer}}}
"""

RETURN = r"""
_value:
  description: Whether the cluster is C(healthy), how many findings have each state in C(counts), and the C(findings).
  type: dict
  sample:
    healthy: false
    counts: {ok: 0, fault: 1, follows: 0, not applicable: 0, could not look: 0}
    findings:
      - check: forwarding
        host: director1
        state: fault
        seen: sysctl net.ipv4.ip_forward is 0, declared 1
        remedy: run site.yml
        because: []
        now: true
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"diagnosis": judged}


def judged(groups: Mapping[str, Any], hostvars: Mapping[str, Any], looks: Mapping[str, Any]) -> Dict[str, Any]:
    return report.as_data(diagnosis(Cluster(groups, hostvars, director_defaults()), Looks(**looks)))
