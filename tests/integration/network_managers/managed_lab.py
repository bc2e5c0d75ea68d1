# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab whose hosts change what configures their network."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable, NamedTuple

from awaiting import until

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
INVENTORY = HERE / "inventory"
NAME = os.environ.get("LVS_TEST_LAB", "managers")
ALL = "LVS_TEST_ALL" in os.environ

VIPS = ("10.0.0.129", "10.0.0.130", "10.0.0.131")
# The parts of each host that is managed, and its cards with their address and gateway.
PARTS = {"director1": ("director", "firewall", "gateway"), "web1": ("realserver", "firewall")}
CARDS = {
    "director1": {"front": ("10.0.0.128/24", "10.0.0.1"), "back": ("192.168.239.152/24", "")},
    "web1": {"back": ("192.168.239.148/24", "192.168.239.1")},
}


class Disturbance(NamedTuple):
    """What an administrator does to a host's network; `$cards` are the host's cards."""

    command: str
    # Whether it takes away anything of ours.
    bites: bool = True


class Manager(NamedTuple):
    # Commands that hand all cards over to it, after those of the managers before it in `MANAGERS`.
    take_over: Callable[[str], str]
    # Prints the cards that it has configured.
    configured: str
    # Returns when it has done what it was told.
    settled: str
    disturbances: tuple[Disturbance, ...]


def _network_manager(host: str) -> str:
    """As documents have it. Cards that /etc/network/interfaces names are none of its business until they are gone from there."""
    lines = ["DEBIAN_FRONTEND=noninteractive apt-get -q -y install network-manager > /dev/null"]
    for card, (address, gateway) in CARDS[host].items():
        way = f" ipv4.gateway {gateway}" if gateway else ""
        add = f"nmcli connection add type ethernet con-name lan-{card} ifname {card} ipv4.method manual ipv4.addresses {address}{way}"
        lines.append(f"{add} ipv6.method link-local")
    lines += ["rm /etc/network/interfaces.d/lab", "systemctl disable networking", "systemctl restart NetworkManager"]
    # What it finds configured it would leave to whoever did that.
    return "\n".join([*lines, *(f"nmcli connection up lan-{card}" for card in CARDS[host])])


def _systemd_networkd(host: str) -> str:
    lines = ["rm -f /etc/network/interfaces.d/lab", "systemctl disable networking"]
    for card, (address, gateway) in CARDS[host].items():
        text = f"[Match]\\nName={card}\\n[Network]\\nAddress={address}\\n" + (f"Gateway={gateway}\\n" if gateway else "")
        lines.append(f"printf '{text}' > /etc/systemd/network/50-{card}.network")
    return "\n".join([*lines, "systemctl disable --now NetworkManager || true", "systemctl enable --now systemd-networkd"])


MANAGERS = {
    # It is what a bare host of the lab has.
    "ifupdown": Manager(
        lambda host: "true",
        "ifquery --state | sed -n 's/=.*//p' | grep -v '^lo$'",
        "true",
        (
            Disturbance("systemctl restart networking"),
            Disturbance("for card in $cards; do ifdown $card; ifup $card; done"),
        ),
    ),
    "NetworkManager": Manager(
        _network_manager,
        "nmcli --terse --fields DEVICE,STATE device | sed -n 's/:connected$//p'",
        "nm-online --quiet --wait-for-startup && nm-online --quiet",
        (
            Disturbance("systemctl restart NetworkManager", bites=False),
            Disturbance("for card in $cards; do nmcli connection up lan-$card; done"),
            Disturbance("for card in $cards; do nmcli device reapply $card; done"),
            Disturbance("nmcli networking off; nmcli networking on"),
        ),
    ),
    "systemd-networkd": Manager(
        _systemd_networkd,
        "networkctl --no-legend list | awk '$5 == \"configured\" {print $2}'",
        "/usr/lib/systemd/systemd-networkd-wait-online --timeout=30",
        (
            Disturbance("systemctl restart systemd-networkd"),
            Disturbance("networkctl reload", bites=False),
            Disturbance("networkctl reconfigure $cards"),
        ),
    ),
}


