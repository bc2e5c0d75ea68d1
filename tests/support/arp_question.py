# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a network segment who has an address, and print every MAC that answers.

Usage: arp_question.py CARD ADDRESS [TIMES]. The question says nothing about an address of the asker (RFC 5227, an ARP probe).
"""

import fcntl
import socket
import struct
import sys
import time

ETH_P_ARP = 0x0806
SIOCGIFHWADDR = 0x8927


def main(card: str, address: str, times: str = "3") -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ARP)) as link:
        link.bind((card, ETH_P_ARP))
        own = fcntl.ioctl(link, SIOCGIFHWADDR, struct.pack("256s", card.encode()))[18:24]
        target = socket.inet_aton(address)
        question = struct.pack(
            "!6s6sHHHBBH6s4s6s4s", b"\xff" * 6, own, ETH_P_ARP, 1, 0x0800, 6, 4, 1, own, bytes(4), bytes(6), target
        )
        found = set()
        for _time in range(int(times)):
            link.send(question)
            deadline = time.monotonic() + 0.5
            while time.monotonic() < deadline:
                link.settimeout(max(0.01, deadline - time.monotonic()))
                try:
                    frame = link.recv(2048)
                except socket.timeout:
                    break
                _hardware, _protocol, _sizes, operation, mac, sender = struct.unpack("!HHHH6s4s", frame[14:32])
                if operation == 2 and sender == target:
                    found.add(mac.hex(":"))
    print("\n".join(sorted(found)))


if __name__ == "__main__":
    main(*sys.argv[1:])
