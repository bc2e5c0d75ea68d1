# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that the filters of inventory data share."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  _input:
    description:
      - The services, as C(lvs_services) of the inventory lists them.
      - Each has a C(name), a C(vip) and a C(port), and may have C(protocol) (V(tcp), V(udp), V(sctp)), C(mode), C(scheduler) (V(wlc)),
        C(scheduler_flags), C(persistence_timeout), C(persistence_netmask), C(persistence_engine), C(one_packet), C(upper_threshold),
        C(lower_threshold), C(tunnel_type), C(tunnel_port) and C(tunnel_checksum), with the meaning they have in
        M(lvs.cluster.ipvs_service) and M(lvs.cluster.ipvs_realserver).
      - C(real_servers) names the group of its real servers, V(real_servers) unless it says otherwise. C(real_port) is the port that they
        listen on, if it is not the one that clients connect to; only C(mode) V(nat) and V(fullnat) can rewrite it.
      - C(fwmark) makes one service of several C(ports), a list, and of one C(vip) or several, a list. It takes the place of C(port).
      - Tunnel options hold while the mode is V(tun), and wait otherwise.
    type: list
    elements: dict
    required: true
  groups:
    description:
      - The inventory's groups, Ansible's variable C(groups).
      - V(directors), V(real_servers) and V(gateways) are looked at, and the groups that services name.
    type: dict
    required: true
  hostvars:
    description:
      - The variables of all hosts, Ansible's variable C(hostvars).
      - Of real servers C(lvs_rip), C(lvs_rip6), C(lvs_weight), C(lvs_upper_threshold) and C(lvs_lower_threshold) are read, of directors
        C(lvs_dip), C(lvs_dip6), C(lvs_vip_interface) and C(lvs_back_network6), of all of them C(lvs_addresses), C(lvs_firewall),
        C(lvs_arp) and C(lvs_state).
    type: dict
    required: true
  mode:
    description: The forwarding mode, as C(lvs_mode) of the inventory has it, for services that do not say C(mode) themselves.
    type: str
    choices: [nat, dr, tun, fullnat]
    default: nat
requirements:
  - netaddr on the controller
"""
