# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits for one message of a master daemon and says as JSON whose it is. Usage: listener.py OWN_ADDRESS GROUP PORT"""

from __future__ import annotations

import json
import socket
import sys

# linux: net/netfilter/ipvs/ip_vs_sync.c: struct ip_vs_sync_mesg, then struct ip_vs_sync_v4.
SYNC_ID, FIRST_CONNECTION, VIP = 1, 8, 28


def main() -> None:
    own, group, port = sys.argv[1:]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind((group, int(port)))
        listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + socket.inet_aton(own))
        listener.settimeout(25)
        message, (sender, _port) = listener.recvfrom(65535)
    vip = message[FIRST_CONNECTION + VIP :][:4]
    print(json.dumps({"from": sender, "sync_id": message[SYNC_ID], "vip": socket.inet_ntoa(vip)}))


if __name__ == "__main__":
    main()
