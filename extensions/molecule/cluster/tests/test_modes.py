# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each mode from the one before it: nobody notices, packets go their way, reboots change nothing, and nothing is left behind."""

from __future__ import annotations

import re
import shlex

import pytest
from whole_cluster import CIP, DIP, HOSTS, MODES, RIPS, SUPPORT, TOUR, VIP, representative, whole

# Where a mode is met for the first time, all is asked of it.
FIRST = {new: (old, new) for old, new in reversed(TOUR)}


@representative
@pytest.mark.parametrize("mode", ["dr", "tun", "fullnat"])
def test_each_mode_serves_after_another(cluster, mode):
    changed = cluster.site(mode)
    assert changed.code == 0, changed.messages
    assert cluster.serves(mode)


@pytest.fixture(scope="module")
def fresh(lab, cluster) -> dict[str, dict[str, list[str]]]:
    """What hosts hold that only ever knew one mode."""
    found = {}
    for mode in MODES:
        assert lab.play("playbooks/lab_up.yml", "-e", "lab_reset=" + ",".join(HOSTS)).code == 0
        assert cluster.site(mode).code == 0
        found[mode] = cluster.holds()
    return found


@whole
@pytest.mark.parametrize(("old", "new"), TOUR)
def test_a_change_of_mode_is_not_noticed_and_leaves_nothing_behind(lab, cluster, fresh, old, new):
    cluster.be(old)
    with cluster.steady() as client:
        changed = cluster.site(new)
    assert changed.code == 0, changed.messages
    noticed(old, new, client.result)
    assert cluster.differences(fresh[new]) == []
    assert cluster.serves(new)
    if FIRST[new] == (old, new):
        WAYS[new](cluster)
        only_the_director_answers_arp(lab, cluster)
        large_answers_and_uploads_pass(lab)
        reboots_change_nothing(lab, cluster, new)


def reboots_change_nothing(lab, cluster, mode: str) -> None:
    """All hosts at once, then each alone, and nobody runs Ansible meanwhile."""
    held = cluster.holds()
    for hosts in [list(HOSTS), *([host] for host in HOSTS)]:
        lab.reboot_all(hosts)
        assert cluster.serves(mode)
    assert cluster.differences(held) == []
    assert cluster.site(mode).changes == []


def noticed(old: str, new: str, seen: dict) -> None:
    """Print what a client saw of a change, which is to be nothing."""
    print(f"{old} -> {new}: {seen['sent']} requests, {len(seen['failures'])} failed {seen['failures'][:3]}")
    assert seen["failures"] == []
    assert seen["sent"] > 100


def nat(cluster) -> None:
    """CIP > VIP outside becomes CIP > RIP inside; RIP > CIP inside becomes VIP > CIP outside: both ways pass the director."""
    who, front, back = one_request(cluster)
    assert ends(front) == {(CIP, VIP), (VIP, CIP)}
    assert ends(back) == {(CIP, RIPS[who]), (RIPS[who], CIP)}


def fullnat(cluster) -> None:
    """As NAT, and inside the director asks under its own address, so the answer finds back from anywhere."""
    who, front, back = one_request(cluster)
    assert {(CIP, VIP), (VIP, CIP)} <= ends(front)
    # What goes to the remote real server leaves by the outer card as well.
    assert {(DIP, RIPS[who]), (RIPS[who], DIP)} <= ends(front + back)


def dr(cluster) -> None:
    """The request goes on with nothing but another MAC, and the answer does not pass the director."""
    who, front, back = one_request(cluster)
    assert ends(front) == {(CIP, VIP)}
    assert ends(back) == {(CIP, VIP)}
    mac = cluster.lab[who].check_output("cat /sys/class/net/back/address")
    assert all(f"> {mac}," in line for line in back)


def tun(cluster) -> None:
    """The request goes on inside a packet from the director to the real server, and the answer does not pass the director."""
    who, front, back = one_request(cluster)
    # Versions of tcpdump differ in whether they say IP before the packet inside.
    tunnels = [line for line in front + back if re.search(rf"> {RIPS[who]}: (IP )?{CIP}\.", line)]
    assert tunnels
    assert all(f"> {VIP}.80" in line for line in tunnels)
    assert (VIP, CIP) not in ends(front + back)


WAYS = {"nat": nat, "dr": dr, "tun": tun, "fullnat": fullnat}


def one_request(cluster) -> tuple[str, list[str], list[str]]:
    """Who answered a request, and what passed the director's cards meanwhile."""
    what = "tcp port 80 or ip proto 4"
    with cluster.capture("director1", "front", what) as front, cluster.capture("director1", "back", what) as back:
        (who,) = cluster.answers(1)
    return who, *(addressed(cluster, card) for card in (front, back))


def addressed(cluster, capture) -> list[str]:
    """What the director sent or was sent. A switch floods what it has not learnt yet, so others' frames are seen, too."""
    mac = cluster.lab["director1"].check_output(f"cat /sys/class/net/{capture.card}/address")
    return [line for line in capture.lines if mac in line.split(", ", 1)[0]]


def ends(lines: list[str]) -> set[tuple[str, str]]:
    found = (re.search(r"(\d+\.\d+\.\d+\.\d+)\.\d+ > (\d+\.\d+\.\d+\.\d+)\.\d+: ", line) for line in lines)
    return {match.groups() for match in found if match}


def only_the_director_answers_arp(lab, cluster) -> None:
    """Asked on the clients' segment, and on that of the real servers while they are pinged hard."""
    script = shlex.quote((SUPPORT / "arp_question.py").read_text(encoding="utf-8"))
    for host, card in (("client1", "front"), ("router1", "back")):
        flood = f"ping -q -f -c 300 {RIPS['web1']} > /dev/null & ping -q -f -c 300 {RIPS['web2']} > /dev/null &"
        heard = lab[host].check_output(f"{flood} python3 -c {script} {card} {VIP} 5").split()
        assert heard == [lab["director1"].check_output(f"cat /sys/class/net/{card}/address")]


def large_answers_and_uploads_pass(lab) -> None:
    client = lab["client1"]
    for host in RIPS:
        lab[host].run("head -c 300000 /dev/zero > /var/www/lvs/large")
    for _time in range(3):
        assert client.check_output(f"curl -sf --max-time 10 -o /dev/null -w %{{size_download}} http://{VIP}/large") == "300000"
        # Nginx refuses the upload as soon as it likes; several packets of full size have come through by then.
        upload = "head -c 300000 /dev/zero | curl -s --max-time 10 -o /dev/null -w '%{http_code} %{size_upload}' --data-binary @-"
        code, size = client.check_output(f"{upload} http://{VIP}/ -H Expect:").split()
        assert code == "405"
        assert int(size) > 10000
    for host in RIPS:
        lab[host].run("rm -f /var/www/lvs/large")
