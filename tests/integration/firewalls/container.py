# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab image as a container, with a client beside it.

The lab's own kernel has nf_tables without the families that firewalld and nftables.conf use (ip, ip6, inet), so these hosts have the
kernel of the machine: systemd is their first process, and they are rebooted like any other. They have no IPVS.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from awaiting import until

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
INVENTORY = HERE / "inventory"
LAB = "firewalls"
# What a host of the lab has for its own cards and disks, and what is no business of a container.
MASKED = ["lab-seed", "networking", "systemd-modules-load", "systemd-udevd", "systemd-udev-trigger", "systemd-logind"]
MASKED += ["systemd-tmpfiles-setup-dev", "systemd-tmpfiles-setup-dev-early", "nginx"]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Runs in namespaces of its own, so all that it mounts goes with it.
BOOT = """
set -e
image=$1 folder=$2 root=$2/root
mkdir -p $folder/base $folder/upper $folder/work $root
mount -o loop,ro,noload $image/root-6G.img $folder/base
mount -t overlay -o lowerdir=$folder/base,upperdir=$folder/upper,workdir=$folder/work overlay $root
mount -t proc proc $root/proc
mount -t sysfs sysfs $root/sys
mount -t cgroup2 cgroup2 $root/sys/fs/cgroup
mount -o loop,ro $image/packages.img $root/srv/packages
for folder in dev run tmp; do mount -t tmpfs -o mode=0755 tmpfs $root/$folder; done
chmod 1777 $root/tmp
for device in null zero full random urandom tty; do touch $root/dev/$device; mount --bind /dev/$device $root/dev/$device; done
mkdir $root/dev/pts $root/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts $root/dev/pts
ln -s pts/ptmx $root/dev/ptmx
ln -s /proc/self/fd $root/dev/fd
hostname fire
mkdir -p $root/old
cd $root
pivot_root . old
umount -l /old
exec /sbin/init </dev/null >/dev/null 2>&1
"""
# Who is let in: what came first over a connection, or why there is none.
CONNECT = """
import errno, socket, sys
source, address, port = sys.argv[1:]
try:
    with socket.create_connection((address, int(port)), 3, (source, 0)) as connection:
        print(connection.recv(64).decode() or "nothing")
except OSError as error:
    print(errno.errorcode.get(error.errno, "timeout"))
"""
SERVE = """
import socket, sys, threading
def serve(port):
    with socket.create_server(("", port)) as server:
        while True:
            connection, (address, _port) = server.accept()
            connection.sendall(address.encode())
            connection.close()
for port in sys.argv[1:]:
    threading.Thread(target=serve, args=(int(port),)).start()
"""


_SILENT: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)


