#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_info
short_description: Read the IPVS table, its statistics, daemons and timeouts
version_added: "1.0.0"
description:
  - Reads what IPVS on a Linux director holds and counts. That is the virtual services with their real servers, connections
    and statistics, the synchronisation daemons, the timeouts, and what the kernel's IPVS is able to do.
  - It changes nothing, and it does not load the kernel module. Without the module RV(loaded) is V(false), and there are no
    services.
  - Without options for them all services are returned. With several, those that fit all of them.
author:
  - The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
attributes:
  diff_mode:
    description: Returns details on what has changed (or would change in C(check_mode)), when in diff mode.
    support: N/A
    details: This module does not change anything.
  facts:
    description: Returns an C(ansible_facts) dictionary that updates existing host facts.
    support: none
options:
  protocol:
    description:
      - Only services of this protocol.
    type: str
    choices: [tcp, udp, sctp]
  address:
    description:
      - Only services with this VIP, an IPv4 or IPv6 address without prefix length.
    type: str
  port:
    description:
      - Only services with this port, V(0)..V(65535). V(0) is that of services for every port.
    type: int
  fwmark:
    description:
      - Only the services with this firewall mark, V(1)..V(4294967295). Such services have no address, port or protocol, so
        it excludes O(address), O(port) and O(protocol).
    type: int
  family:
    description:
      - Only services of this address family.
    type: str
    choices: [ipv4, ipv6]
  backend:
    description:
      - The way to the kernel, see M(lvs.cluster.ipvs_service).
      - V(auto) means V(netlink), and V(ipvsadm) where the host does not allow netlink sockets.
    type: str
    choices: [auto, netlink, ipvsadm]
    default: auto
requirements:
  - Python 3.8 or newer on the managed host, without further packages; C(ipvsadm) only for O(backend=ipvsadm).
  - The capability C(CAP_NET_ADMIN) on the managed host, so usually C(become=true). The kernel wants it for reading, too.
notes:
  - The table and the statistics are read one after the other, so they are not of exactly the same moment.
seealso:
  - module: lvs.cluster.ipvs_service
  - module: lvs.cluster.ipvs_realserver
  - module: lvs.cluster.ipvs_sync_daemon
  - module: lvs.cluster.ipvs_timeouts
"""

EXAMPLES = r"""
- name: Read everything
  lvs.cluster.ipvs_info:
  register: ipvs

- name: Show the real servers without weight
  ansible.builtin.debug:
    msg: "{{ ipvs.services | map(attribute='real_servers') | flatten | selectattr('weight', '==', 0) | map(attribute='address') }}"

- name: Read one service
  lvs.cluster.ipvs_info:
    protocol: tcp
    address: 192.0.2.10
    port: 80
  register: web

- name: Show how many connections are established to it
  ansible.builtin.debug:
    msg: "{{ web.services | map(attribute='real_servers') | flatten | map(attribute='connections.active') | sum }}"

- name: Wait until nobody is connected to one real server, whatever the service
  lvs.cluster.ipvs_info:
    family: ipv4
  register: ipvs
  until: >-
    ipvs.services | map(attribute='real_servers') | flatten | selectattr('address', '==', '198.51.100.11')
    | map(attribute='connections.active') | sum == 0
  retries: 30
  delay: 2

- name: Read the services of a firewall mark, of both families
  lvs.cluster.ipvs_info:
    fwmark: 80
"""

RETURN = r"""
loaded:
  description: Whether the kernel module C(ip_vs) is loaded. If not, there are no services, daemons and timeouts to read.
  returned: success
  type: bool
  sample: true
version:
  description: The version of IPVS in the kernel; V(null) when the module is not loaded.
  returned: success
  type: str
  sample: 1.2.1
connection_table_size:
  description:
    - How many buckets the kernel's hash table of connections has. It does not limit their number.
    - V(null) when the module is not loaded.
  returned: success
  type: int
  sample: 4096
