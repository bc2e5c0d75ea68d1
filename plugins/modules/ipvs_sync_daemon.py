#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_sync_daemon
short_description: Manage the daemons that synchronise IPVS connections between directors
version_added: "1.0.0"
description:
  - Starts or stops one of the kernel's synchronisation daemons. A master sends the director's connections by multicast, a
    backup takes them in, so that established connections survive when another director takes over.
  - A host can run one daemon of each role. Two directors that both may become active usually run both on each of them.
  - Options that are left out keep the value of the running daemon, and have the documented default when none is running.
  - The kernel cannot edit a running daemon. One that differs is stopped and started again; connections that begin in
    between are not announced until they are due again. If the kernel refuses the new one, the old one is started again.
author:
  - The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.ipvs_backend
options:
  role:
    description:
      - Which of the two daemons is meant. V(master) sends connections, V(backup) receives them.
    type: str
    choices: [master, backup]
    required: true
  state:
    description:
      - Whether the daemon is to run.
    type: str
    choices: [present, absent]
    default: present
  interface:
    description:
      - The network interface that carries the messages. Needed when no daemon of this role is running.
      - They are neither encrypted nor authenticated, so this should be a network of the directors' own.
    type: str
  sync_id:
    description:
      - The number of the group of directors, V(0)..V(255). A backup takes only messages of its own number, and with V(0)
        those of every number. Default on creation is V(0).
    type: int
  max_length:
    description:
      - The maximum length of a message in bytes, without the headers of IP and UDP, V(1)..V(65507) for a master and
        V(1024)..V(65507) for a backup; 20 less with an IPv6 O(group). A backup must take what its master sends.
      - Default on creation is what fits into 1500 bytes, so V(1472) or V(1452), and for a backup into the MTU of its
        interface if that is larger.
    type: int
  group:
    description:
      - The multicast group, an IPv4 or IPv6 address. Default on creation is V(224.0.0.81).
    type: str
  port:
    description:
      - The UDP port, V(1)..V(65535). With several ports (C(net.ipv4.vs.sync_ports)) it is the first of them. Default on
        creation is V(8848).
    type: int
  ttl:
    description:
      - How many hops a message of a master lives, V(1)..V(255). Default on creation is V(1).
    type: int
requirements:
  - Linux 4.3 or newer for other values than the default of O(max_length), O(group), O(port) and O(ttl).
notes:
  - Synchronisation and tunnels that cross address families exclude each other in the kernel.
seealso:
  - module: lvs.cluster.ipvs_service
  - module: lvs.cluster.ipvs_timeouts
  - name: IPVS sysctls
    description: C(sync_threshold), C(sync_ports), C(backup_only) and others that tune synchronisation.
    link: https://docs.kernel.org/networking/ipvs-sysctl.html
"""

EXAMPLES = r"""
- name: Announce connections to the other director
  lvs.cluster.ipvs_sync_daemon:
    role: master
    interface: eth1
    sync_id: 10

- name: Take in the connections of the other director
  lvs.cluster.ipvs_sync_daemon:
    role: backup
    interface: eth1
    sync_id: 10

- name: Over IPv6, beyond the first router
  lvs.cluster.ipvs_sync_daemon:
    role: master
    interface: eth1
    group: ff05::51
    ttl: 2

- name: No synchronisation any more
  lvs.cluster.ipvs_sync_daemon:
    role: "{{ item }}"
    state: absent
  loop: [master, backup]
"""

RETURN = r"""
daemon:
  description: The daemon as read back from the kernel, or as predicted in check mode; V(null) when none is running.
  returned: success
  type: dict
  sample: {role: master, interface: eth1, sync_id: 10, max_length: 1472, group: 224.0.0.81, port: 8848, ttl: 1}
  contains:
    role:
      description: Either V(master) or V(backup).
      type: str
      returned: always
      sample: master
    interface:
      description: The network interface.
      type: str
      returned: always
      sample: eth1
    sync_id:
      description: The number of the group of directors.
      type: int
      returned: always
      sample: 10
    max_length:
      description: The maximum length of a message in bytes; V(0) where the kernel does not tell.
      type: int
      returned: always
      sample: 1472
    group:
      description: The multicast group.
      type: str
      returned: always
      sample: 224.0.0.81
    port:
      description: The UDP port.
      type: int
      returned: always
      sample: 8848
    ttl:
      description: How many hops a message lives.
      type: int
      returned: always
      sample: 1
operations:
  description:
    - The operations that were done, or would be done in check mode, in their order. Empty when nothing changes.
  returned: success
  type: list
  elements: str
  sample: [stop, start]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.backends import open_control
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control_executor import carry_out_daemon
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control_params import DAEMON_SPEC, daemon_intent
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control_report import daemon_result
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.daemon_plan import make_daemon_plan
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.interfaces import read_interfaces


def main():
    module = AnsibleModule(argument_spec=DAEMON_SPEC, supports_check_mode=True)
    try:
        intent = daemon_intent(module.params)
        control = open_control(module.params["backend"], module.params["load_module"])
        plan = make_daemon_plan(control.daemons(), intent, read_interfaces())
        after = carry_out_daemon(plan, control, module.check_mode)
    except IpvsError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**daemon_result(intent.role, plan, after))


if __name__ == "__main__":
    main()
