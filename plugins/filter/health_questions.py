# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `health_questions`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.questions import health_questions

DOCUMENTATION = r"""
name: health_questions
short_description: Say how to learn whether real servers are healthy
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Makes what M(lvs.cluster.health_check) is to ask on each director, for each port that services over TCP send clients to.
  - Directors ask from their DIP, which is the address that real servers let in.
extends_documentation_fragment:
  - lvs.cluster.services
positional: hosts, hostvars, directors
options:
  hosts:
    description: The real servers, by their names in the inventory.
    type: list
    elements: str
    required: true
  hostvars:
    description:
      - The variables of all hosts, Ansible's variable C(hostvars).
      - Of real servers C(health_by) is read, which is V(http), V(tcp) for a connection only, or V(none) for not asking at all. Further
        C(health_path), which is C(lvs_page) or C(/) otherwise, C(health_port), which takes the place of the services' ports, C(health_url),
        which takes the place of all questions, C(health_source), from where to ask that, C(health_name) and C(health_status).
      - Of directors C(lvs_dip) and C(lvs_dip6) are read.
    type: dict
    required: true
  directors:
    description: The directors, by their names in the inventory.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show what web1 is asked
  ansible.builtin.debug:
    msg: "{{ lvs_services | lvs.cluster.services(groups, hostvars, lvs_mode) | lvs.cluster.health_questions(['web1'], hostvars, groups.directors) }}"
"""

RETURN = r"""
_value:
  description: The questions, and a sentence for each real server that cannot be asked.
  type: dict
  sample:
    questions:
      - host: web1
        director: director1
        url: http://192.168.239.148:80/
        source: 192.168.239.152
        name: ""
        status: []
    problems: []
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"health_questions": health_questions}