class Lab:
    def __init__(self) -> None:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        self.ssh_config = cache / "lvs.cluster" / "labs" / NAME / "ssh_config"
        self.manager = "ifupdown"

    def playbook(self, path: str) -> list[str]:
        """Run a playbook; what it changed."""
        environment = {
            **os.environ,
            "LVS_LAB": NAME,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        }
        argv = ["ansible-playbook", str(ROOT / path), "-i", str(INVENTORY)]
        done = subprocess.run(
            argv, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        assert "{" in done.stdout, done.stdout + done.stderr
        # Warnings may stand before the report.
        report = json.loads(done.stdout[done.stdout.index("{") :])
        results = [
            (f"{host}: {task['task']['name']}", result)
            for play in report["plays"]
            for task in play["tasks"]
            for host, result in task["hosts"].items()
        ]
        assert done.returncode == 0, "\n".join(f"{name}: {result.get('msg')}" for name, result in results if result.get("failed"))
        return [name for name, result in results if result.get("changed")]

    def run(self, host: str, command: str, text: str = "") -> subprocess.CompletedProcess[str]:
        argv = ["ssh", "-F", str(self.ssh_config), "-o", "ConnectTimeout=5", host, command]
        return subprocess.run(argv, input=text, capture_output=True, text=True, check=False)

    def ssh(self, host: str, command: str, text: str = "") -> str:
        done = self.run(host, command, text)
        assert done.returncode == 0, f"{host}: {command}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def hand_over(self, manager: str) -> None:
        """Have another manager configure all cards, from now on and at boot."""
        self.manager = manager
        self._everywhere(MANAGERS[manager].take_over)
        until(self.manages)

    def manages(self) -> bool:
        """Whether the manager has configured all cards, and no others."""
        return all(set(self.run(host, MANAGERS[self.manager].configured).stdout.split()) == set(CARDS[host]) for host in CARDS)

    def disturb(self, command: str) -> None:
        self._everywhere(lambda host: f"cards='{' '.join(CARDS[host])}'\n{command}\n{MANAGERS[self.manager].settled}")

    def differences(self) -> str:
        """What hosts lack of all that they declare."""
        return "".join(self.run(host, _each_part(host, "lvs-host status {}")).stdout for host in PARTS)

    def until_whole(self) -> None:
        until(lambda: self.differences() == "" and self.serves())

    def serves(self) -> bool:
        return self.run("client1", "; ".join(f"curl -s --max-time 3 http://{vip}" for vip in VIPS)).stdout == "web1\n" * len(VIPS)

    def unwatched(self) -> None:
        """Leave the hosts alone with their manager."""
        for host in PARTS:
            self.ssh(host, "systemctl stop 'lvs-*-network.path'; chmod -f -x /etc/NetworkManager/dispatcher.d/60-lvs-*; true")

    def watched(self) -> None:
        for host in PARTS:
            self.ssh(
                host, "chmod -f +x /etc/NetworkManager/dispatcher.d/60-lvs-*; " + _each_part(host, "systemctl restart lvs-{}")
            )

    def reboot(self) -> None:
        before = {host: self._boot_id(host) for host in PARTS}
        for host in PARTS:
            self.run(host, "systemctl reboot")
        for host in PARTS:
            until(lambda host=host: self._boot_id(host) not in ("", before[host]), 180)
        for host in PARTS:
            assert self.run(host, "systemctl is-system-running --wait").stdout == "running\n", self.run(
                host, "systemctl --failed"
            ).stdout

    def _boot_id(self, host: str) -> str:
        return self.run(host, "cat /proc/sys/kernel/random/boot_id").stdout

    def _everywhere(self, script: Callable[[str], str]) -> None:
        """Run a script on all managed hosts at once. It goes on when the network does not, and has to come to a good end."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda host: self._detached(host, script(host)), CARDS))

    def _detached(self, host: str, script: str) -> None:
        said = "--property=StandardOutput=truncate:/run/said --property=StandardError=truncate:/run/said"
        begin = f"systemd-run --quiet --collect {said} sh -c 'sh -e /run/script; echo $? > /run/ended'"
        self.ssh(host, f"rm -f /run/ended; cat > /run/script; {begin}", script)
        ended = until(lambda: self.run(host, "cat /run/ended").stdout, 300)
        assert ended == "0\n", f"{host}: {script}: {self.run(host, 'cat /run/said').stdout}"


def _each_part(host: str, command: str) -> str:
    return "; ".join(command.format(part) for part in PARTS[host])
