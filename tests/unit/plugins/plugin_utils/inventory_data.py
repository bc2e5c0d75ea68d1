# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small cluster that the tests of inventory data describe."""

from __future__ import annotations

WEB = {"name": "web", "vip": "10.0.0.129", "port": 80, "scheduler": "rr"}
MARKED = {"name": "web", "vip": "10.0.0.129", "fwmark": 1, "ports": [80, 443]}
SIX = {"name": "six", "vip": "fd00:a::129", "port": 80}
GROUPS = {
    "directors": ["director1"],
    "gateways": ["director1"],
    "real_servers": ["web1", "web2"],
    "clients": ["client1"],
    "empty": [],
}
HOSTVARS = {
    "director1": {"lvs_dip": "192.168.239.152", "lvs_vip_interface": "front", "lvs_addresses": ["10.0.0.128"]},
    "web1": {"lvs_rip": "192.168.239.148"},
    "web2": {"lvs_rip": "192.168.239.137"},
    "client1": {},
}
NETWORK = "192.168.239.0/24"
# What the hosts have besides in a cluster of both families.
ADDRESSES6 = {
    "director1": {"lvs_dip6": "fd00:b::152"},
    "web1": {"lvs_rip6": "fd00:b::148"},
    "web2": {"lvs_rip6": "fd00:b::137"},
}
