# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `answered`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.answered import answered

DOCUMENTATION = r"""
name: answered
short_description: Say which real server gave each answer
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Knows a real server by what its page says, C(lvs_answer), which is the host's name where the inventory does not say anything else.
  - Where C(lvs_answer) of a real server is empty its pages do not tell. Then the director's count of connections does, which counts
    those of all clients. So nobody else should ask meanwhile.
positional: lines, hostvars, before, after
options:
  _input:
    description: One virtual service, as P(lvs.cluster.services#filter) makes it.
    type: dict
    required: true
  lines:
    description: What was answered, one for each request.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variables of all hosts, Ansible's variable C(hostvars). Of real servers C(lvs_answer) is read.
    type: dict
    required: true
  before:
    description: The services with their statistics before the requests, as M(lvs.cluster.ipvs_info) returns them.
    type: list
    elements: dict
    default: []
  after:
    description: The same after the requests.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Show who said it
  ansible.builtin.debug:
    msg: "{{ lvs_services | lvs.cluster.services(groups, hostvars, lvs_mode) | first | lvs.cluster.answered(['hao2', 'hao3'], hostvars) }}"
"""

RETURN = r"""
_value:
  description: The name of the real server for each answer, for P(lvs.cluster.proof#filter). What nobody's page says stays as it is.
  type: list
  elements: str
  sample: [web1, web2]
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"answered": answered}
