#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_realserver
short_description: Manage one real server of an IPVS virtual service
version_added: "1.0.0"
description:
  - Adds, edits, drains or removes one real server of one virtual service in the IPVS table of a Linux director.
  - Options that are left out keep the value that the kernel has, and have the documented default when the real server
    is added.
  - The service has to exist, see M(lvs.cluster.ipvs_service). In check mode a missing service is taken as one that an
    earlier task would have created, and the real server is reported as added.
author:
  - The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
  - lvs.cluster.ipvs
  - lvs.cluster.ipvs.backend
options:
  state:
    description:
      - Whether the real server is to be in the kernel's table.
      - V(absent) removes the real server at once, with its established connections.
      - V(drained) lets them end first. It sets the weight to 0 and leaves all other fields as they are, then waits until
        no connections are left or O(drain_timeout) is over. Options for other fields are not looked at, as with V(absent).
      - Nothing is to be removed or drained from a service that does not exist, so that is no error. Neither is a real
        server that has gone.
    type: str
    choices: [present, absent, drained]
    default: present
  drain_connections:
    description:
      - Which connections are waited for with O(state=drained).
      - V(all) waits for active and inactive ones. The kernel counts a TCP connection as inactive once it is closing, and
        keeps it for up to 2 minutes then (see M(lvs.cluster.ipvs_timeouts)); in direct routing and tunnels, where the
        director does not see the answers, a real server may still be sending meanwhile. All of UDP is inactive, and is
        kept for 5 minutes after the last packet.
      - V(active) does not wait for inactive ones, so a removal cuts those, and UDP is never waited for.
      - Persistent clients have templates in the kernel besides their connections. Those are reported and not waited
        for. While they last, such clients still come back to a real server with weight 0, so that it may never be
        drained, unless the sysctl C(net.ipv4.vs.expire_quiescent_template) is 1.
    type: str
    choices: [all, active]
    default: all
  drain_timeout:
    description:
      - For how many seconds O(state=drained) waits at most, V(0)..V(86400). The connections are counted once a second.
      - The default is more than the kernel's own timeouts for closed connections, since a shorter time would rarely do
        with O(drain_connections=all).
      - V(0) means not to wait. The weight is set, and RV(drained) tells how it stands. A task with C(until) or a later one
        can look again.
    type: int
    default: 300
  drain_then:
    description:
      - What becomes of a real server that is drained.
      - V(leave) keeps it in the table with weight 0, so that O(state=present) with O(weight) brings it back.
      - V(remove) removes it once it is drained.
    type: str
    choices: [leave, remove]
    default: leave
  drain_on_timeout:
    description:
      - What happens when O(drain_timeout) is over and connections are left.
      - V(report) is no failure. The real server stays in the table with weight 0, also with O(drain_then=remove), and
        RV(drained) is V(false).
      - V(fail) is the same, and the task fails.
      - V(remove) removes the real server, which cuts the connections in RV(connections). It is accepted with
        O(drain_then=remove) only.
    type: str
    choices: [report, fail, remove]
    default: report
  service_address:
    description:
      - The VIP of the service, an IPv4 or IPv6 address without prefix length.
      - Either this and O(service_port), or O(fwmark) is needed.
    type: str
  service_port:
    description:
      - The port of the service, V(0)..V(65535), where V(0) stands for every port.
    type: int
  address:
    description:
      - The RIP, which is the real server's own IPv4 or IPv6 address. Part of what the kernel knows the real server by.
      - With O(forward=tunnel) its family may differ from the service's.
    type: str
    required: true
  port:
    description:
      - The port on the real server, V(0)..V(65535). Part of what the kernel knows the real server by.
      - Default is the service's port, which is V(0) for a O(fwmark) service. Only O(forward=masquerade) can rewrite
        ports; a different port is refused with the others, although the kernel takes it.
    type: int
  forward:
    description:
      - The forwarding method. Default on creation is V(direct), as in C(ipvsadm).
      - V(masquerade) rewrites addresses (NAT), so the real server answers through the director.
      - V(direct) sends the packet unchanged to the real server's MAC address (direct routing). The real server is in
        the same network and has the VIP on an interface that does not answer ARP.
      - V(tunnel) wraps the packet, see O(tunnel_type). The real server unwraps it and has the VIP.
      - V(local) is the director itself.
    type: str
    choices: [masquerade, direct, tunnel, local]
  weight:
    description:
      - The real server's share of new connections in relation to the others, V(0)..V(2147483647). Default on creation
        is V(1).
      - V(0) means no new connections, while established ones and persistent clients go on. O(state=drained) also waits
        for their end.
    type: int
  upper_threshold:
    description:
      - From this number of connections on, the real server gets no new ones, V(0)..V(2147483647). V(0) means no limit,
        which is the default on creation.
    type: int
  lower_threshold:
    description:
      - An overloaded real server gets new connections again below this number, V(0)..V(2147483647), at most
        O(upper_threshold). V(0) stands for three quarters of O(upper_threshold), and is the default on creation.
    type: int
  tunnel_type:
    description:
      - What the packets are wrapped in, for O(forward=tunnel) only. Default on creation is V(ipip).
      - V(ipip) costs 20 bytes of each packet, V(gue) 32 and V(gre) 24, over IPv4.
    type: str
    choices: [ipip, gue, gre]
  tunnel_port:
    description:
      - The UDP port that the real server unwraps on, V(1)..V(65535). Needed for O(tunnel_type=gue), and only there.
    type: int
  tunnel_checksum:
    description:
      - The checksum of the tunnel's header. V(csum) is for O(tunnel_type=gue) and O(tunnel_type=gre), V(remcsum) (remote
        checksum offload) for O(tunnel_type=gue) only. Default on creation is V(none).
    type: str
    choices: [none, csum, remcsum]
