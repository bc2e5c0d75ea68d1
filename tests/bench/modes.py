# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each forwarding mode costs, and what a client notices of a change from one to another. Prints figures; judges nothing.

In a lab of its own, all in one run. The packet filter is off: the client also asks a real server directly. Usage: modes.py
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time

from bench_lab import SUPPORT, BenchLab, report

MODES = ("nat", "dr", "tun", "fullnat")
VIP, RIP = "10.0.0.129", "192.168.239.148"
REQUESTS = 400
# Every change from one mode to another once.
TOUR = ("nat", "dr", "nat", "tun", "nat", "fullnat", "dr", "tun", "dr", "fullnat", "tun", "fullnat", "nat")
# The well-known way: the same hosts, the documents' own commands, over ssh to all of them at once.
SHELL = {
    "director1": "apt-get -qq update && apt-get -qq install ipvsadm >/dev/null 2>&1; "
    "echo 1 > /proc/sys/net/ipv4/ip_forward; for f in /proc/sys/net/ipv4/conf/*/send_redirects; do echo 0 > $f; done; "
    "ip address add 10.0.0.129/32 dev front; ipvsadm -C; ipvsadm -A -t 10.0.0.129:80 -s rr; "
    "for r in 148 137; do ipvsadm -a -t 10.0.0.129:80 -r 192.168.239.$r:80 -m; done",
    **dict.fromkeys(
        ("web1", "web2"),
        "apt-get -qq update && apt-get -qq install nginx >/dev/null 2>&1; ip route replace default via 192.168.239.152; "
        "hostname > /var/www/html/index.html; systemctl restart nginx",
    ),
}


def main() -> None:
    with BenchLab("bench-modes") as lab:
        by_shell, by_ansible = shell(lab), bare_site(lab)
        report("the documents' commands by parallel ssh, on bare hosts", by_shell, "s")
        report("site.yml on bare hosts", by_ansible, "s", f"{by_ansible / by_shell:.2f} times the commands; aim: 1.3")
        report("site.yml again", site(lab, "nat"), "s", "aim: 30 s")
        for mode in MODES:
            site(lab, mode)
            cost(lab, mode)
        site(lab, TOUR[0])
        for old, new in itertools.pairwise(TOUR):
            change(lab, old, new)


def shell(lab: BenchLab) -> float:
    began = time.monotonic()
    # All are begun before the first is waited for.
    running = [subprocess.Popen(lab.ssh(host, command), stdin=subprocess.DEVNULL) for host, command in SHELL.items()]
    if sum(process.wait() for process in running):
        sys.exit("the documents' commands failed")
    return time.monotonic() - began


def bare_site(lab: BenchLab) -> float:
    lab.play("playbooks/lab_up.yml", "-e", "lab_reset=" + ",".join(SHELL))
    return site(lab, "nat")


def cost(lab: BenchLab, mode: str) -> None:
    """Requests a second through the VIP against straight to a real server, and what the director spends on each."""
    direct = straight(lab, mode)
    before = director(lab)
    through = REQUESTS / rate(lab, VIP)
    after = director(lab)
    cpu, received = (after[0] - before[0]) / REQUESTS, (after[1] - before[1]) / REQUESTS
    report(
        f"{mode}: requests a second through the VIP", through, "/s", f"{100 * through / direct:.0f} % of {direct:.0f}/s straight"
    )
    report(f"{mode}: bytes of a request through the director", received, "B", f"{cpu * 1e6:.0f} us of its CPU")


def straight(lab: BenchLab, mode: str) -> float:
    """Requests a second to a real server itself. With NAT its answers leave through the director, so the questions have to come by it."""
    way = "10.0.0.128" if mode == "nat" else "10.0.0.1"
    lab.say("client1", f"ip route replace {RIP} via {way}")
    return REQUESTS / rate(lab, RIP)


def rate(lab: BenchLab, address: str) -> float:
    script = (SUPPORT / "request_rate.py").read_text(encoding="utf-8")
    return float(lab.say("client1", f"python3 - {address} 80 {REQUESTS}", script))


def director(lab: BenchLab) -> tuple[float, int]:
    """CPU seconds and received bytes of the director so far."""
    stat = lab.say("director1", "head -1 /proc/stat").split()
    busy = sum(int(stat[index]) for index in (1, 2, 3, 6, 7)) / 100
    received = lab.say(
        "director1", "cat /sys/class/net/front/statistics/rx_bytes /sys/class/net/back/statistics/rx_bytes"
    ).split()
    return busy, sum(map(int, received))


def change(lab: BenchLab, old: str, new: str) -> None:
    script = (SUPPORT / "steady_client.py").read_text(encoding="utf-8")
    command = f"cat > /tmp/steady.py; exec python3 /tmp/steady.py {VIP} 80 20 600"
    with subprocess.Popen(lab.ssh("client1", command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        client.stdin.write(script)
        client.stdin.close()
        took = site(lab, new)
        lab.say("client1", "pkill -TERM -x python3")
        seen = json.loads(client.stdout.read())
    report(f"{old} -> {new}", took, "s", f"{len(seen['failures'])} of {seen['sent']} requests failed; aim: none")


def site(lab: BenchLab, mode: str) -> float:
    return lab.play("site.yml", "-e", f"lvs_mode={mode}", "-e", "lvs_firewall=none")


if __name__ == "__main__":
    main()
