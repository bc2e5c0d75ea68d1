# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `host_entries`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils.host_names import host_entries

DOCUMENTATION = r"""
name: host_entries
short_description: Say the address and the names of each host of the inventory
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - What C(/etc/hosts) of each host is to say of the others, as the role P(lvs.cluster.baseline#role) takes it.
  - A host's address is the first of C(lvs_address), C(lvs_rip), C(lvs_dip), C(lab_address) and C(ansible_host) that is an address. One that
    has none of them is left out.
positional: hostvars
options:
  _input:
    description: The inventory's groups, Ansible's variable C(groups).
    type: dict
    required: true
  hostvars:
    description:
      - The variables of all hosts, Ansible's variable C(hostvars).
      - Besides the address C(lvs_names) is read, a list of further names of the host.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what /etc/hosts is to say
  ansible.builtin.debug:
    msg: "{{ groups | lvs.cluster.host_entries(hostvars) }}"
"""

RETURN = r"""
_value:
  description: The entries, sorted by address. Each has C(address) and C(names), the inventory's own name first.
  type: list
  elements: dict
  sample:
    - {address: 172.16.0.31, names: [director1]}
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"host_entries": host_entries}
