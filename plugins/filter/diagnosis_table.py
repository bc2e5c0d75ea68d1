# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `diagnosis_table`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils.doctor.report import as_table

DOCUMENTATION = r"""
name: diagnosis_table
short_description: Write a diagnosis as a table for people
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - One line for each check, and below it the hosts where it does not hold, with what was seen and the remedy.
options:
  _input:
    description: A diagnosis, as P(lvs.cluster.diagnosis#filter) makes it.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ groups | lvs.cluster.diagnosis(hostvars, looks) | lvs.cluster.diagnosis_table }}"
  vars:
    looks: {hosts: {director1: {msg: no answer}}}
"""

RETURN = r"""
_value:
  description: The table, several lines.
  type: str
  sample: |-
    forwarding
      FAULT    forwarding             Does the director forward packets?
               director1: FAULT: sysctl net.ipv4.ip_forward is 0, declared 1
               Remedy: run site.yml.
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"diagnosis_table": as_table}
