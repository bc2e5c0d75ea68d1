# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `lab_problems`: what is wrong with the lab that an inventory describes."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ansible_collections.lvs.cluster.plugins.module_utils.lab.commands import LabError
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import check_lab, parse_host, parse_network

DOCUMENTATION = r"""
name: lab_problems
short_description: What is wrong with the lab that an inventory describes
version_added: "1.0.0"
author: The lvs.cluster maintainers (@lvs-cluster)
description:
  - Looks at networks, cards and addresses taken together, and says each problem in a sentence that names host, variable and remedy.
  - Pure; nothing is asked of any host.
options:
  _input:
    description: The lab's networks, C(lab_networks).
    type: dict
    required: true
  hosts:
    description: Names of the lab's hosts.
    type: list
    elements: str
    required: true
  hostvars:
    description: Variables of all hosts; C(lab_cards), C(lab_memory), C(lab_disk), C(lab_forwarding), C(lab_manager) and C(lab_image) are read.
    type: dict
    required: true
positional: hosts, hostvars
"""

EXAMPLES = r"""
- name: Refuse a lab that cannot work
  ansible.builtin.assert:
    that: lab_networks | lvs.cluster.lab_problems(groups['lab'], hostvars) | length == 0
"""

RETURN = r"""
_value:
  description: One sentence for each problem; empty when there is none.
  type: list
  elements: str
"""

# Debian's package of NetworkManager.
PACKAGE = "network-manager"


def lab_problems(networks: Mapping[str, Any], hosts: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """See DOCUMENTATION."""
    found: list[str] = []
    parsed_networks, parsed_hosts = [], []
    if not hosts:
        found.append("The group lab has no hosts: put those that run on this machine into it.")
    for name, data in networks.items():
        try:
            parsed_networks.append(parse_network(name, data or {}))
        except LabError as wrong:
            found.append(str(wrong))
    for name in hosts:
        variables = hostvars[name]
        wanted = {
            key: variables[f"lab_{key}"]
            for key in ("cards", "memory", "disk", "forwarding", "manager")
            if f"lab_{key}" in variables
        }
        try:
            host = parse_host(name, wanted)
            parsed_hosts.append(host)
            if host.manager == "NetworkManager" and PACKAGE not in variables["lab_image"]["packages"]:
                found.append(f"{name}: lab_manager is NetworkManager: add {PACKAGE} to lab_image.packages")
        except LabError as wrong:
            found.append(str(wrong))
    return found + list(check_lab(parsed_networks, parsed_hosts))


class FilterModule:
    """What Ansible asks for."""

    def filters(self) -> dict[str, Any]:
        return {"lab_problems": lab_problems}
