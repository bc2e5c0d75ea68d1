# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `named_servers`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.upkeep import named_servers

DOCUMENTATION = r"""
name: named_servers
short_description: Find the real servers that somebody names
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Reads a list of hosts, or text with commas between them, and says which of them are no real server of any service.
  - Where nothing is named, all real servers of all services are meant.
extends_documentation_fragment:
  - lvs.cluster.services
positional: value, option
options:
  value:
    description: The names, a list or text such as C(web1,web2). Empty means all.
    type: raw
    required: true
  option:
    description: What the person calls this value, for the sentences.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show who is meant
  ansible.builtin.debug:
    msg: "{{ lvs_services | lvs.cluster.services(groups, hostvars, lvs_mode) | lvs.cluster.named_servers('web1, web2', 'drain') }}"
"""

RETURN = r"""
_value:
  description: The hosts, each once, and a sentence for each name that is wrong.
  type: dict
  sample:
    hosts: [web1, web2]
    problems: []
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"named_servers": named_servers}