schedulers:
  description: The names of the schedulers that the kernel has loaded or can load, sorted.
  returned: success
  type: list
  elements: str
  sample: [dh, fo, lblc, lblcr, lc, mh, nq, ovf, rr, sed, sh, twos, wlc, wrr]
persistence_engines:
  description: The names of the persistence engines that the kernel has loaded or can load, sorted.
  returned: success
  type: list
  elements: str
  sample: [sip]
services:
  description: The virtual services that were asked for, sorted by family, firewall mark, protocol, address and port.
  returned: success
  type: list
  elements: dict
  sample:
    - protocol: tcp
      address: 192.0.2.10
      port: 80
      fwmark: null
      family: ipv4
      scheduler: wlc
      scheduler_flags: []
      persistence_timeout: 0
      persistence_netmask: 255.255.255.255
      persistence_engine: ""
      one_packet: false
      statistics:
        connections: 1200
        incoming_packets: 9600
        outgoing_packets: 0
        incoming_bytes: 1048576
        outgoing_bytes: 0
        connection_rate: 3
        incoming_packet_rate: 24
        outgoing_packet_rate: 0
        incoming_byte_rate: 2621
        outgoing_byte_rate: 0
      real_servers:
        - address: 198.51.100.11
          port: 80
          family: ipv4
          forward: direct
          weight: 100
          upper_threshold: 0
          lower_threshold: 0
          tunnel_type: ipip
          tunnel_port: 0
          tunnel_checksum: none
          connections: {active: 12, inactive: 30, persistent: 0}
          statistics:
            connections: 1200
            incoming_packets: 9600
            outgoing_packets: 0
            incoming_bytes: 1048576
            outgoing_bytes: 0
            connection_rate: 3
            incoming_packet_rate: 24
            outgoing_packet_rate: 0
            incoming_byte_rate: 2621
            outgoing_byte_rate: 0
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
      sample: 300
    persistence_netmask:
      description: Dotted for IPv4, a prefix length for IPv6; that of one host without persistence.
      type: str
      returned: always
      sample: 255.255.255.255
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
    statistics:
      description:
        - Counted since the service was made, or its counters were zeroed; rates are the kernel's estimate over some seconds.
        - V(null) when it went away while the table was read.
      type: dict
      returned: always
      sample:
        connections: 1200
        incoming_packets: 9600
        outgoing_packets: 0
        incoming_bytes: 1048576
        outgoing_bytes: 0
        connection_rate: 3
        incoming_packet_rate: 24
        outgoing_packet_rate: 0
        incoming_byte_rate: 2621
        outgoing_byte_rate: 0
      contains:
        connections:
          description: Connections.
          type: int
          returned: always
          sample: 1200
        incoming_packets:
          description: Packets from clients.
          type: int
          returned: always
          sample: 9600
        outgoing_packets:
          description: Packets to clients; V(0) with direct routing and tunnels, where the director does not see them.
          type: int
          returned: always
          sample: 0
        incoming_bytes:
          description: Bytes from clients.
          type: int
          returned: always
          sample: 1048576
        outgoing_bytes:
          description: Bytes to clients; V(0) with direct routing and tunnels.
          type: int
          returned: always
          sample: 0
        connection_rate:
          description: New connections per second.
          type: int
          returned: always
          sample: 3
        incoming_packet_rate:
          description: Packets from clients per second.
          type: int
          returned: always
          sample: 24
        outgoing_packet_rate:
          description: Packets to clients per second.
          type: int
          returned: always
          sample: 0
        incoming_byte_rate:
          description: Bytes from clients per second.
          type: int
          returned: always
          sample: 2621
        outgoing_byte_rate:
          description: Bytes to clients per second.
          type: int
          returned: always
          sample: 0
    real_servers:
      description: Its real servers, sorted by address and port.
      type: list
      elements: dict
      returned: always
      sample: []
      contains:
        address:
          description: The RIP in canonical form.
          type: str
          returned: always
          sample: 198.51.100.11
        port:
          description: The port on the real server.
          type: int
          returned: always
          sample: 80
        family:
          description: The family of the RIP, V(ipv4) or V(ipv6).
          type: str
          returned: always
          sample: ipv4
        forward:
          description: The forwarding method.
          type: str
          returned: always
          sample: direct
        weight:
          description: The weight.
          type: int
          returned: always
          sample: 100
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
        connections:
          description: The connections of the real server now; V(null) when it went away while the table was read.
          type: dict
          returned: always
          sample: {active: 12, inactive: 30, persistent: 0}
          contains:
            active:
              description: Established connections.
              type: int
              returned: always
              sample: 12
            inactive:
              description: Closing connections, and all of UDP.
              type: int
              returned: always
              sample: 30
            persistent:
              description: Templates that tie a persistent client to this real server.
              type: int
              returned: always
              sample: 0
        statistics:
          description:
            - Counted since the real server was made, or its counters were zeroed; rates are the kernel's estimate over some seconds.
            - V(null) when it went away while the table was read.
          type: dict
          returned: always
          sample:
            connections: 1200
            incoming_packets: 9600
            outgoing_packets: 0
            incoming_bytes: 1048576
            outgoing_bytes: 0
            connection_rate: 3
            incoming_packet_rate: 24
            outgoing_packet_rate: 0
            incoming_byte_rate: 2621
            outgoing_byte_rate: 0
          contains:
            connections:
              description: Connections.
              type: int
              returned: always
              sample: 1200
            incoming_packets:
              description: Packets from clients.
              type: int
              returned: always
              sample: 9600
            outgoing_packets:
              description: Packets to clients; V(0) with direct routing and tunnels, where the director does not see them.
              type: int
              returned: always
              sample: 0
            incoming_bytes:
              description: Bytes from clients.
              type: int
              returned: always
              sample: 1048576
            outgoing_bytes:
              description: Bytes to clients; V(0) with direct routing and tunnels.
              type: int
              returned: always
              sample: 0
            connection_rate:
              description: New connections per second.
              type: int
              returned: always
              sample: 3
            incoming_packet_rate:
              description: Packets from clients per second.
              type: int
              returned: always
              sample: 24
            outgoing_packet_rate:
              description: Packets to clients per second.
              type: int
              returned: always
              sample: 0
            incoming_byte_rate:
              description: Bytes from clients per second.
              type: int
              returned: always
              sample: 2621
            outgoing_byte_rate:
              description: Bytes to clients per second.
              type: int
              returned: always
              sample: 0
