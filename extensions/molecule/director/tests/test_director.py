# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients get from the director, and what the director keeps its hands off."""

from __future__ import annotations

from collections import Counter

VIP = "10.0.0.129"


def answers(lab, number: int, url: str = f"http://{VIP}") -> Counter:
    """Who answered, of so many requests."""
    command = f"for i in $(seq {number}); do curl --silent --show-error --fail --max-time 5 {url}; done"
    return Counter(lab["client1"].check_output(command).split())


def table(lab) -> str:
    return lab["director1"].check_output("ipvsadm -Sn")


def test_answers_follow_the_weights_exactly(lab):
    assert answers(lab, 20) == {"web1": 15, "web2": 5}


def test_a_real_server_of_weight_0_rests(lab):
    assert answers(lab, 6, "http://10.0.0.130:81") == {"web2": 6}


def test_the_director_answers_arp_for_the_vip(lab):
    client = lab["client1"]
    client.run(f"ip neighbour flush to {VIP}")
    lab.get("client1", f"http://{VIP}")
    assert lab["director1"].check_output("cat /sys/class/net/front/address") in client.check_output(f"ip neighbour show {VIP}")


def test_the_vip_is_one_address_and_no_network(lab):
    assert f"inet {VIP}/32 " in lab["director1"].check_output("ip -4 -oneline address show dev front")


def test_stop_and_start_leave_what_is_not_ours(lab):
    director = lab["director1"]
    director.check_output("ipvsadm -A -t 203.0.113.9:99 -s sh && ipvsadm -a -t 203.0.113.9:99 -r 192.168.239.148:99 -m -w 7")
    director.check_output("ip address add 10.0.0.133/32 dev front")
    try:
        director.check_output("systemctl stop lvs-director")
        assert table(lab).splitlines() == ["-A -t 203.0.113.9:99 -s sh", "-a -t 203.0.113.9:99 -r 192.168.239.148:99 -m -w 7"]
        addresses = director.check_output("ip -4 -oneline address show dev front")
        assert VIP not in addresses
        assert "10.0.0.133/32" in addresses
        director.check_output("systemctl start lvs-director")
        assert answers(lab, 4) == {"web1": 3, "web2": 1}
        assert "-a -t 203.0.113.9:99 -r 192.168.239.148:99 -m -w 7" in table(lab)
    finally:
        director.check_output("ipvsadm -D -t 203.0.113.9:99; ip address delete 10.0.0.133/32 dev front")


def test_a_reload_repairs_without_cutting_what_is_established(lab):
    """A download is under way while the VIP's table is edited and repaired around it."""
    lab["web1"].check_output("head -c 3000000 /dev/zero > /srv/www/large; cp /srv/www/large /srv/www/large2")
    lab["web2"].check_output("head -c 3000000 /dev/zero > /srv/www/large")
    client, director = lab["client1"], lab["director1"]
    fetch = f"curl --silent --fail --limit-rate 400k --output /tmp/large --write-out %{{size_download}} http://{VIP}/large"
    client.check_output(f"systemd-run --quiet --collect --unit=fetch --property=StandardOutput=file:/tmp/size sh -c '{fetch}'")
    lab.until(lambda: client.run("test -s /tmp/large").rc == 0)
    director.check_output(f"ipvsadm -e -t {VIP}:80 -r 192.168.239.148:8080 -m -w 9; ipvsadm -E -t {VIP}:80 -s rr")
    director.check_output("systemctl reload lvs-director")
    assert client.run("systemctl is-active fetch").stdout.strip() == "active", "the download ended before it could be disturbed"
    lab.until(lambda: client.run("systemctl is-active fetch").stdout.strip() != "active", 40)
    assert client.check_output("cat /tmp/size; rm -f /tmp/size /tmp/large") == "3000000"
    assert answers(lab, 20) == {"web1": 15, "web2": 5}


def test_vips_and_table_come_back_after_a_reboot(lab):
    before = table(lab)
    lab.reboot("director1")
    assert table(lab) == before
    assert answers(lab, 8) == {"web1": 6, "web2": 2}
