# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole cluster in the tests' hands: its modes, who answers, what its hosts hold, what passes through the director."""

from __future__ import annotations

import itertools
import json
import os
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
SUPPORT = ROOT / "tests" / "support"
VIP = "10.0.0.129"
RIPS = {"web1": "192.168.239.148", "web2": "192.168.239.137", "web3": "172.25.3.13"}
CIP = "10.0.0.201"
DIP = "192.168.239.152"
MODES = ("nat", "dr", "tun", "fullnat")
# Every change from one mode to another once, each from where the one before it led to.
TOUR = list(
    itertools.pairwise(("nat", "dr", "nat", "tun", "nat", "fullnat", "dr", "tun", "dr", "fullnat", "tun", "fullnat", "nat"))
)
# Those that the inventory gives a service in each mode.
SERVERS = {"nat": ("web1", "web2"), "dr": ("web1", "web2"), "tun": ("web1", "web2", "web3"), "fullnat": ("web1", "web2", "web3")}
HOSTS = ("director1", "web1", "web2", "web3")

# What a host holds that any part of a cluster might have made. Nothing here changes by itself.
LOOK = r"""
ip -o address show | awk '{print $2, $4}'
ip rule show
ip -4 route show table all type unicast
ip -o link show | awk '{print $2, $9}'
for tool in iptables ip6tables arptables; do
    $tool-save 2>/dev/null | awk -v tool=$tool '/^[*]/ {table = $1} /^-A/ {print tool, table, $0} /^:LVS/ {print tool, table, $1}'
done
ipvsadm -Sn 2>/dev/null | sort
cd /proc/sys/net && grep -H . ipv4/ip_forward ipv4/conf/*/send_redirects ipv4/conf/*/arp_ignore ipv4/conf/*/arp_announce ipv4/conf/*/rp_filter
grep -sH . ipv4/vs/conntrack ipv4/vs/expire_nodest_conn ipv4/vs/conn_reuse_mode
cd / && systemctl list-units --all --no-legend --plain 'lvs-*' | awk '{print $1, $2, $3, $4}'
find etc/lvs-cluster etc/sysctl.d/60-lvs* etc/systemd/system/lvs* usr/local -type f -exec sha256sum {} + 2>/dev/null | sort -k 2
"""


class Cluster:
    def __init__(self, lab) -> None:
        self.lab = lab
        # As the scenario has built it. None where a test left something else, or a run of site.yml did not come through.
        self.mode = "nat"

    def site(self, mode: str, *arguments: str):
        done = self.lab.play("site.yml", "-e", f"lvs_mode={mode}", *arguments)
        if "--check" not in arguments:
            self.mode = mode if done.code == 0 else ""
        return done

    def be(self, mode: str) -> None:
        """Have the cluster as the inventory declares it in a mode, if it is not."""
        if self.mode != mode:
            done = self.site(mode)
            assert done.code == 0, done.messages

    def answers(self, number: int = 20) -> list[str]:
        command = f"for i in $(seq {number}); do curl --silent --show-error --fail --max-time 5 http://{VIP}; done"
        return self.lab["client1"].check_output(command).split()

    def serves(self, mode: str) -> bool:
        """Whether all real servers of the mode answer, in turns, and nobody else."""
        servers = SERVERS[mode]
        seen = self.answers(3 * len(servers))
        return Counter(seen) == dict.fromkeys(servers, 3) and seen == (seen[: len(servers)] * 3)

    def holds(self) -> dict[str, list[str]]:
        """What each host holds, as lines that can be compared."""
        return {host: [line for line in self.lab[host].run(LOOK).stdout.splitlines() if _lasting(line)] for host in HOSTS}

    def differences(self, before: dict[str, list[str]]) -> list[str]:
        """What the hosts hold now and did not before, and the other way round."""
        now = self.holds()
        found = []
        for host in HOSTS:
            found += [f"{host}: + {line}" for line in now[host] if line not in before[host]]
            found += [f"{host}: - {line}" for line in before[host] if line not in now[host]]
        return found

    def capture(self, host: str, card: str, what: str) -> Capture:
        return Capture(self.lab, host, card, what)

    def steady(self) -> Steady:
        return Steady(self.lab)


def _lasting(line: str) -> bool:
    # A tunnel device that its kernel module brought stays as long as the module; it is down and carries nothing.
    return not any(device in line for device in ("tunl0", "gre0", "gretap0", "erspan0", "sit0", "ip6tnl0"))


class Capture:
    """Packets of one card of a host: `with` it, something is done; afterwards the lines are there."""

    # All hosts of a segment. A packet to them is the last one of a capture: by then all before it have been printed.
    LAST = "224.0.0.1"

    def __init__(self, lab, host: str, card: str, what: str) -> None:
        self._lab, self._host, self.card = lab, host, card
        self._what, self._unit = f"{what} or dst host {self.LAST}", f"capture-{card}"
        self.lines: list[str] = []

    def __enter__(self) -> Capture:
        command = f"tcpdump --immediate-mode -p -i {self.card} -n -e -l '{self._what}'"
        self._lab[self._host].check_output(
            f"systemd-run --quiet --collect --unit={self._unit} --property=StandardOutput=truncate:/tmp/{self._unit} "
            f"--property=StandardError=truncate:/tmp/{self._unit}.begun {command}"
        )
        self._lab.until(lambda: "listening on" in self._lab[self._host].run(f"cat /tmp/{self._unit}.begun").stdout)
        return self

    def __exit__(self, *_error: object) -> None:
        host = self._lab[self._host]
        host.run(f"ping -q -c 1 -W 1 -I {self.card} {self.LAST}")
        self._lab.until(lambda: self.LAST in host.check_output(f"cat /tmp/{self._unit}"))
        host.check_output(f"systemctl stop {self._unit}")
        self.lines = [line for line in host.check_output(f"cat /tmp/{self._unit}").splitlines() if self.LAST not in line]


class Steady:
    """A client that asks 20 times a second while something else is done; what became of it is in `result`."""

    def __init__(self, lab) -> None:
        self._client = lab["client1"]
        self._lab = lab
        self.result: dict = {}

    def __enter__(self) -> Steady:
        script = (SUPPORT / "steady_client.py").read_text(encoding="utf-8")
        self._client.check_output("printf %%s %s > /tmp/steady_client.py", script)
        self._client.check_output(
            "systemd-run --quiet --collect --unit=steady --property=StandardOutput=truncate:/tmp/steady "
            f"python3 /tmp/steady_client.py {VIP} 80 20 1200"
        )
        # The first answers are there before anything is done to the cluster.
        self._lab.until(lambda: self._client.run("systemctl is-active steady").stdout.strip() == "active")
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.check_output("systemctl stop steady")
        self.result = json.loads(self._client.check_output("cat /tmp/steady"))


whole = pytest.mark.skipif("LVS_TEST_ALL" not in os.environ, reason="part of `make test-all`")
representative = pytest.mark.skipif("LVS_TEST_ALL" in os.environ, reason="`make test-all` has all of which this is a part")
