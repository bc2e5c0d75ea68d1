# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `doctor_questions`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping

from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.cluster import Cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.defaults import director_defaults
from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.questions import client_questions, host_questions

DOCUMENTATION = r"""
name: doctor_questions
short_description: Say what is to be looked at on a host of the cluster
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Makes the options of M(lvs.cluster.host_look) and M(lvs.cluster.client_look) from what the inventory describes.
  - What a host is to have comes from the functions that the roles use, so both always mean the same.
positional: hostvars, host, clients
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
  host:
    description: The host that is to be looked at.
    type: str
    required: true
  clients:
    description: What M(lvs.cluster.client_look) returned, by client. Real servers are asked for their way to these.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Look at a host
  lvs.cluster.host_look: "{{ (groups | lvs.cluster.doctor_questions(hostvars, inventory_hostname)).host }}"
"""

RETURN = r"""
_value:
  description: The options of M(lvs.cluster.host_look) in C(host), those of M(lvs.cluster.client_look) in C(client).
  type: dict
  sample:
    host: {units: [nginx.service], vips: [10.0.0.129]}
    client: {vips: [10.0.0.129], path: /}
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"doctor_questions": questions}


def questions(
    groups: Mapping[str, Any], hostvars: Mapping[str, Any], host: str, clients: Mapping[str, Any] | None = None
) -> Dict[str, Any]:
    cluster = Cluster(groups, hostvars, director_defaults())
    looks = {name: result["look"] for name, result in (clients or {}).items() if "look" in result}
    return {"host": host_questions(cluster, host, looks), "client": client_questions(cluster)}
