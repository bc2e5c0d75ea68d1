# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that the IPVS modules share: the key of a service, and (ipvs.backend) the way to the kernel."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  protocol:
    description:
      - The service's protocol. Part of what the kernel knows the service by.
      - With O(fwmark) the firewall's rule decides on the protocol, and anything but the default is refused here.
    type: str
    choices: [tcp, udp, sctp]
    default: tcp
  fwmark:
    description:
      - The firewall mark of the service, V(1)..V(4294967295), as an nftables or iptables rule sets it.
      - With it the service has neither address nor port nor protocol.
    type: int
  family:
    description:
      - The address family of a O(fwmark) service. There may be one of each family for the same mark.
      - Otherwise the address tells the family, and V(ipv6) with an IPv4 address is refused.
    type: str
    choices: [ipv4, ipv6]
    default: ipv4
seealso:
  - name: ipvsadm(8)
    description: The same table on the command line, with the meaning of each field.
    link: https://manpages.debian.org/ipvsadm.8
  - name: IPVS sysctls
    description: The kernel's documentation of C(net.ipv4.vs).
    link: https://docs.kernel.org/networking/ipvs-sysctl.html
"""

    BACKEND = r"""
options:
  backend:
    description:
      - How the kernel is talked to. V(netlink) is its own interface. V(ipvsadm) runs that program, and refuses what it
        cannot express.
      - V(auto) is V(netlink), and V(ipvsadm) where the host does not allow netlink sockets.
    type: str
    choices: [auto, netlink, ipvsadm]
    default: auto
  load_module:
    description:
      - Whether the kernel module C(ip_vs) may be loaded when it is missing and there is something to write.
      - With V(false) that is an error. Reading never loads it, so neither does check mode.
      - To have the module after a reboot, list it in C(/etc/modules-load.d).
    type: bool
    default: true
requirements:
  - Python 3.8 or newer on the managed host, without further packages; C(ipvsadm) only for O(ignore:backend=ipvsadm).
  - Linux 3.18 or newer; O(ignore:tunnel_type=gue) needs 5.2, O(ignore:tunnel_type=gre) and tunnel checksums need 5.3.
  - The capability C(CAP_NET_ADMIN) on the managed host, so usually C(become=true).
notes:
  - The kernel's table is lost at a reboot. This module changes the running kernel only.
  - Everything is edited in place, and every change is read back from the kernel to prove that it holds.
    Services and real servers that the task does not name are never touched, except what M(lvs.cluster.ipvs_table) owns.
"""
