#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: host_look
short_description: Look at what a host of a cluster has, and change nothing
version_added: "1.0.0"
description:
  - Reads what P(lvs.cluster.diagnosis#filter) judges, and judges nothing itself. P(lvs.cluster.doctor_questions#filter) says what to look at.
  - Parts are compared with what they are to be by the code of M(lvs.cluster.host_part), the ARP policy by that of M(lvs.cluster.arp_sysctl).
  - What cannot be looked at is named in RV(look), with the reason, and keeps nothing else from being looked at.
author:
  - The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
attributes:
  diff_mode:
    description: Returns details on what has changed (or would change in C(check_mode)), when in diff mode.
    support: N/A
    details: This module does not change anything.
options:
  parts:
    description: For each part that the host is to play, what it is to have, as O(lvs.cluster.host_part#module:wants) takes it.
    type: dict
    default: {}
  firewalls:
    description:
      - For each packet filter that may be the host's (C(iptables), C(nftables), C(firewalld)), what the part C(firewall) is to have.
      - Where there are several, the host's services decide, as for C(lvs_firewall=auto).
    type: dict
    default: {}
  arp:
    description: C(state) and C(interfaces) of M(lvs.cluster.arp_sysctl), which the ARP policy is compared with. Empty for no comparison.
    type: dict
    default: {}
  units:
    description: Units of systemd that are looked for.
    type: list
    elements: str
    default: []
  vips:
    description: IPv4 addresses that each card's segment is asked for by ARP, under no address of the host's own.
    type: list
    elements: str
    default: []
  ways:
    description: Addresses whose way out is looked up, C(to) and C(source).
    type: list
    elements: dict
    default: []
  pages:
    description: Pages that the host asks for over HTTP, C(name), C(address), C(port), C(path), the C(host) that is
      named in the request, and C(tls).
    type: list
    elements: dict
    default: []
  reach:
    description:
      - Servers that the host connects to over TCP, C(name), C(address) and C(port); a path as C(address) is a socket of the host.
      - With C(greeting) it waits until the server says something.
    type: list
    elements: dict
    default: []
  mounts:
    description: Mount points that are looked into, for 10 seconds at most. What is mounted on demand is mounted by that, as by any visitor.
    type: list
    elements: str
    default: []
requirements:
  - Python 3.8 or newer and iproute2 on the managed host.
  - Root on the managed host, so usually C(become=true).
"""

EXAMPLES = r"""
- name: Look whether nginx runs, and who answers for the VIP
  lvs.cluster.host_look:
    units: [nginx.service]
    vips: [192.0.2.10]
  register: looked

- name: Show what cannot be looked at
  ansible.builtin.debug:
    var: looked.look.errors
"""

RETURN = r"""
asked:
  description: When the controller sent the question, in seconds since 1970. With C(answered) and C(look.clock) it tells how far off the clock is.
  returned: success
  type: float
  sample: 1700000000.1
answered:
  description: When the controller had the answer.
  returned: success
  type: float
  sample: 1700000002.2
look:
  description: What was found.
  returned: success
  type: dict
  contains:
    errors:
      description: What could not be looked at, with the reason.
      returned: always
      type: dict
      sample: {}
    parts:
      description: For each part the C(changes) that M(lvs.cluster.host_part) would make, or an C(error).
      returned: when it could be looked at
      type: dict
      sample: {director: {changes: [], error: ""}}
    table:
      description: The services of O(parts) as the kernel has them, with all their real servers.
      returned: when it could be looked at
      type: dict
      sample: {}
    played:
      description: The parts that the host plays.
      returned: when it could be looked at
      type: list
      elements: str
      sample: [director]
    program:
      description: Why the program that boot runs cannot be started; empty if it can.
      returned: when it could be looked at
      type: str
      sample: ""
    firewall:
      description: Which of O(firewalls) is the host's.
      returned: always
      type: str
      sample: iptables
    units:
      description: Those of O(units) that run or will at boot, with both.
      returned: always
      type: dict
      sample: {nginx.service: "enabled, active"}
    cards:
      description: Devices with hardware address and MTU.
      returned: always
      type: dict
      sample: {front: {mac: "52:54:00:00:00:01", mtu: 1500, ethernet: true}}
    addresses:
      description: Addresses with their prefix and device.
      returned: when it could be looked at
      type: list
      elements: str
      sample: [10.0.0.128/24 dev front]
    settings:
      description: Settings of the kernel.
      returned: when it could be looked at
      type: dict
      sample: {net.ipv4.ip_forward: "1"}
    arp:
      description: The C(differences) from O(arp), and the C(effective) values on each card.
      returned: when it could be looked at
      type: dict
      sample: {differences: [], effective: {back: {arp_announce: 2, arp_ignore: 1}}}
    ways:
      description: Next hop and card of each of O(ways).
      returned: when it could be looked at
      type: list
      elements: dict
      sample: [{to: 10.0.0.201, source: 192.168.239.148, gateway: 192.168.239.152, card: back, type: unicast, own: "", error: ""}]
    heard:
      description: Who answered for O(vips) on each card.
      returned: when it could be looked at
      type: list
      elements: dict
      sample: [{card: back, address: 10.0.0.129, macs: ["52:54:00:00:00:02"]}]
    invalid_drops:
      description: Rules of others that drop what connection tracking takes for invalid, before ours let it through.
      returned: when it could be looked at
      type: list
      elements: str
      sample: []
    time:
      description: Who keeps the clock, and whether it follows another one.
      returned: when it could be looked at
      type: dict
      sample: {by: chrony, synchronised: true, offset: 0.0001}
    clock:
      description: The host's own time when the look began and when it ended.
      returned: always
      type: dict
      sample: {begun: 1700000000.5, ended: 1700000002.1}
    pages:
      description: What was answered to O(pages).
      returned: when it could be looked at
      type: list
      elements: dict
      sample: [{name: web, address: 192.168.239.148, port: 80, status: 200, text: web1, marks: [], where: "", error: ""}]
    reach:
      description: What became of O(reach).
      returned: when it could be looked at
      type: list
      elements: dict
      sample: [{name: web1, address: 192.168.239.148, port: 80, error: "", refused: false, said: ""}]
    mounts:
      description: What is mounted at O(mounts), and whether it answers.
      returned: when it could be looked at
      type: list
      elements: dict
      sample: [{mountpoint: /wordpress, source: "172.16.0.34:/data/wordpress", type: nfs4, writable: false, error: ""}]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import HostError
from ansible_collections.lvs.cluster.plugins.module_utils.look.host import HOST_SPEC, look_at_host


def main():
    module = AnsibleModule(argument_spec=HOST_SPEC, supports_check_mode=True)
    try:
        look = look_at_host(module.params)
    except HostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, look=look)


if __name__ == "__main__":
    main()
