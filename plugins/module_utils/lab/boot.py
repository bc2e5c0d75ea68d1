# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a host's kernel is started, and the digest of all that decides what the host is."""

from __future__ import annotations

import hashlib
from typing import Iterable, Tuple

from . import image, seed
from .model import Host, mac, tap

# Mounts are the host's own and end with it: the program's memory lies in a private /dev/shm, its disks at fixed paths (which
# the copy-on-write file remembers). $1 kernel, $2 image, $3 host folder, $4 memory in MiB; the rest is the command.
LAUNCH = """\
set -e
kernel=$1 image=$2 host=$3 memory=$4
shift 4
mount --bind /dev "$kernel/dev"
mount -t tmpfs -o "mode=1777,size=$((memory + 64))m" lab-memory "$kernel/dev/shm"
mount -t proc proc "$kernel/proc"
mount -t tmpfs -o mode=755 lab-run "$kernel/run"
mount -t tmpfs -o mode=1777 lab-tmp "$kernel/tmp"
mount --bind "$image" "$kernel/image"
mount --bind "$host" "$kernel/host"
exec chroot "$kernel" /bin/boot "$@"
"""


def bound(turn: int, processors: Iterable[int]) -> Tuple[str, ...]:
    """What keeps a command, and all that it starts, on one of these processors.

    At every system call and page fault of a program the host's kernel takes over from it, and hands back. Where these two are on
    different processors, one has to wake the other each time: that takes three to four times as long.
    """
    usable = sorted(processors)
    return ("taskset", "--cpu-list", str(usable[turn % len(usable)]))


def arguments(lab: str, host: Host) -> Tuple[str, ...]:
    """The kernel's command line, less the marks by which the host's processes are known."""
    words = [
        f"umid={host.name}",
        "uml_dir=/run/",
        f"ubd0=/host/disk.cow,/image/{image.disk_name(host.disk)}",
        "ubd1r=/image/packages.img",
        "ubd2r=/host/seed.tar",
        "root=/dev/ubda",
        "rw",
        f"mem={host.memory}M",
        "con=null",
        "con0=null,fd:1",
        "con1=null",
        "security=none",
        "quiet",
        "systemd.show_status=true",
        f"systemd.machine_id={machine_id(lab, host.name)}",
    ]
    for index in range(len(host.cards)):
        # gro: the bridge hands over whole bursts as one frame; a card that does not expect them drops them, and TCP crawls.
        card = f"vec{index}:transport=tap,ifname={tap(host.name, index)},mac={mac(lab, host.name, index)},gro=1"
        words.append(card)
    return tuple(words)


def definition(lab: str, host: Host, image_name: str, authorized_key: str) -> str:
    """Digest of all that decides what a host is. Another digest, another host."""
    files = sorted(seed.files(lab, host, authorized_key, "").items())
    content = repr((image_name, LAUNCH, arguments(lab, host), files))
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def machine_id(lab: str, name: str) -> str:
    """machine-id(5): 32 hexadecimal digits, the same whenever a lab has a host of this name."""
    return hashlib.sha256(f"{lab}/{name}".encode()).hexdigest()[:32]
