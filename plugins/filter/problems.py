# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `problems`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.problems import problems

DOCUMENTATION = r"""
name: problems
short_description: Say what is wrong with the inventory's description of the cluster
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Looks for everything that can be known to be wrong before any host is changed.
  - Each problem is a sentence that names the variable, the host where there is one, and the remedy.
  - Values of the cluster that cannot be templated are problems as well, and no reason to stop looking.
  - What roles are told is compared between hosts, such as C(nfs_client_mounts) of one with C(nfs_server_exports) of another,
    C(wordpress_db_host) with C(mysql_users), C(reverse_proxy_upstreams) with sites, and all of them with C(lvs_accepts). There, what cannot
    be templated is left to the role, since it may need facts. Passwords are not read.
  - In a lab, C(lab_cards) has to have the addresses and cards that are named elsewhere.
positional: groups, hostvars, mode, back_network
options:
  back_network:
    description:
      - The inner network, as C(lvs_back_network) of the inventory has it. Empty means that it is missing, which is a problem where real
        servers are reached by their own network only, in the modes V(nat) and V(dr).
      - Left out, addresses are not compared with it.
    type: str
extends_documentation_fragment:
  - lvs.cluster.inventory
"""

EXAMPLES = r"""
- name: Stop if the inventory has a mistake
  ansible.builtin.assert:
    that: found | length == 0
    fail_msg: "{{ found | join('\n') }}"
  vars:
    found: "{{ lvs_services | lvs.cluster.problems(groups, hostvars, lvs_mode, lvs_back_network) }}"
"""

RETURN = r"""
_value:
  description: The problems. Empty if there are none.
  type: list
  elements: str
  sample:
    - "lvs_services[0].vip: '10.0.0.300' is no IP address: write one such as 10.0.0.129, without prefix length"
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"problems": problems}
