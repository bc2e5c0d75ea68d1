#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_table
short_description: Manage a whole table of IPVS virtual services
version_added: "1.0.0"
description:
  - Brings any number of virtual services with their real servers to the declared state, in one task and in place.
    Established connections survive every change that does not remove their real server.
  - The declaration is complete. A field that is left out has its documented default, and does not keep the value that the
    kernel has. This is unlike M(lvs.cluster.ipvs_service) and M(lvs.cluster.ipvs_realserver).
  - What is not declared is removed where the task owns it, see O(scope) and O(purge_real_servers). Everything else is never
    touched.
  - The declaration is checked as a whole before anything is written, and all its problems are told at once with their
    places, such as C(services[2].real_servers[0].weight).
  - Where something else changes the same table meanwhile, the table is read and planned for again, up to five times.
author:
  - The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.ipvs.backend
options:
  services:
    description:
      - The virtual services. Either this or O(file) is needed. The same service twice is an error.
      - Numbers may be strings, since templates make those. A key with the value V(null) counts as left out. An unknown key
        is an error.
      - What a service is known by is C(protocol) (V(tcp), V(udp) or V(sctp), default V(tcp)) with C(address) and C(port), or
        C(fwmark) with C(family) (V(ipv4) or V(ipv6), default V(ipv4)). All mean what they mean in
        M(lvs.cluster.ipvs_service).
      - C(scheduler) is the kernel's name of the scheduler, default V(wlc).
      - C(scheduler_flags) is a list of V(sh-fallback), V(sh-port), V(mh-fallback), V(mh-port), V(flag-1), V(flag-2) and
        V(flag-3), default none.
      - C(persistence_timeout) is in seconds, V(0)..V(2678400), default V(0), which is no persistence.
      - C(persistence_netmask) is a netmask or a prefix length, default one host. It needs C(persistence_timeout).
      - C(persistence_engine) is the name of an engine, default none.
      - C(one_packet) schedules every packet anew, default V(false). It is for V(udp) and for C(fwmark).
      - C(real_servers) is the list of the service's real servers, default none. The same one twice is an error.
      - A real server is known by C(address), which is required, and C(port), default the service's port. Its other keys mean
        what they mean in M(lvs.cluster.ipvs_realserver), which are C(forward) (V(masquerade), V(direct), V(tunnel) or
        V(local), default V(direct)), C(weight) (default V(1)), C(upper_threshold) and C(lower_threshold) (default V(0)),
        C(tunnel_type) (V(ipip), V(gue) or V(gre), default V(ipip)), C(tunnel_port), and C(tunnel_checksum) (V(none), V(csum)
        or V(remcsum), default V(none)).
    type: list
    elements: dict
  file:
    description:
      - Path of a JSON file on the managed host with an object that has C(services), as in O(services), and may have C(scope),
        as in O(scope).
      - The same file can be applied at boot, without Ansible.
    type: path
  scope:
    description:
      - Which virtual services this task owns. A service in the kernel that is in the scope and is not declared is deleted. A
        declared service outside of the scope is an error.
      - A service is in the scope when one of the options below covers it.
      - Without a scope no service is ever deleted.
    type: dict
    suboptions:
      all:
        description: All services of this host's network namespace.
        type: bool
        default: false
      addresses:
        description: VIPs, with all their protocols and ports.
        type: list
        elements: str
      networks:
        description: Networks of VIPs, such as V(192.0.2.0/24) or V(2001:db8::/64), without host bits.
        type: list
        elements: str
      fwmarks:
        description: Firewall marks, such as V(7), and ranges of them, such as V(100-199), of both address families.
        type: list
        elements: str
      services:
        description: Single services, as results name them, such as V(tcp 192.0.2.10:80), V(udp [2001:db8::10]:53) or
          V(fwmark 7 ipv6).
        type: list
        elements: str
  purge_real_servers:
    description:
      - Whether a declared service owns all its real servers, so that those not declared are removed.
      - Use V(false) where something else adds real servers to the same services.
    type: bool
    default: true
  max_delete:
    description:
      - How many services and real servers may be deleted at most, counting the real servers of deleted services. More is an
        error that names them, before anything is changed, in check mode as well.
      - By default half of what the task owns in the kernel, and always 10, so that a list that is empty by mistake cannot
        empty a large table.
      - V(0) forbids every deletion, V(-1) allows any number.
    type: int
seealso:
  - module: lvs.cluster.ipvs_service
  - module: lvs.cluster.ipvs_realserver
  - name: ipvsadm(8)
    description: The same table on the command line, with the meaning of each field.
    link: https://manpages.debian.org/ipvsadm.8