class Container:
    """A host `fire` (10.0.0.21) and its client, 10.0.0.201 and 10.0.0.202."""

    address = "10.0.0.21"
    vip = "10.0.0.80"

    def __init__(self, folder: Path, release: str) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "LVS_LAB": LAB,
            "LVS_LAB_RELEASE": release,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        }
        self.image = self._ansible(HERE / "image.yml", INVENTORY)["Build"]["path"]
        self.client = f"lvs-{LAB}-client"
        # Ansible's way in: all that it says to ssh but the command is left out.
        self.door = folder / "door"
        self.hosts = folder / "hosts.json"
        variables = {"ansible_ssh_executable": str(self.door), "ansible_python_interpreter": "/usr/bin/python3"}
        self.hosts.write_text(json.dumps({"all": {"hosts": {"fire": variables}}}))
        self._init: subprocess.Popen[bytes] | None = None
        system = folder / "upper/etc/systemd/system"
        system.mkdir(parents=True)
        for unit in MASKED:
            (system / f"{unit}.service").symlink_to("/dev/null")
        (folder / "upper/etc/fstab").write_text("")

    def boot(self) -> None:
        cgroup = self._cgroup()
        cgroup.mkdir(exist_ok=True)
        script = f"echo $$ > {cgroup}/cgroup.procs; exec unshare --mount --net --pid --uts --ipc --cgroup --fork --kill-child "
        script += '--propagation private bash -c "$0" boot "$@"'
        argv = ["bash", "-c", script, BOOT, self.image, str(self.folder)]
        environment = {"PATH": PATH, "container": "lvs"}
        self._init = subprocess.Popen(argv, env=environment, start_new_session=True, **_SILENT)
        pid = until(self._first_process, 30)
        command = f'exec nsenter --all --target {pid} env --ignore-environment PATH={PATH} HOME=/root sh -c "${{!#}}"'
        self.door.write_text(f"#!/bin/bash\n{command}\n")
        self.door.chmod(0o755)
        until(lambda: self.run("systemctl is-system-running").stdout.strip() in ("running", "degraded"), 60)
        for line in (
            f"ip netns add {self.client}",
            f"ip link add front netns {self.client} type veth peer name front netns {pid}",
            f"ip -n {self.client} address add 10.0.0.201/24 dev front",
            f"ip -n {self.client} address add 10.0.0.202/24 dev front",
            f"ip -n {self.client} link set front up",
        ):
            subprocess.run(line.split(), check=True)
        self("ip link set front up; ip address add 10.0.0.21/24 dev front; ip address add 10.0.0.80/32 dev lo; ip link set lo up")
        self(f"systemd-run --quiet --unit=serve python3 -c '{SERVE}' 80 8080 8081")
        self("ssh-keygen -q -A; systemctl reset-failed ssh; systemctl restart ssh")
        # The lab's kernel knows the old ones only; these are the distribution's choice.
        self("for tool in iptables ip6tables; do update-alternatives --quiet --set $tool /usr/sbin/$tool-nft; done")

    def down(self) -> None:
        """The short way: nothing is written any more that is not on the disk."""
        subprocess.run(["ip", "netns", "delete", self.client], check=False, capture_output=True)
        if self._init:
            self._init.kill()
            self._init.wait()
            until(lambda: "populated 0" in (self._cgroup() / "cgroup.events").read_text(), 30)
            subprocess.run(["find", str(self._cgroup()), "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"], check=True)
            self._init = None

    def reboot(self) -> None:
        """As `systemctl reboot` does it: all units are stopped first."""
        assert self._init
        self.run("systemctl --no-block poweroff")
        self._init.wait(60)
        self.down()
        self.boot()

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(self.door), command], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)

    def __call__(self, command: str) -> str:
        done = self.run(command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def connect(self, source: str, address: str, port: int) -> str:
        """What a client sees: an error's name, or what the server says, which is the client's own address."""
        subprocess.run(["ip", "-n", self.client, "route", "replace", self.vip, "via", self.address], check=True)
        argv = ["ip", "netns", "exec", self.client, sys.executable, "-c", CONNECT, source, address, str(port)]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()

    def play(self, playbook: Path, *arguments: str) -> dict[str, Any]:
        """What each task of a playbook returned, by its name."""
        return self._ansible(playbook, self.hosts, *arguments)

    def _ansible(self, playbook: Path, inventory: Path, *arguments: str) -> dict[str, Any]:
        command = ["ansible-playbook", str(playbook), "-i", str(inventory), *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, done.stdout + done.stderr
        report = json.loads(done.stdout[done.stdout.index("{") :])
        return {
            re.sub("^.* : ", "", task["task"]["name"]): result
            for play in report["plays"]
            for task in play["tasks"]
            for result in task["hosts"].values()
        }

    @staticmethod
    def _cgroup() -> Path:
        unified = Path("/sys/fs/cgroup/unified")
        return (unified if unified.exists() else Path("/sys/fs/cgroup")) / f"lvs-{LAB}"

    def _first_process(self) -> str:
        """The machine's number of the process that is number one in there, once it is systemd."""
        assert self._init
        assert self._init.poll() is None, "the container has ended"
        children = Path(f"/proc/{self._init.pid}/task/{self._init.pid}/children").read_text().split()
        return next((pid for pid in children if Path(f"/proc/{pid}/comm").read_text().strip() in ("systemd", "init")), "")


def usable() -> str:
    """Why this machine cannot have such a host; empty if it can."""
    if os.geteuid() != 0:
        return "only root can have such hosts"
    probe = "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)"
    if subprocess.run([sys.executable, "-c", probe], capture_output=True, check=False).returncode:
        return "this machine's kernel has no nf_tables"
    return ""
