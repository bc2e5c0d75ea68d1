#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: arp_sysctl
short_description: Manage the ARP policy of an LVS real server
version_added: "1.0.0"
description:
  - Sets C(arp_ignore) and C(arp_announce), in the running kernel and in a file of C(sysctl.d), so that a real server which
    holds the VIP keeps quiet about it and leaves the clients' ARP requests to the director.
  - Direct routing (DR) and tunnels (TUN) need this where the director and the real server share a network; NAT does not.
  - For each interface the kernel takes the greater of the interface's own value and that of V(all), for each of the two
    settings. It goes by the interface that an ARP packet comes in on for C(arp_ignore), and by the one that it leaves by
    for C(arp_announce). RV(effective) tells what the kernel really does.
  - The values that stood before are recorded once, and O(state=absent) gives exactly them back.
author:
  - The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  state:
    description:
      - Whether the policy is to hold.
      - V(absent) gives back the recorded values, and removes O(file) and the record. Interfaces that vanished meanwhile are
        skipped. Where nothing is recorded, the running kernel's values stay. O(interfaces), O(arp_ignore) and
        O(arp_announce) have no effect then.
    type: str
    choices: [present, absent]
    default: present
  interfaces:
    description:
      - Where to set the values. V(all) holds for every interface, also for those that come later; the name of an interface
        holds for that one. Every one has to exist, and each may be named once.
      - V(all) suffices where no interface has a greater value of its own. To name the card, too, guards against that.
      - ARP never arrives on V(lo), so V(lo) alone has no effect, which is warned about. To hold the VIP on V(lo) is fine.
      - V(default) is refused. It is the template of later interfaces, and the kernel also copies it to those that have no
        address yet; V(all) covers both.
      - An interface that is no longer in the list gets back its recorded values at the next run.
    type: list
    elements: str
    default: [all]
  arp_ignore:
    description:
      - Which ARP requests for a local address are answered.
      - V(0) all, whatever interface the address is on, which is the kernel's default and wrong for a real server.
      - V(1) those for an address of the interface that they come in on. So the VIP has to be on another interface, such as
        V(lo).
      - V(2) like V(1), and only to senders of the same subnet.
      - V(3) not those for addresses of scope C(host), but all others; the VIP needs C(scope host) then.
      - V(8) none, not even those for the real IP, which needs O(allow_silent=true).
      - The kernel's V(4) to V(7) are reserved and act like V(0). The kernel accepts any other number, too, and acts the same.
    type: int
    choices: [0, 1, 2, 3, 8]
    default: 1
  arp_announce:
    description:
      - Which local address stands as the sender in the host's own ARP requests.
      - V(0) any, so that the VIP leaks when it is the source of the packet; the kernel's default.
      - V(1) one of the target's subnet, if possible.
      - V(2) the best one for the target, from the interface that the request leaves by.
    type: int
    choices: [0, 1, 2]
    default: 2
  allow_silent:
    description: Whether O(arp_ignore=8) is accepted. Without other means, such as static neighbour entries, it cuts the host off.
    type: bool
    default: false
  runtime:
    description:
      - Whether the running kernel is managed. With V(false) its values and the record stay as they are.
    type: bool
    default: true
  persistent:
    description:
      - Whether O(file) is managed, which sets the values at boot and when an interface shows up. With V(false) it stays as
        it is.
      - At least one of O(runtime) and O(persistent) has to be V(true).
    type: bool
    default: true
  file:
    description:
      - The absolute path of the file of C(sysctl.d) that is managed. It has to end in C(.conf).
      - The file is this module's own by its name. What else stands in it is replaced, or removed by O(state=absent), and
        shown in the diff. Files are compared by what they set; comments do not count.
      - A link, such as one to C(/dev/null) which disables the file, is refused, and so is C(/etc/sysctl.conf).
      - The record of the values that stood before is C(/var/lib/lvs/sysctl) followed by this path and C(.json), also where
        O(persistent=false). Use the same O(file) for the same settings.
    type: path
    default: /etc/sysctl.d/60-lvs-arp.conf
requirements:
  - Python 3.8 or newer on the managed host, without further packages.
  - Root on the managed host, so usually C(become=true). In a container C(/proc/sys) is often read-only.
notes:
  - IPv6 has no ARP, and neither of these settings governs its neighbour discovery.
  - Lines of other files that win over O(file) at boot are warned about and returned as RV(overrides). So is a value that
    another file gives to an interface, and that is greater than the one wanted. The precedence is that of sysctl.d(5),
    with its patterns and exclusions. C(/etc/sysctl.conf) counts as systemd sees it, which reads it only by a link such as
    C(/etc/sysctl.d/99-sysctl.conf), and as C(sysctl --system) sees it, which reads it last.
  - The record is written first, then the running kernel, then the file, and the record forgets last. A run that is
    interrupted is completed by the next one.
  - Every change is read back to prove that it holds. Settings that are not named in the task are never touched.
seealso:
  - module: lvs.cluster.ipvs_realserver
  - name: IP sysctls
    description: The kernel's documentation of C(arp_ignore) and C(arp_announce).
    link: https://docs.kernel.org/networking/ip-sysctl.html
  - name: sysctl.d(5)
    description: The files that set kernel settings at boot, their order and their syntax.
    link: https://www.freedesktop.org/software/systemd/man/latest/sysctl.d.html
