#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: host_part
short_description: Have a host play its part in a cluster, now and at each boot
version_added: "1.0.0"
description:
  - Brings addresses, routes, kernel settings, packet filter chains and the IPVS table of one part (director, real server, ...)
    into the kernel, and installs a unit C(lvs-NAME.service) that does the same at each boot, without Ansible.
  - What is wanted is compared with what the host really has, item by item. Only items that differ are changed, and each of
    them is named in the result.
  - What stood before is recorded on the host, in C(/var/lib/lvs-cluster). Items that are wanted no more get it back, also those of an
    earlier run. Items that were there before, just as they are wanted, belong to others and stay.
  - The unit runs C(/usr/local/sbin/lvs-host start|stop|status NAME), which is this module's own code and needs only Python.
    C(systemctl stop lvs-NAME) gives back all that the part made, C(systemctl start lvs-NAME) makes it again.
author:
  - The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  name:
    description:
      - The part's name, small letters, digits and C(-). Parts of different names on one host know nothing of each other.
      - Not C(program), and nothing that ends in C(-files), C(-units), C(-network) or C(-firewalld), which are names of records and units.
      - Several only with O(state=absent); they go in this order.
    type: list
    elements: str
    required: true
  description:
    description: What the unit is for, in a few words. Needed with O(state=present).
    type: str
  state:
    description:
      - With V(absent) the host gets back what stood before, and the unit and all files of the part go.
    type: str
    choices: [present, absent]
    default: present
  wants:
    description:
      - The wanted items by kind; each kind is a dictionary of names with values. Filters of this collection make them.
      - C(module), such as C(ip_vs_rr) = C(loaded).
      - C(sysctl), such as C(net.ipv4.ip_forward) = C("1"); a C(*) in the name stands for every interface. They are written to
        C(/etc/sysctl.d/60-lvs-NAME.conf), too.
      - C(link), such as C(tunl0) = C(up).
      - C(decapsulator), a UDP port such as C("6080") = C(gue), see ip-fou(8).
      - C(policy), a policy object of firewalld, such as C(lvs-in) = C(from ANY to HOST) and its rich rules, one a line, as
        C(firewall-cmd --info-policy) prints them. Its name begins with C(lvs-).
      - C(nft_pass), a hook of nftables, such as C(input) = rules that let through, one a line, as C(nft list) prints them. Each chain of
        others at that hook that refuses what it does not know gets a jump to them.
      - C(nft_chain), such as C(inet lvs_cluster input) = type, hook, priority and policy, then the rules, one a line, as
        C(nft --numeric-protocol list) prints them.
      - C(chain), such as C(iptables filter LVS-IN) = the rules, one a line, as C(iptables-save) prints them without C(-A CHAIN).
        The name of the chain begins with C(LVS-), and the tool is C(iptables), C(ip6tables) or C(arptables).
      - C(jump), such as C(iptables filter INPUT LVS-IN) = C(ahead), which is before all rules of others but those that refuse named senders.
      - C(route), such as C(default table 4242) = C(via 192.168.239.152).
      - C(rule), such as C(4242 from 192.168.239.148 lookup 4242) = C(present); the number in front is the priority.
      - C(ipvs), such as C(tcp 10.0.0.129:80) = the service's fields as JSON, and C(tcp 10.0.0.129:80 > 192.168.239.148:80) = those of
        a real server.
      - C(address), such as C(10.0.0.129/32 dev front) = C(present).
    type: dict
    default: {}
  prune:
    description:
      - Whether items of an earlier run that are wanted no more are given up. With V(false) they stay, and a later run with V(true)
        gives them up, so that a cluster can have the old and the new way side by side while it changes over.
    type: bool
    default: true
requirements:
  - Python 3.8 or newer, systemd and iproute2 on the managed host; iptables, arptables, nftables or firewalld where their rules are wanted.
"""

EXAMPLES = r"""
- name: Carry an address that nobody else configures
  lvs.cluster.host_part:
    name: vip
    description: The VIP of a service that is tested
    wants:
      address:
        192.0.2.10/32 dev lo: present

- name: Give it back
  lvs.cluster.host_part:
    name: vip
    state: absent

- name: Whatever the host was, it is no more
  lvs.cluster.host_part:
    name: [director, realserver, gateway, firewall]
    state: absent
"""

RETURN = r"""
changes:
  description: The items that were changed, or would be in check mode, in their order. Empty when nothing differs.
  returned: success
  type: list
  elements: dict
  sample:
    - {kind: address, name: 10.0.0.129/32 dev front, before: null, after: present}
  contains:
    kind:
      description: The kind of item, see O(wants); also C(file) and C(unit).
      type: str
      returned: always
      sample: address
    name:
      description: The item.
      type: str
      returned: always
      sample: 10.0.0.129/32 dev front
    before:
      description: The value that the host had; V(null) for none.
      type: str
      returned: always
      sample: null
    after:
      description: The value that it has now; V(null) for none.
      type: str
      returned: always
      sample: present
ansible_facts:
  description: Facts about the host.
  returned: success
  type: dict
  contains:
    lvs_parts:
      description: All parts that the host plays now.
      returned: always
      type: list
      elements: str
      sample: [director, gateway]
absent:
  description: With O(state=absent), the parts that the host does not play now, whether or not it did.
  returned: O(state=absent)
  type: list
  elements: str
  sample: [realserver]
left_over:
  description: With O(prune=false), the items of an earlier run that are wanted no more.
  returned: success
  type: list
  elements: str
  sample: []
"""

import re

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import HostError
from ansible_collections.lvs.cluster.plugins.module_utils.host.engine import Outcome
from ansible_collections.lvs.cluster.plugins.module_utils.host.part import Host
from ansible_collections.lvs.cluster.plugins.module_utils.host.program import program_files
from ansible_collections.lvs.cluster.plugins.module_utils.host.report import result, wanted

SPEC = {
    "name": {"type": "list", "elements": "str", "required": True},
    "description": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "wants": {"type": "dict", "default": {}},
    "prune": {"type": "bool", "default": True},
}


def main():
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True, required_if=[("state", "present", ["description"])])
    names, absent = module.params["name"], module.params["state"] == "absent"
    for name in names:
        if not re.fullmatch("[a-z0-9-]+", name):
            module.fail_json(msg=f"name: {name!r} is no name for a part: use small letters, digits and -")
    if not names or (len(names) > 1 and not absent):
        module.fail_json(msg=f"name: a part is taken up by a task of its own, and not {len(names)} of them: write one name")
    try:
        hosts = [Host(name) for name in names]
        if absent:
            changes = [change for host in hosts for change in host.leave(module.check_mode).changes]
            outcome, left = Outcome(changes, []), {"absent": names}
        else:
            outcome, left = take_up(module, hosts[0]), {}
    except HostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(ansible_facts={"lvs_parts": hosts[0].parts()}, **left, **result(outcome))


def take_up(module, host):
    asked = module.params
    return host.take_up(wanted(asked["wants"]), asked["description"], program_files(), asked["prune"], module.check_mode)


if __name__ == "__main__":
    main()