notes:
  - In check mode O(state=drained) looks once and does not wait. It predicts the weight of 0. It predicts a removal where
    no connections are left at that moment, or where O(drain_on_timeout=remove) ends in one anyway; when others will end,
    it cannot know. It never fails for O(drain_on_timeout=fail).
  - Something else that gives the real server a weight while O(state=drained) waits, such as a health checker, ends the
    waiting with an error.
seealso:
  - module: lvs.cluster.ipvs_service
  - module: lvs.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: The service that the next tasks add real servers to
  lvs.cluster.ipvs_service:
    address: 192.0.2.10
    port: 80

- name: A real server by direct routing, on the service's port
  lvs.cluster.ipvs_realserver:
    service_address: 192.0.2.10
    service_port: 80
    address: 198.51.100.11
    forward: direct
    weight: 100

- name: One behind NAT, on another port and with limits
  lvs.cluster.ipvs_realserver:
    service_address: 192.0.2.10
    service_port: 80
    address: 198.51.100.12
    port: 8080
    forward: masquerade
    upper_threshold: 1000
    lower_threshold: 800

- name: One in another network, through a GUE tunnel
  lvs.cluster.ipvs_realserver:
    service_address: 192.0.2.10
    service_port: 80
    address: 203.0.113.13
    forward: tunnel
    tunnel_type: gue
    tunnel_port: 6080
    tunnel_checksum: csum

- name: No new connections, all else as it is
  lvs.cluster.ipvs_realserver:
    service_address: 192.0.2.10
    service_port: 80
    address: 198.51.100.11
    weight: 0

- name: Take it out for maintenance, and go on when nobody is connected any more
  lvs.cluster.ipvs_realserver:
    service_address: 192.0.2.10
    service_port: 80
    address: 198.51.100.11
    state: drained
    drain_timeout: 600
    drain_on_timeout: fail

- name: Bring it back
  lvs.cluster.ipvs_realserver:
    service_address: 192.0.2.10
    service_port: 80
    address: 198.51.100.11
    weight: 100

- name: Remove another one, with the connections that are left after five minutes
  lvs.cluster.ipvs_realserver:
    service_address: 192.0.2.10
    service_port: 80
    address: 198.51.100.12
    port: 8080
    state: drained
    drain_then: remove
    drain_on_timeout: remove

- name: Remove one at once
  lvs.cluster.ipvs_realserver:
    service_address: 192.0.2.10
    service_port: 80
    address: 198.51.100.11
    state: absent