daemons:
  description: The synchronisation daemons that run, sorted by role.
  returned: success
  type: list
  elements: dict
  sample:
    - {role: backup, interface: eth1, sync_id: 10, max_length: 1472, group: 224.0.0.81, port: 8848, ttl: 1}
    - {role: master, interface: eth1, sync_id: 10, max_length: 1472, group: 224.0.0.81, port: 8848, ttl: 1}
  contains:
    role:
      description: Either V(master), which sends connections, or V(backup), which receives them.
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
timeouts:
  description: For how many seconds an idle connection is kept; V(null) when the module is not loaded.
  returned: success
  type: dict
  sample: {tcp: 900, tcp_fin: 120, udp: 300}
  contains:
    tcp:
      description: Seconds for an established TCP connection.
      type: int
      returned: always
      sample: 900
    tcp_fin:
      description: Seconds for a TCP connection after a FIN.
      type: int
      returned: always
      sample: 120
    udp:
      description: Seconds for UDP after the last packet.
      type: int
      returned: always
      sample: 300
"""

from functools import partial

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.backends import open_control, open_transport
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.info import gather
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.info_params import INFO_SPEC, selection
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.info_report import info_result
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.kernel_modules import KernelModules


def main():
    module = AnsibleModule(argument_spec=INFO_SPEC, supports_check_mode=True)
    backend = module.params["backend"]
    try:
        info = gather(
            selection(module.params),
            partial(open_transport, backend, load_module=False),
            partial(open_control, backend, load_module=False),
            KernelModules(),
        )
    except IpvsError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**info_result(info))


if __name__ == "__main__":
    main()