"""

EXAMPLES = r"""
- name: Two services with their real servers, and nothing else on this VIP
  lvs.cluster.ipvs_table:
    scope:
      addresses: [192.0.2.10]
    services:
      - address: 192.0.2.10
        port: 80
        scheduler: wrr
        real_servers:
          - address: 198.51.100.11
            weight: 100
          - address: 198.51.100.12
            weight: 50
      - address: 192.0.2.10
        port: 443
        scheduler: mh
        scheduler_flags: [mh-fallback, mh-port]
        real_servers:
          - {address: 198.51.100.11, forward: masquerade, port: 8443}
          - {address: 198.51.100.12, forward: masquerade, port: 8443}

- name: Take one real server out of service, all else as before
  lvs.cluster.ipvs_table:
    services:
      - address: 192.0.2.10
        port: 80
        scheduler: wrr
        real_servers:
          - {address: 198.51.100.11, weight: 0}
          - {address: 198.51.100.12, weight: 50}

- name: Over IPv6 with IPv4 tunnels, and by firewall mark, for a host that does nothing else
  lvs.cluster.ipvs_table:
    scope:
      all: true
    services:
      - protocol: udp
        address: 2001:db8::10
        port: 53
        one_packet: true
        real_servers:
          - {address: 203.0.113.13, forward: tunnel, tunnel_type: gue, tunnel_port: 6080, tunnel_checksum: csum}
      - fwmark: 80
        persistence_timeout: 300
        real_servers:
          - address: 198.51.100.11

- name: Nothing on this VIP and with these marks any more
  lvs.cluster.ipvs_table:
    scope:
      networks: [192.0.2.10/32, 2001:db8::/64]
      fwmarks: [80, 100-199]
    services: []
    max_delete: 20
"""

RETURN = r"""
summary:
  description:
    - Counts. C(services) and C(real_servers) are those of the whole table of the host afterwards, the others say what was
      done, or would be done in check mode.
    - C(real_servers_deleted) counts those of deleted services, too.
  returned: success
  type: dict
  sample:
    services: 2
    real_servers: 4
    services_created: 1
    services_updated: 0
    services_deleted: 0
    real_servers_created: 2
    real_servers_updated: 1
    real_servers_deleted: 0
operations:
  description:
    - The operations that were done, or would be done in check mode, in their order. Empty when nothing changes.
    - Only the first 1000 of them, so that building a large table does not exhaust the host's memory. All are counted in
      RV(operations_total) and RV(summary), and C(--diff) shows all services that differ, whatever their number.
  returned: success
  type: list
  elements: dict
  sample:
    - action: update
      service: tcp 192.0.2.10:80
      real_server: 198.51.100.11:80
      before: {weight: 100}
      after: {weight: 0}
  contains:
    action:
      description: One of V(create), V(update) or V(delete).
      type: str
      returned: always
      sample: update
    service:
      description: The service's key.
      type: str
      returned: always
      sample: tcp 192.0.2.10:80
    real_server:
      description: The real server's key; V(null) for an operation on the service itself.
      type: str
      returned: always
      sample: 198.51.100.11:80
    before:
      description: The fields before; only the changed ones of an update, empty for a creation.
      type: dict
      returned: always
      sample: {weight: 100}
    after:
      description: The same fields after; empty for a deletion.
      type: dict
      returned: always
      sample: {weight: 0}
operations_total:
  description: How many operations there were, also those that RV(operations) leaves out.
  returned: success
  type: int
  sample: 1
"""

import gc

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.backends import open_transport
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.executor import reconcile
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.params import TABLE_SPEC
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.report import table_diff, table_result
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.table_intent import table_intent


def main():
    # Large tables are many small objects that all live until the end: looking for garbage among them costs a quarter of the time.
    gc.disable()
    module = AnsibleModule(
        argument_spec=TABLE_SPEC,
        mutually_exclusive=[("services", "file")],
        required_one_of=[("services", "file")],
        supports_check_mode=True,
    )
    try:
        intent = table_intent(module.params)
        transport = open_transport(module.params["backend"], module.params["load_module"])
        transport.expect(intent.want)
        outcome = reconcile(transport, transport.read_all, intent.goal, module.check_mode)
    except IpvsError as error:
        module.fail_json(msg=str(error))
    result = table_result(outcome)
    if module._diff:
        result["diff"] = table_diff(outcome)
    # Ansible would send the whole declaration back with the result, which takes longer than all the rest.
    arguments = {option: value for option, value in module.params.items() if option != "services"}
    module.exit_json(invocation={"module_args": arguments}, **result)


if __name__ == "__main__":
    main()
