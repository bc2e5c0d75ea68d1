#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_timeouts
short_description: Manage the IPVS connection timeouts
version_added: "1.0.0"
description:
  - Sets after how many idle seconds a Linux director forgets a connection. The timeouts are those of the whole network
    namespace, for all of its virtual services.
  - Options that are left out keep the value that the kernel has. Without any of them the task only reads.
  - A new value applies to a connection from its next packet on.
author:
  - The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.ipvs_backend
options:
  tcp:
    description:
      - Seconds for an established TCP connection, V(1)..V(2147483). The kernel starts with V(900).
      - Persistent database connections and the like need one that is longer than their keepalive interval.
    type: int
  tcp_fin:
    description:
      - Seconds for a TCP connection after its FIN, V(1)..V(2147483). The kernel starts with V(120).
    type: int
  udp:
    description:
      - Seconds for a UDP flow, V(1)..V(2147483). The kernel starts with V(300).
    type: int
seealso:
  - module: lvs.cluster.ipvs_service
  - module: lvs.cluster.ipvs_sync_daemon
"""

EXAMPLES = r"""
- name: Keep idle database connections for two hours
  lvs.cluster.ipvs_timeouts:
    tcp: 7200

- name: The kernel's own values
  lvs.cluster.ipvs_timeouts:
    tcp: 900
    tcp_fin: 120
    udp: 300

- name: Read them
  lvs.cluster.ipvs_timeouts:
  register: director
"""

RETURN = r"""
timeouts:
  description: The timeouts as read back from the kernel, or as predicted in check mode.
  returned: success
  type: dict
  sample: {tcp: 7200, tcp_fin: 120, udp: 300}
  contains:
    tcp:
      description: Seconds for an established TCP connection.
      type: int
      returned: always
      sample: 7200
    tcp_fin:
      description: Seconds for a TCP connection after its FIN.
      type: int
      returned: always
      sample: 120
    udp:
      description: Seconds for a UDP flow.
      type: int
      returned: always
      sample: 300
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.backends import open_control
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control_executor import carry_out_timeouts
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control_params import TIMEOUTS_SPEC, timeout_changes
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control_report import timeouts_result
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.timeouts_plan import make_timeouts_plan


def main():
    module = AnsibleModule(argument_spec=TIMEOUTS_SPEC, supports_check_mode=True)
    try:
        changes = timeout_changes(module.params)
        control = open_control(module.params["backend"], module.params["load_module"])
        plan = make_timeouts_plan(control.timeouts(), changes)
        after = carry_out_timeouts(plan, control, module.check_mode)
    except IpvsError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**timeouts_result(plan, after))


if __name__ == "__main__":
    main()