"""

EXAMPLES = r"""
- name: Keep quiet about the VIP, as a real server of direct routing has to
  lvs.cluster.arp_sysctl:

- name: The same, and replace whatever the card itself has been given
  lvs.cluster.arp_sysctl:
    interfaces: [all, eth0]
    arp_ignore: 1
    arp_announce: 2

- name: On the card that faces the director and on no other one
  lvs.cluster.arp_sysctl:
    interfaces: [eth0]

- name: Answer senders of the same subnet only
  lvs.cluster.arp_sysctl:
    arp_ignore: 2

- name: Try it until the next boot
  lvs.cluster.arp_sysctl:
    persistent: false

- name: Prepare the file for the next boot, as in the building of an image
  lvs.cluster.arp_sysctl:
    runtime: false

- name: Answer no ARP at all, where the neighbours have static entries
  lvs.cluster.arp_sysctl:
    arp_ignore: 8
    allow_silent: true

- name: Give back the values that stood before
  lvs.cluster.arp_sysctl:
    state: absent
"""

RETURN = r"""
effective:
  description:
    - What the kernel goes by on each interface, the greater of V(all) and its own value, as read back, or as predicted in
      check mode.
  returned: success
  type: dict
  sample:
    eth0: {arp_announce: 2, arp_ignore: 1}
    lo: {arp_announce: 2, arp_ignore: 1}
runtime:
  description: The running kernel's own values of V(all) and of each interface, as read back, or as predicted in check mode.
  returned: success
  type: dict
  sample:
    all: {arp_announce: 2, arp_ignore: 1}
    eth0: {arp_announce: 0, arp_ignore: 0}
    lo: {arp_announce: 0, arp_ignore: 0}
file:
  description:
    - What O(file) sets, by the names of sysctl.d(5), which has slashes in a name if the interface has a dot in its own;
      V(null) when there is no file. An exclusion has the value V(null).
  returned: success
  type: dict
  sample: {net.ipv4.conf.all.arp_announce: 2, net.ipv4.conf.all.arp_ignore: 1}
prior:
  description: The recorded values that stood before, which O(state=absent) gives back.
  returned: success
  type: dict
  sample: {net.ipv4.conf.all.arp_announce: 0, net.ipv4.conf.all.arp_ignore: 0}
overrides:
  description: Lines of other files that win at boot, against what is wanted. Each is warned about, with the remedy.
  returned: success
  type: list
  elements: dict
  sample:
    - file: /etc/sysctl.d/99-local.conf
      line: 3
      key: net.ipv4.conf.all.arp_ignore
      value: 0
      wanted: 1
      systemd: true
  contains:
    file:
      description: The other file.
      type: str
      returned: always
      sample: /etc/sysctl.d/99-local.conf
    line:
      description: The number of the line, from 1.
      type: int
      returned: always
      sample: 3
    key:
      description: The setting that it decides on, directly or by a pattern.
      type: str
      returned: always
      sample: net.ipv4.conf.all.arp_ignore
    value:
      description: The value that it sets; V(null) where it excludes the setting, so that nothing sets it.
      type: raw
      returned: always
      sample: 0
    wanted:
      description: The value that is wanted, or the one that must not be exceeded.
      type: int
      returned: always
      sample: 1
    systemd:
      description: Whether systemd reads the line at boot; otherwise only C(sysctl --system) does.
      type: bool
      returned: always
      sample: true
operations:
  description:
    - The operations that were done, or would be done in check mode, in their order. Empty when nothing changes.
  returned: success
  type: list
  elements: dict
  sample:
    - target: runtime
      name: net.ipv4.conf.all.arp_ignore
      before: 0
      after: 1
  contains:
    target:
      description: One of V(record), V(runtime) or V(file).
      type: str
      returned: always
      sample: runtime
    name:
      description: The setting's name, or the path of the record or the file.
      type: str
      returned: always
      sample: net.ipv4.conf.all.arp_ignore
    before:
      description: The value before, or the values in the record or the file; V(null) for no file.
      type: raw
      returned: always
      sample: 0
    after:
      description: The same afterwards.
      type: raw
      returned: always
      sample: 1
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.arp import ARP_SPEC, HEADER, NAMES, arp_intent
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.errors import SysctlError
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.executor import carry_out
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.host import Sysctls
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.interfaces import conf_keys
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.plan import make_plan
from ansible_collections.lvs.cluster.plugins.module_utils.sysctl.report import arp_result


def main():
    module = AnsibleModule(argument_spec=ARP_SPEC, supports_check_mode=True)
    try:
        intent = arp_intent(module.params)
        sysctls = Sysctls(intent.file, HEADER)
        interfaces = sysctls.interfaces()
        goal = intent.goal(interfaces)
        have = sysctls.read(conf_keys(interfaces, NAMES))
        plan = make_plan(have, goal)
        advice = intent.advice(goal, plan.predicted, interfaces, sysctls.config_files())
        after = carry_out(plan, sysctls, module.check_mode)
    except SysctlError as error:
        module.fail_json(msg=str(error))
    for warning in advice.warnings:
        module.warn(warning)
    module.exit_json(**arp_result(intent.file, sysctls.record, interfaces, have, plan, after, advice))


if __name__ == "__main__":
    main()
