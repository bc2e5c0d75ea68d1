# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether this machine can run a lab: every reason why not, each with what to do, before anything is made."""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping, Tuple

# What a host keeps resident once it serves, and what it writes over its shared disk; measured, rounded up. In MiB.
HOST_MEMORY = 250
HOST_DISK = 600
# What the building of one image takes at its peak, and what the image takes afterwards. In MiB.
BUILD_DISK = 1800

COMMANDS: Mapping[str, str] = {
    "chroot": "coreutils",
    "dpkg-deb": "dpkg",
    "dpkg-scanpackages": "dpkg-dev",
    "ip": "iproute2",
    "mke2fs": "e2fsprogs",
    "mmdebstrap": "mmdebstrap",
    "mount": "mount",
    "nc": "netcat-openbsd",
    "nsenter": "util-linux",
    "resize2fs": "e2fsprogs",
    "setpriv": "util-linux",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "sysctl": "procps",
    "taskset": "util-linux",
    "unshare": "util-linux",
}

# sun_path holds 108 bytes (unix(7)); ssh binds a name that is 17 longer before it renames it to ControlPath.
SOCKET_PATH = 108 - 1 - 17


@dataclass(frozen=True)
class Machine:
    """What there is.

    :param architecture: as uname says it
    :param user: the effective user's number
    :param missing: commands that are not installed
    :param tun: whether cards can be made
    :param memory: available memory in MiB
    :param disk: free disk space where images and labs are kept, in MiB
    """

    architecture: str
    user: int
    missing: Tuple[str, ...]
    tun: bool
    memory: int
    disk: int


@dataclass(frozen=True)
class Need:
    """What a lab needs.

    :param hosts: how many hosts have to be started
    :param memory: the largest host's ceiling in MiB
    :param images: how many images have to be built
    :param folder: the lab's folder
    :param longest: the length of the longest host name
    """

    hosts: int
    memory: int
    images: int
    folder: str
    longest: int


def look(folder: Path) -> Machine:
    """Look at this machine; `folder` need not exist yet."""
    existing = folder
    while not existing.exists():
        existing = existing.parent
    available = 0
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            available = int(line.split()[1]) // 1024
    path = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
    return Machine(
        architecture=platform.machine(),
        user=os.geteuid(),
        missing=tuple(command for command in COMMANDS if not shutil.which(command, path=path)),
        tun=os.access("/dev/net/tun", os.R_OK | os.W_OK),
        memory=available,
        disk=shutil.disk_usage(existing).free // 2**20,
    )


def objections(machine: Machine, need: Need) -> Tuple[str, ...]:
    """Why the lab cannot run here: one sentence each; none when it can."""
    found = []
    if machine.architecture != "x86_64":
        found.append(
            f"This machine is {machine.architecture}, and user-mode Linux runs on x86_64 alone: use the playbooks on hosts of your own."
        )
    if machine.user != 0:
        found.append("The lab makes a network namespace and mounts, which takes root: run this as root, for example with sudo.")
    elif not machine.tun:
        found.append("/dev/net/tun cannot be opened: load the module with `modprobe tun`, or hand the device to this container.")
    if machine.missing:
        packages = sorted({COMMANDS[command] for command in machine.missing})
        found.append(f"Commands are missing ({', '.join(machine.missing)}): run `apt-get install {' '.join(packages)}`.")
    memory = max(need.hosts * HOST_MEMORY, need.memory if need.hosts else 0)
    if machine.memory < memory:
        found.append(
            f"{need.hosts} hosts need about {memory} MiB of memory, and {machine.memory} MiB are available: "
            "end something, or take hosts out of the inventory."
        )
    disk = need.images * BUILD_DISK + need.hosts * HOST_DISK
    if machine.disk < disk:
        found.append(
            f"The lab needs about {disk} MiB of disk under {need.folder}, and {machine.disk} MiB are free: "
            "make room, or set lab_cache_dir to a larger disk."
        )
    socket = len(need.folder) + len("/ssh/") + need.longest
    if socket > SOCKET_PATH:
        found.append(
            f"{need.folder} is too long a path: ssh's shared connections need names of at most {SOCKET_PATH} characters "
            f"and would have {socket}: set lab_cache_dir to a shorter path."
        )
    return tuple(found)
