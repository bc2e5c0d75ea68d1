# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab of two hosts, as the playbooks handle it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from awaiting import until

ROOT = Path(__file__).resolve().parents[3]
INVENTORY = Path(__file__).parent / "inventory"


class Lab:
    """A lab by its name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.environment = {**os.environ, "LVS_LAB": name, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        self.folder = Path(cache) / "lvs.cluster" / "labs" / name
        self.images = Path(cache) / "lvs.cluster" / "images"
        self.namespace = Path(f"/run/netns/lvs-{name}")

    def command(self, playbook: str, *arguments: str) -> list[str]:
        return ["ansible-playbook", str(ROOT / "playbooks" / playbook), "-i", str(INVENTORY), *arguments]

    def play(self, playbook: str, *arguments: str, good: bool = True, **environment: str) -> str:
        done = subprocess.run(
            self.command(playbook, *arguments),
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        assert (done.returncode == 0) == good, done.stdout + done.stderr
        return done.stdout

    def ssh(self, host: str, command: str, good: bool = True) -> str:
        argv = ["ssh", "-F", str(self.folder / "ssh_config"), "-o", "ConnectTimeout=5", host, command]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        assert not good or done.returncode == 0, done.stderr
        return done.stdout.strip()

    def boot_ids(self) -> dict[str, str]:
        return {host: self.ssh(host, "cat /proc/sys/kernel/random/boot_id") for host in ("one", "two")}

    def processes(self) -> list[int]:
        """Asked of /proc directly, and not of the code under test."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue
                if f"lvs_lab={self.name}".encode() in words:
                    found.append(int(entry.name))
        return found

    def kernel(self, host: str) -> int:
        """The process that is the first of a host's."""
        for pid in self.processes():
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            first = re.search(r"^NSpid:\s+\d+\s+1$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
            if words[0] == b"/bin/boot" and f"umid={host}".encode() in words and first:
                return pid
        raise AssertionError(f"{host} does not run")


def changed(output: str) -> dict[str, int]:
    return {host: int(count) for host, count in re.findall(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)", output, re.MULTILINE)}


def mounts() -> str:
    """What is mounted where this process, like a person's shell, can see it."""
    return Path("/proc/self/mounts").read_text()


@pytest.fixture(scope="module")
def lab():
    lab = Lab("lifecycle")
    lab.play("lab_down.yml")
    lab.play("lab_up.yml")
    yield lab
    lab.play("lab_down.yml")


def test_hosts_answer_by_name(lab):
    assert [lab.ssh(host, "hostname") for host in ("one", "two")] == ["one", "two"]


def test_ssh_knows_whom_it_talks_to(lab):
    """A host with another key must be refused, in the lab as anywhere."""
    known = lab.folder / "hosts" / "one" / "known_hosts"
    right = known.read_text()
    try:
        other = (lab.folder / "hosts" / "two" / "known_hosts").read_text().split(maxsplit=1)[1]
        known.write_text(f"one {other}")
        argv = ["ssh", "-F", str(lab.folder / "ssh_config"), "-o", "ControlPath=none", "one", "true"]
        assert subprocess.run(argv, capture_output=True, check=False).returncode == 255
    finally:
        known.write_text(right)


def test_a_second_run_changes_nothing(lab):
    assert set(changed(lab.play("lab_up.yml")).values()) == {0}


def test_no_way_leads_out_of_the_lab(lab):
    inside = ["nsenter", f"--net={lab.namespace}"]
    links = json.loads(subprocess.check_output([*inside, "ip", "-details", "-json", "link"]))
    assert {link["ifname"] for link in links if link.get("linkinfo", {}).get("info_kind") not in ("bridge", "tun")} == {"lo"}
    routes = json.loads(subprocess.check_output([*inside, "ip", "-json", "route"]))
    assert {route["dst"] for route in routes} == {"10.0.0.0/24", "192.168.239.0/24", "172.25.3.0/24"}
    assert subprocess.check_output([*inside, "cat", "/proc/sys/net/ipv4/ip_forward"]) == b"0\n"


def test_a_host_that_died_is_started_again_with_its_disk(lab):
    before = lab.boot_ids()
    lab.ssh("one", "echo kept > /root/mark && sync")
    os.kill(lab.kernel("one"), 9)
    until(lambda: not any("umid=one " in line for line in command_lines(lab)))
    assert changed(lab.play("lab_up.yml")) == {"localhost": 0, "one": 1, "two": 0}
    after = lab.boot_ids()
    assert after["one"] != before["one"]
    assert after["two"] == before["two"]
    assert lab.ssh("one", "cat /root/mark") == "kept"


def test_a_reboot_from_inside_keeps_disk_network_and_a_new_name(lab):
    before = lab.boot_ids()["one"]
    lab.ssh("one", "echo rebooted > /root/mark; echo renamed > /etc/hostname; systemctl reboot", good=False)
    until(lambda: lab.ssh("one", "cat /proc/sys/kernel/random/boot_id", good=False) not in ("", before))
    assert lab.ssh("one", "cat /root/mark; hostname; ip -brief address show front").split()[:2] == ["rebooted", "renamed"]
    lab.ssh("one", "echo one > /etc/hostname; hostname one")
    assert set(changed(lab.play("lab_up.yml")).values()) == {0}


def test_a_changed_definition_rebuilds_that_host_alone(lab):
    before = lab.boot_ids()
    lab.ssh("two", "touch /root/mark && sync")
    checked = lab.play("lab_up.yml", "--check", TEST_LAB_MEMORY="320")
    assert lab.boot_ids() == before, "check mode changed something"
    done = lab.play("lab_up.yml", TEST_LAB_MEMORY="320")
    assert changed(checked) == changed(done) == {"localhost": 0, "one": 0, "two": 1}
    assert lab.boot_ids()["one"] == before["one"]
    assert lab.ssh("two", "test ! -e /root/mark && grep MemTotal /proc/meminfo")
    assert changed(lab.play("lab_up.yml")) == {"localhost": 0, "one": 0, "two": 1}


def test_two_labs_do_not_meet(lab):
    lab.ssh("one", "echo first > /root/mark")
    other = Lab("lifecycle-2")
    try:
        assert "changed=0" not in other.play("lab_up.yml", "--check").split("RECAP")[1].splitlines()[1]
        assert not other.namespace.exists(), "check mode made something"
        assert not other.folder.exists()
        other.play("lab_up.yml")
        assert other.ssh("one", "hostname; ls /root") == "one"
        assert lab.ssh("one", "cat /root/mark") == "first"
    finally:
        other.play("lab_down.yml")
    assert other.processes() == []
    assert lab.ssh("two", "hostname") == "two"


def test_a_host_that_left_the_inventory_is_removed(lab, tmp_path):
    only_one = tmp_path / "only"
    only_one.mkdir()
    (only_one / "hosts.yml").write_text("lab: {hosts: {one: {lab_cards: [{network: front, addresses: [10.0.0.11/24]}]}}}\n")
    (only_one / "group_vars").symlink_to(INVENTORY / "group_vars")
    before = lab.boot_ids()["one"]
    command = ["ansible-playbook", str(ROOT / "playbooks/lab_up.yml"), "-i", str(only_one)]
    done = subprocess.run(command, env=lab.environment, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert changed(done.stdout) == {"localhost": 1, "one": 1}, "the host went, and ssh's configuration with it"
    assert not (lab.folder / "hosts" / "two").exists()
    assert lab.ssh("one", "cat /proc/sys/kernel/random/boot_id") == before
    lab.play("lab_up.yml")


@pytest.mark.parametrize("after", ["hosts", "running"])
def test_a_killed_run_is_repaired_by_the_next(lab, after):
    """Killed as soon as a host's folder is there, and as soon as its kernel runs."""
    lab.play("lab_down.yml")
    run = subprocess.Popen(
        lab.command("lab_up.yml"), env=lab.environment, stdout=subprocess.DEVNULL, cwd=ROOT, start_new_session=True
    )
    until(
        lambda: (
            (lab.folder / "hosts" / "one").exists() if after == "hosts" else any("umid" in line for line in command_lines(lab))
        )
    )
    os.killpg(run.pid, 9)
    run.wait()
    lab.play("lab_up.yml")
    assert [lab.ssh(host, "hostname") for host in ("one", "two")] == ["one", "two"]
    assert set(changed(lab.play("lab_up.yml")).values()) == {0}


def test_a_wrong_inventory_is_refused_before_anything_is_made(lab, tmp_path):
    wrong = Lab("lifecycle-wrong")
    (tmp_path / "hosts.yml").write_text(
        "lab:\n  hosts:\n"
        "    a: {lab_cards: [{network: front, addresses: [10.0.0.5/24]}]}\n"
        "    b: {lab_cards: [{network: front, addresses: [10.0.0.5/24]}]}\n"
        "    c: {lab_cards: [{network: back, addresses: [10.9.9.9/24]}]}\n"
    )
    (tmp_path / "group_vars").symlink_to(INVENTORY / "group_vars")
    command = ["ansible-playbook", str(ROOT / "playbooks/lab_up.yml"), "-i", str(tmp_path)]
    done = subprocess.run(command, env=wrong.environment, capture_output=True, text=True, check=False, cwd=ROOT)
    said = re.sub(r"\s+", " ", done.stdout + done.stderr)
    assert done.returncode != 0
    assert "b: lab_cards[0].addresses: 10.0.0.5 is also a: lab_cards[0].addresses: an address belongs to one host only" in said
    assert "c: lab_cards[0].addresses: 10.9.9.9/24 is not an address of network back (192.168.239.0/24)" in said
    assert not wrong.folder.exists()
    assert not wrong.namespace.exists()


def test_an_interrupted_build_leaves_nothing_that_runs_or_could_be_trusted():
    lab = Lab("lifecycle-build")
    before = mounts()
    images = set(lab.images.iterdir())
    image = {"release": "trixie", "packages": ["cowsay"], "repository": [], "mirror": ""}
    command = lab.command("lab_up.yml", "-e", json.dumps({"lab_image": image}))
    run = subprocess.Popen(command, env=lab.environment, stdout=subprocess.DEVNULL, cwd=ROOT, start_new_session=True)
    try:
        until(lambda: any("mmdebstrap" in line for line in command_lines(lab)))
    finally:
        os.killpg(run.pid, 9)
        run.wait()
    lab.play("lab_down.yml")
    assert lab.processes() == []
    assert mounts() == before
    until(lambda: not [name for name in lab.images.glob("trixie-*") if name not in images], 5)


def test_nothing_is_left_when_the_lab_is_down(lab):
    shared = set(os.listdir("/dev/shm"))
    lab.play("lab_down.yml")
    assert lab.processes() == []
    assert not lab.namespace.exists()
    assert not lab.folder.exists()
    assert "lvs.cluster" not in mounts()
    assert set(os.listdir("/dev/shm")) <= shared
    links = json.loads(subprocess.check_output(["ip", "-json", "link"]))
    assert not [link["ifname"] for link in links if link["ifname"].startswith(("one-", "two-"))]
    assert set(changed(lab.play("lab_down.yml")).values()) == {0}


def command_lines(lab: Lab) -> list[str]:
    lines = []
    for pid in lab.processes():
        try:
            lines.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return lines