"""

RETURN = r"""
real_server:
  description:
    - The real server as read back from the kernel, or as predicted in check mode; V(null) when it is absent.
  returned: success
  type: dict
  sample:
    address: 198.51.100.12
    port: 8080
    family: ipv4
    forward: masquerade
    weight: 1
    upper_threshold: 1000
    lower_threshold: 800
    tunnel_type: ipip
    tunnel_port: 0
    tunnel_checksum: none
  contains:
    address:
      description: The RIP in canonical form.
      type: str
      returned: always
      sample: 198.51.100.12
    port:
      description: The port on the real server.
      type: int
      returned: always
      sample: 8080
    family:
      description: The family of the RIP, V(ipv4) or V(ipv6).
      type: str
      returned: always
      sample: ipv4
    forward:
      description: The forwarding method.
      type: str
      returned: always
      sample: masquerade
    weight:
      description: The weight.
      type: int
      returned: always
      sample: 1
    upper_threshold:
      description: Connections; V(0) without a limit.
      type: int
      returned: always
      sample: 1000
    lower_threshold:
      description: Connections; V(0) when it is not set.
      type: int
      returned: always
      sample: 800
    tunnel_type:
      description: The tunnel's type; V(ipip) for the other forwarding methods, too.
      type: str
      returned: always
      sample: ipip
    tunnel_port:
      description: The UDP port of a GUE tunnel; V(0) otherwise.
      type: int
      returned: always
      sample: 0
    tunnel_checksum:
      description: The checksum of the tunnel's header.
      type: str
      returned: always
      sample: none
drained:
  description:
    - Whether no connections are left of those that O(drain_connections) names, or the real server has gone. In check
      mode, how it stands now.
  returned: with O(state=drained), also when O(drain_on_timeout=fail) fails
  type: bool
  sample: true
connections:
  description:
    - The connections at the last look, before a removal. All V(0) when the real server has gone.
  returned: with O(state=drained), also when O(drain_on_timeout=fail) fails
  type: dict
  sample: {active: 0, inactive: 0, persistent: 3}
  contains:
    active:
      description: Established connections.
      type: int
      returned: always
      sample: 0
    inactive:
      description: Closing connections, and all of UDP.
      type: int
      returned: always
      sample: 0
    persistent:
      description: Templates that tie a persistent client to this real server.
      type: int
      returned: always
      sample: 3
waited:
  description: Seconds that passed from the weight of 0 to the last look.
  returned: with O(state=drained), also when O(drain_on_timeout=fail) fails
  type: int
  sample: 17
operations:
  description:
    - The operations that were done, or would be done in check mode, in their order. Empty when nothing changes.
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
      description: The real server's key.
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
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.backends import open_transport
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.drain_params import DRAIN_SPEC, drain_policy
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.drain_report import drain_result, late_message
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.drain_run import Drainer
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.executor import reconcile
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.params import REAL_SERVER_SPEC, real_server_intent
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.report import real_server_result

SPEC = {**REAL_SERVER_SPEC, **DRAIN_SPEC}


def main():
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    try:
        intent = real_server_intent(module.params)
        policy = drain_policy(module.params) if module.params["state"] == "drained" else None
        transport = open_transport(module.params["backend"], module.params["load_module"])
        result = drain(module, intent, policy, transport) if policy else settle(module, intent, transport)
    except IpvsError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


def settle(module, intent, transport):
    def read():
        have = transport.read([intent.service])
        return intent.assume_service(have) if module.check_mode else have

    outcome = reconcile(transport, read, intent.goal, module.check_mode)
    return real_server_result(intent.service, intent.key, outcome)


def drain(module, intent, policy, transport):
    done = Drainer(transport, intent.service, intent.key, policy).run(module.check_mode)
    result = drain_result(intent.service, intent.key, done)
    # In check mode no time has passed in which they could have ended.
    if policy.fails(done.verdict) and not module.check_mode:
        module.fail_json(msg=late_message(intent.service, intent.key, done), **result)
    return result


if __name__ == "__main__":
    main()
