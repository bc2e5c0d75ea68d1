# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab's image is made of: packages, the files that we put in, and the digest that names the result.

All of it is data. The digest covers everything here, so a changed word makes another image, and an unchanged recipe finds the
image that was made before.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Mapping, Tuple

from .commands import LabError

# Debian releases whose user-mode kernel has IPVS and the iptables that belong to it.
RELEASES: Mapping[str, str] = {"trixie": "Debian 13", "bookworm": "Debian 12"}

# A host that an administrator would call bare: it boots, answers ssh, runs Ansible's modules, and has the tools to look around.
# Installed here rather than in the hosts since a fork costs ten times as much there.
BASE_PACKAGES: Tuple[str, ...] = (
    "arptables",
    "ca-certificates",
    "curl",
    "dbus",
    "ifupdown",
    "iproute2",
    "iptables",
    "iputils-ping",
    "kmod",
    "less",
    "netcat-openbsd",
    "openssh-server",
    "procps",
    "python3-apt",
    "systemd-sysv",
    "tcpdump",
    "udev",
)

# Where the guest finds its disks: the order of ubd0, ubd1, ubd2 on the kernel's command line.
FSTAB = """\
/dev/ubda /             ext4 defaults,noatime 0 1
/dev/ubdb /srv/packages ext4 ro,nofail        0 0
"""

# Runs once on a new disk, before udev names the cards and ifup configures them. The seed is a bare tar archive on the third
# disk: no file system and no image of its own for each host.
SEED_UNIT = """\
[Unit]
Description=Take the host's name, addresses and keys from the lab
DefaultDependencies=no
ConditionPathExists=!/etc/lab-seeded
After=systemd-remount-fs.service
Before=systemd-udevd.service systemd-udev-trigger.service systemd-sysctl.service sysinit.target

[Service]
Type=oneshot
ExecStart=/usr/bin/tar --extract --directory=/ --no-overwrite-dir --no-same-owner --file=/dev/ubdc
# systemd has read /etc/hostname before the seed brought it; from the next boot on it finds what is there then.
ExecStart=/usr/bin/hostname --file /etc/hostname

[Install]
WantedBy=sysinit.target
"""

APT_CONFIGURATION = """\
// The package disk has no translations, and a lab host needs neither recommendations nor their forks.
Acquire::Languages "none";
APT::Install-Recommends "false";
"""

# Reached by key only. Neither DNS nor a second key type: a lab host has no resolver, and each key costs time at login.
SSHD_CONFIGURATION = """\
UseDNS no
PasswordAuthentication no
PermitRootLogin prohibit-password
HostKey /etc/ssh/ssh_host_ed25519_key
"""

JOURNAL_CONFIGURATION = """\
[Journal]
SystemMaxUse=32M
"""

FILES: Mapping[str, str] = {
    "etc/fstab": FSTAB,
    "etc/systemd/system/lab-seed.service": SEED_UNIT,
    "etc/apt/apt.conf.d/80lab": APT_CONFIGURATION,
    "etc/apt/sources.list.d/lab.list": "deb [trusted=yes] file:/srv/packages ./\n",
    "etc/ssh/sshd_config.d/lab.conf": SSHD_CONFIGURATION,
    "etc/systemd/journald.conf.d/lab.conf": JOURNAL_CONFIGURATION,
    "etc/default/locale": "LANG=C.UTF-8\n",
    "etc/hosts": "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n",
    "etc/network/interfaces": "source /etc/network/interfaces.d/*\n\nauto lo\niface lo inet loopback\n",
    # systemd rebuilds its caches where /etc or /var are newer than these stamps: here they never are.
    "etc/.updated": "",
    "var/.updated": "",
}

# Nothing here serves a host that lives for an hour; each costs seconds at every boot.
MASKED_UNITS: Tuple[str, ...] = (
    "apt-daily-upgrade.timer",
    "apt-daily.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty@tty1.service",
    "ldconfig.service",
    "modprobe@drm.service",
    "modprobe@fuse.service",
    "proc-sys-fs-binfmt_misc.automount",
    "sshd-keygen.service",
    "systemd-binfmt.service",
    "systemd-firstboot.service",
    "systemd-hwdb-update.service",
    "systemd-journal-catalog-update.service",
    "systemd-pstore.service",
    "systemd-update-done.service",
    "systemd-update-utmp.service",
)

# The user-mode kernel has the tables of iptables and arptables in their old form only.
LEGACY_ALTERNATIVES: Tuple[str, ...] = ("iptables", "ip6tables", "arptables")

# The first program of a host. A reboot executes it again with the old kernel's files still open, among them the cards: closing
# them is what lets the new kernel have its network.
BOOT_SCRIPT = """\
#!/bin/bash
for fd in /proc/self/fd/*; do
    fd=${fd##*/}
    ((fd > 2)) && eval "exec $fd>&-"
done
exec -a /bin/boot /bin/linux.uml "$@"
"""

DPKG_OPTIONS: Tuple[str, ...] = (
    "force-unsafe-io",
    "path-exclude=/usr/share/doc/*",
    "path-exclude=/usr/share/info/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/man/*",
)


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what an image is.

    :param release: Debian's code name, one of `RELEASES`
    :param packages: installed in addition to `BASE_PACKAGES`
    :param repository: packages that hosts may install from the package disk, with all that they depend on
    :param mirror: where packages come from; empty for Debian's own servers
    """

    release: str
    packages: Tuple[str, ...] = ()
    repository: Tuple[str, ...] = ()
    mirror: str = ""

    @property
    def installed(self) -> Tuple[str, ...]:
        return tuple(sorted({*BASE_PACKAGES, *self.packages}))

    @property
    def digest(self) -> str:
        everything = {
            "recipe": asdict(self),
            "installed": self.installed,
            "files": dict(FILES),
            "masked": MASKED_UNITS,
            "legacy": LEGACY_ALTERNATIVES,
            "boot": BOOT_SCRIPT,
            "dpkg": DPKG_OPTIONS,
            "layout": LAYOUT,
        }
        return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()

    @property
    def name(self) -> str:
        """The name of the image's folder: readable, and different for every different content."""
        return f"{self.release}-{self.digest[:16]}"


def parse_recipe(data: Mapping[str, Any]) -> Recipe:
    """Make a recipe from a module's options.

    :raises LabError: names the option and the remedy
    """
    for key in data:
        if key not in ("release", "packages", "repository", "mirror"):
            raise LabError(f"a recipe has no {key}: use release, packages, repository, mirror")
    release = str(data.get("release") or "trixie")
    if release not in RELEASES:
        raise LabError(f"lab_release is {release!r}: use one of {', '.join(RELEASES)}")
    for key in ("packages", "repository"):
        for package in data.get(key) or ():
            # Names go into a command line of apt's; Debian policy, section 5.6.1.
            if not re.match(r"^[a-z0-9][a-z0-9+.-]+$", str(package)):
                raise LabError(f"{key}: {package!r} is no name of a Debian package: write it as apt-cache shows it")
    packages = tuple(sorted(set(data.get("packages") or ())))
    repository = tuple(sorted(set(data.get("repository") or ())))
    return Recipe(release, packages, repository, str(data.get("mirror") or ""))


# Raised by hand when the steps of the build change what an image looks like inside.
LAYOUT = 3
