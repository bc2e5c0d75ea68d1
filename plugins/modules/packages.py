#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: packages
short_description: Have packages of the distribution
version_added: "1.0.0"
description:
  - Installs what is missing, and nothing that is merely recommended. Versions that are there stay.
  - Uses M(ansible.builtin.apt) on Debian and its like, and M(ansible.builtin.package) elsewhere. What it adds to them is for first runs
    and killed ones. A check on a host that has no package lists yet reports a change to come, and no failure. And when a run was killed
    while it installed, so that dpkg is half done, that is finished first.
  - The host's C(os_family) has to be known as a fact.
author: The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment: [lvs.cluster.attributes]
options:
  name:
    description: Names of packages. With an empty list the host is not asked at all.
    type: list
    elements: str
    required: true
attributes:
  action:
    description: Runs on the controller, and has other modules do the work.
    support: full
  check_mode:
    support: full
  diff_mode:
    support: full
seealso:
  - module: ansible.builtin.apt
  - module: ansible.builtin.package
"""

EXAMPLES = r"""
- name: Install what a director needs
  lvs.cluster.packages:
    name: [ipvsadm, kmod]
"""

RETURN = r"""
msg:
  description: What M(ansible.builtin.apt) or M(ansible.builtin.package) say, if anything.
  returned: sometimes
  type: str
  sample: "ipvsadm, kmod: to be installed once the package lists are there"
"""

# The work is done by the action plugin of the same name.
