# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `mount_units`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils import units

DOCUMENTATION = r"""
name: mount_units
short_description: Name the systemd units of mounts, and say which mount lies in which
version_added: "1.0.0"
author:
  - The lvs.cluster maintainers (@lvs-cluster)
description:
  - Names are those that C(systemd-escape --path) gives. Outer mounts come before those that lie in them.
options:
  _input:
    description: The mounts. Each has a C(mountpoint), an absolute path; what else it has is kept.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the units of two mounts, one in the other
  ansible.builtin.debug:
    msg: "{{ [{'mountpoint': '/web/wordpress/wp-content/uploads'}, {'mountpoint': '/web/wordpress'}] | lvs.cluster.mount_units }}"
"""

RETURN = r"""
_value:
  description:
    - The mounts. C(unit) is the name of its units without C(.mount) or C(.automount), C(within) that of the nearest mount around
      it, if any, and C(children) are the names of those whose nearest it is.
  type: list
  elements: dict
  sample:
    - {mountpoint: /web/wordpress, unit: web-wordpress, within: "", children: ["web-wordpress-wp\\x2dcontent-uploads"]}
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"mount_units": units.mount_units}
