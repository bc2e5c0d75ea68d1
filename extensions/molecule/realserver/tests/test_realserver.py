# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way a real server's packets take."""

from __future__ import annotations

import pytest

CLIENT = "10.0.0.201"
DIRECTOR = "192.168.239.152"
ROUTER = "192.168.239.1"


def next_hop(lab, host: str) -> str:
    """To whom a packet for the client is really handed: the owner of the hardware address on it, as a capture on the wire shows."""
    owners = {lab[name].check_output("cat /sys/class/net/back/address"): name for name in ("director1", "router1")}
    sniff = "timeout 10 tcpdump -i back -e -n -c 1 -l 'icmp[icmptype] == icmp-echo' 2>/dev/null"
    seen = lab[host].check_output(f"({sniff}) & sleep 1; ping -c 3 -i 0.3 -W 1 {CLIENT} >/dev/null; wait %1 2>/dev/null || wait")
    # 12:00:00.000000 SOURCE > DESTINATION, ethertype ...
    return owners[seen.split(" > ")[1].split(",")[0]]


@pytest.mark.parametrize("host", ["web1", "web2"])
def test_packets_for_the_client_are_handed_to_the_director(lab, host):
    assert next_hop(lab, host) == "director1"


def test_stop_gives_the_old_way_back_and_start_takes_it_again(lab):
    lab["web1"].check_output("systemctl stop lvs-realserver")
    try:
        assert next_hop(lab, "web1") == "router1"
        assert lab["web1"].run(f"ping -c 1 -W 2 {CLIENT}").rc == 0
    finally:
        lab["web1"].check_output("systemctl start lvs-realserver")
    assert next_hop(lab, "web1") == "director1"


def test_the_way_is_the_same_after_a_reboot(lab):
    lab.reboot("web2")
    assert next_hop(lab, "web2") == "director1"
