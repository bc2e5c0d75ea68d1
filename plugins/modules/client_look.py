#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: client_look
short_description: Ask a cluster as its clients do, and tell what came back
version_added: "1.0.0"
description:
  - Sends requests over HTTP to virtual services, and tells who answered, from which hardware address the answers came, and who answers ARP
    for the VIPs. With O(sizes=true) it tells whether packets of full size pass instead.
  - P(lvs.cluster.diagnosis#filter) judges what was seen.
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
  services:
    description: What is asked, each with a C(name), an C(address), a C(port), C(tls), and C(times), how often with O(sizes).
    type: list
    elements: dict
    default: []
  vips:
    description: The addresses that ARP, and the way there, are looked at for.
    type: list
    elements: str
    default: []
  requests:
    description: How many requests each service gets, each in a connection of its own. After 30 seconds there are no more.
    type: int
    default: 20
  path:
    description: The page that is asked for.
    type: str
    default: /
  sizes:
    description:
      - Whether it is looked at whether large answers, large requests and packets of the card's size pass, and at nothing else.
      - No page has to be large for that.
    type: bool
    default: false
requirements:
  - Python 3.8 or newer and iproute2 on the client.
  - Root on the client, so usually C(become=true).
"""

EXAMPLES = r"""
- name: See who answers
  lvs.cluster.client_look:
    services:
      - {name: web, address: 192.0.2.10, port: 80}
    vips: [192.0.2.10]
    requests: 6
  register: seen

- name: See whether large answers come through
  lvs.cluster.client_look:
    services:
      - {name: web, address: 192.0.2.10, port: 80, times: 2}
    sizes: true
"""

RETURN = r"""
look:
  description: What was seen.
  returned: success
  type: dict
  contains:
    errors:
      description: What could not be looked at, with the reason.
      returned: always
      type: dict
      sample: {}
    cards:
      description: Devices with hardware address and MTU.
      returned: without O(sizes)
      type: dict
      sample: {front: {mac: "52:54:00:00:00:01", mtu: 1500, ethernet: true}}
    addresses:
      description: The client's own addresses.
      returned: without O(sizes)
      type: list
      elements: str
      sample: [10.0.0.201/24 dev front]
    ways:
      description: Next hop and card on the way to each of O(vips); without next hop it is a neighbour.
      returned: without O(sizes)
      type: list
      elements: dict
      sample: [{to: 10.0.0.129, source: "", gateway: "", card: front, type: unicast, own: 10.0.0.201, error: ""}]
    heard:
      description: Who answered ARP for O(vips) on each card.
      returned: without O(sizes)
      type: list
      elements: dict
      sample: [{card: front, address: 10.0.0.129, macs: ["52:54:00:00:00:02"]}]
    asked:
      description: For each of O(services) the first lines that were answered and the failures, and which hardware addresses answers came from.
      returned: without O(sizes)
      type: dict
      sample: {services: {web: {sent: 2, lines: [web1, web2], failures: []}}, macs: {10.0.0.129: ["52:54:00:00:00:02"]}}
    large_answers:
      description: For each of O(services) how many bytes came in one connection, in segments of which size.
      returned: with O(sizes)
      type: dict
      sample: {web: [{received: 96000, segment: 1448, error: "", said: web1}]}
    large_requests:
      description: The same for requests of 24 KB.
      returned: with O(sizes)
      type: dict
      sample: {web: [{received: 960, segment: 536, error: "", said: web1}]}
    path_mtu:
      description: For each of O(vips) whether an echo came back, a small one and one of the card's size, and what MTU a router told.
      returned: with O(sizes)
      type: dict
      sample: {10.0.0.129: {size: 1500, small: true, full: true, told: 0}}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.look.client import CLIENT_SPEC, look_from_client


def main():
    module = AnsibleModule(argument_spec=CLIENT_SPEC, supports_check_mode=True)
    module.exit_json(changed=False, look=look_from_client(module.params))


if __name__ == "__main__":
    main()
