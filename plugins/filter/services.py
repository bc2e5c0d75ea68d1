# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `services`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.table import services

DOCUMENTATION = r"""
name: services
short_description: Make the IPVS table that the inventory describes
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Turns the services of the inventory, with the hosts that are their real servers, into the table of virtual services that a
    director is to have.
  - The result is normalised and sorted, and fields that have the kernel's default are left out, so equal descriptions give equal tables.
  - Fails, with one sentence for each, if the description has problems. See also P(lvs.cluster.problems#filter).
positional: groups, hostvars, mode
extends_documentation_fragment:
  - lvs.cluster.inventory
"""

EXAMPLES = r"""
- name: Show the table
  ansible.builtin.debug:
    msg: "{{ lvs_services | lvs.cluster.services(groups, hostvars, lvs_mode) }}"
"""

RETURN = r"""
_value:
  description:
    - The virtual services, each with its real servers.
    - C(address) is the first of C(vips). A fwmark service has C(fwmark), C(ports), and C(port) V(0).
    - C(scheduler_flags) is the number of the kernel.
  type: list
  elements: dict
  sample:
    - name: web
      mode: nat
      protocol: tcp
      family: ipv4
      address: 10.0.0.129
      vips: [10.0.0.129]
      port: 80
      scheduler: rr
      real_servers:
        - host: web1
          address: 192.168.239.148
          port: 80
          forward: masquerade
          weight: 1
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"services": services}
