# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a module for IPVS reaches the kernel: shared by all of them."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  backend:
    description:
      - The way to the kernel.
      - V(netlink) is the kernel's own interface and needs nothing but Python.
      - V(ipvsadm) runs the program of that name, once for each operation.
      - V(auto) means V(netlink), and V(ipvsadm) where the host does not allow netlink sockets, as in some containers.
        There ipvsadm itself falls back to the kernel's old interface, which knows IPv4 alone, C(ipip) tunnels alone, no
        persistence engines, and daemons with default group, port, TTL and message length. What it cannot express is refused.
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
  - Python 3.8 or newer on the managed host, without further packages.
  - C(ipvsadm) 1.31 on the managed host, for O(backend=ipvsadm) only.
  - The capability C(CAP_NET_ADMIN) on the managed host, so usually C(become=true).
notes:
  - What IPVS holds is lost at a reboot. This module changes the running kernel only.
  - Every change is read back from the kernel to prove that it holds.
seealso:
  - name: ipvsadm(8)
    description: The same on the command line.
    link: https://manpages.debian.org/ipvsadm.8
"""
