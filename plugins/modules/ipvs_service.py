#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_service
short_description: Manage one IPVS virtual service
version_added: "1.0.0"
description:
  - Creates, edits or deletes one virtual service in the IPVS table of a Linux director.
  - A virtual service is what clients talk to. It has a VIP and a port, or a firewall mark, and a scheduler that picks
    the real server for each new connection. Its real servers come from M(lvs.cluster.ipvs_realserver).
  - Options that are left out keep the value that the kernel has, and have the documented default when the service is
    created.
author:
  - The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.ipvs
  - lvs.cluster.ipvs.backend
options:
  state:
    description:
      - Whether the service is to be in the kernel's table.
      - V(absent) deletes the service together with its real servers. Their established connections end.
    type: str
    choices: [present, absent]
    default: present
  address:
    description:
      - The VIP, an IPv4 or IPv6 address without prefix length. Part of what the kernel knows the service by.
      - Either this and O(port), or O(fwmark) is needed.
    type: str
  port:
    description:
      - The port of the VIP, V(0)..V(65535). Part of what the kernel knows the service by.
      - V(0) stands for every port, and needs O(persistence_timeout).
    type: int
  scheduler:
    description:
      - How a real server is picked for a new connection, by the kernel's name, such as V(rr), V(wrr), V(lc), V(wlc),
        V(sh), V(mh), V(sed), V(nq), V(lblc), V(lblcr), V(dh), V(fo), V(ovf). Default on creation is V(wlc).
      - The kernel loads the module C(ip_vs_NAME) by itself.
      - Where several directors share the clients, V(mh) is better than V(sh), since it is indifferent to the order in
        which real servers were added.
    type: str
  scheduler_flags:
    description:
      - Flags of the scheduler, replacing those that are set; an empty list clears them. Default on creation is none.
        When O(scheduler) changes and this is left out, the flags are cleared, since they mean something else then.
      - V(sh-fallback) and V(mh-fallback) choose another real server if the chosen one has weight 0 or is overloaded.
      - V(sh-port) and V(mh-port) add the client's port to the hash.
      - V(flag-1), V(flag-2) and V(flag-3) are the same three bits, for any scheduler.
    type: list
    elements: str
    choices: [sh-fallback, sh-port, mh-fallback, mh-port, flag-1, flag-2, flag-3]
  persistence_timeout:
    description:
      - For how many seconds a client is sent to the same real server after its last connection has ended,
        V(0)..V(2678400), which is 31 days. V(0) means no persistence, which is the default on creation.
      - When this is V(0), the C(persistence_netmask) of the kernel has no effect and is reported as that of one host.
    type: int
  persistence_netmask:
    description:
      - Which clients count as the same one. A netmask like V(255.255.255.0) or a prefix length V(0)..V(32) for an IPv4
        service, a prefix length V(1)..V(128) for an IPv6 service. Default on creation is one host.
      - Has no effect without persistence, and is refused there.
    type: str
  persistence_engine:
    description:
      - The name of the persistence engine, which finds out who the client is. The kernel has V(sip), which looks at the
        Call-ID of SIP messages. The empty string removes the engine. Default on creation is none.
    type: str
  one_packet:
    description:
      - Schedule every single packet anew, for UDP protocols with one request and one answer. Default on creation is
        V(false).
      - For O(protocol=udp) and O(fwmark) services only; the kernel accepts others, where it breaks connections.
    type: bool
seealso:
  - module: lvs.cluster.ipvs_realserver
"""

EXAMPLES = r"""
- name: A web service with the least-connection scheduler
  lvs.cluster.ipvs_service:
    address: 192.0.2.10
    port: 80
    scheduler: wlc

- name: Keep each network of clients on one real server for an hour
  lvs.cluster.ipvs_service:
    address: 192.0.2.10
    port: 80
    persistence_timeout: 3600
    persistence_netmask: 255.255.255.0

- name: A name server over IPv6, scheduled packet by packet
  lvs.cluster.ipvs_service:
    protocol: udp
    address: 2001:db8::10
    port: 53
    scheduler: rr
    one_packet: true

- name: Hash clients with their port, the same on every director
  lvs.cluster.ipvs_service:
    address: 192.0.2.10
    port: 443
    scheduler: mh
    scheduler_flags: [mh-fallback, mh-port]

- name: HTTP and HTTPS as one service, by the firewall's mark
  lvs.cluster.ipvs_service:
    fwmark: 80
    scheduler: rr
    persistence_timeout: 300

- name: No service on this address any more
  lvs.cluster.ipvs_service:
    address: 192.0.2.10
    port: 443
    state: absent
"""

RETURN = r"""
service:
  description:
    - The service as read back from the kernel, or as predicted in check mode; V(null) when it is absent.
  returned: success
  type: dict
  sample:
    protocol: tcp
    address: 192.0.2.10
    port: 80
    fwmark: null
    family: ipv4
    scheduler: wlc
    scheduler_flags: []
    persistence_timeout: 3600
    persistence_netmask: 255.255.255.0
    persistence_engine: ""
    one_packet: false
    real_servers: []
  contains:
    protocol:
      description: The protocol; V(null) for a fwmark service.
      type: str
      returned: always
      sample: tcp
    address:
      description: The VIP in canonical form; V(null) for a fwmark service.
      type: str
      returned: always
      sample: 192.0.2.10
    port:
      description: The port; V(null) for a fwmark service.
      type: int
      returned: always
      sample: 80
    fwmark:
      description: The firewall mark; V(null) for a service with an address.
      type: int
      returned: always
      sample: 80
    family:
      description: The address family, V(ipv4) or V(ipv6).
      type: str
      returned: always
      sample: ipv4
    scheduler:
      description: The scheduler's name.
      type: str
      returned: always
      sample: wlc
    scheduler_flags:
      description: The scheduler's flags, named after the scheduler where it has names for them.
      type: list
      elements: str
      returned: always
      sample: [mh-fallback, mh-port]
    persistence_timeout:
      description: Seconds; V(0) without persistence.
      type: int
      returned: always
      sample: 3600
    persistence_netmask:
      description: Dotted for IPv4, a prefix length for IPv6; that of one host without persistence.
      type: str
      returned: always
      sample: 255.255.255.0
    persistence_engine:
      description: The persistence engine's name, empty when there is none.
      type: str
      returned: always
      sample: sip
    one_packet:
      description: Whether every packet is scheduled anew.
      type: bool
      returned: always
      sample: false
    real_servers:
      description: Its real servers, sorted, with the keys that M(lvs.cluster.ipvs_realserver) returns.
      type: list
      elements: dict
      returned: always
      sample: []
operations:
  description:
    - The operations that were done, or would be done in check mode, in their order. Empty when nothing changes.
  returned: success
  type: list
  elements: dict
  sample:
    - action: update
      service: tcp 192.0.2.10:80
      real_server: null
      before: {scheduler: rr}
      after: {scheduler: wlc}
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
      sample: {scheduler: rr}
    after:
      description: The same fields after; empty for a deletion.
      type: dict
      returned: always
      sample: {scheduler: wlc}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.backends import open_transport
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.executor import reconcile
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.params import SERVICE_SPEC, service_intent
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.report import service_result


def main():
    module = AnsibleModule(argument_spec=SERVICE_SPEC, supports_check_mode=True)
    try:
        intent = service_intent(module.params)
        transport = open_transport(module.params["backend"], module.params["load_module"])
        outcome = reconcile(transport, lambda: transport.read([intent.key]), intent.goal, module.check_mode)
    except IpvsError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**service_result(intent.key, outcome))


if __name__ == "__main__":
    main()
