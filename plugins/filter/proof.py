# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `proof`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.proof import proof

DOCUMENTATION = r"""
name: proof
short_description: Compare who answered through a VIP with who was to answer
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Counts answers by the real server that gave them, and says where the counts are not what the scheduler makes of the weights.
  - Counts are expected to be exact for the schedulers V(rr) and V(wrr) without persistence. For the others it is enough that only real
    servers answered, and none of weight 0.
  - A service over tcp that nobody answered for is a problem. One of another protocol without answers counts as not asked.
positional: answers
options:
  _input:
    description: One virtual service, as P(lvs.cluster.services#filter) makes it.
    type: dict
    required: true
  answers:
    description: The name of the real server that each answer gave, one for each request.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show who answered
  ansible.builtin.debug:
    msg: "{{ (lvs_services | lvs.cluster.services(groups, hostvars, lvs_mode) | first) | lvs.cluster.proof(['web1', 'web2']) }}"
"""

RETURN = r"""
_value:
  description: The counts in C(rows), and a sentence for each deviation in C(problems).
  type: dict
  sample:
    rows:
      - {service: web, real_server: web1, answers: 10, expected: "10"}
    problems: []
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"proof": proof}
