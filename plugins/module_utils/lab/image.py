# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build an image from its recipe, natively: no loop device, no mount that outlives a step, no virtual machine.

An image is a folder: `root-<GiB>G.img` (the disk that hosts share and write over), `packages.img` (an apt repository), `kernel/`
(the kernel as a program, with the C library of its own release). It is made beside its place and moved there when complete, so
what has its final name is whole.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator, Optional, Sequence, Tuple

from .commands import LabError, Run, must
from .realm import Marks
from .recipe import BOOT_SCRIPT, DPKG_OPTIONS, FILES, LEGACY_ALTERNATIVES, MASKED_UNITS, RELEASES, Recipe

MANIFEST = "manifest.json"
DISK_GIB = 6
UNFINISHED = ".unfinished-"

# A bare host knows its package lists, so that check mode can say what an installation would bring. $1 packages, $2 root.
READ_LISTS = """\
mount --bind "$1" "$2/srv/packages"
chroot "$2" apt-get --quiet=2 update
"""

Say = Callable[[str], None]


def find(folder: Path, recipe: Recipe) -> Optional[Path]:
    """The finished image of a recipe, if there is one."""
    image = folder / recipe.name
    return image if (image / MANIFEST).is_file() else None


def build(folder: Path, recipe: Recipe, lab: str, run: Run, say: Say) -> Path:
    """Build the image, or wait for whoever is building it now.

    :param folder: where images are kept
    :param lab: the lab that asks; its removal ends a build that is under way
    :param say: told each step as it starts
    :raises LabError: a step failed; nothing is left that could be taken for an image
    """
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / ".lock", lambda: say("Another build is running: waiting for it")):
        done = find(folder, recipe)
        if done:
            return done
        # Whoever holds the lock is alone: what is unfinished now was interrupted.
        for leftover in folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(leftover)
        work = folder / f"{UNFINISHED}{recipe.name}"
        work.mkdir()
        try:
            _build(work, recipe, lab, run, say)
            final = folder / recipe.name
            shutil.rmtree(final, ignore_errors=True)
            work.rename(final)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise
    return final


def _build(work: Path, recipe: Recipe, lab: str, run: Run, say: Say) -> None:
    root, kernel, packages, fetched = work / "root", work / "kernel", work / "packages", work / "fetched"
    for each in (kernel, packages / "partial", fetched):
        each.mkdir(parents=True)

    say(f"Fetching and unpacking {RELEASES[recipe.release]} ({recipe.release}): about a minute")
    must(run, contained(lab, _bootstrap(root, packages, fetched, recipe)))

    say("Preparing the kernel")
    version = _unpack_kernel(fetched, root, kernel, run)

    say("Listing the packages that hosts may install")
    shutil.rmtree(packages / "partial")
    (packages / "lock").unlink(missing_ok=True)
    listing = must(run, ("env", "-C", str(packages), "dpkg-scanpackages", "--multiversion", "."))
    (packages / "Packages").write_text(listing, encoding="utf-8")

    say("Preparing the hosts' files")
    _configure(root, run)
    must(run, contained(lab, ("sh", "-c", READ_LISTS, "lists", str(packages), str(root))))

    say("Making the disks")
    # A small journal: a host may be killed at any moment, and its disk has to be whole when it is started again.
    _make_disk(root, work / disk_name(DISK_GIB), f"{DISK_GIB}G", ("-J", "size=8"), run)
    held = sum(file.stat().st_size for file in packages.iterdir())
    _make_disk(packages, work / "packages.img", f"{16 + held * 11 // 10 // 2**20}M", ("-O", "^has_journal"), run)

    for scratch in (root, packages, fetched):
        shutil.rmtree(scratch)
    manifest = {"release": recipe.release, "kernel": version, "digest": recipe.digest, "installed": recipe.installed}
    (work / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def contained(lab: str, argv: Sequence[str]) -> Tuple[str, ...]:
    """A command in a process namespace of its own: when its first process ends or is killed, so is all that it started.

    It dies with the module that runs it, and is found by its marks when the lab is removed.
    """
    died_with_parent = ("setpriv", "--pdeathsig", "KILL", "--")
    namespaces = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--")
    return (*died_with_parent, *namespaces, "env", *Marks(lab).words(), *argv)


def _bootstrap(root: Path, packages: Path, fetched: Path, recipe: Recipe) -> Tuple[str, ...]:
    # Hooks run in a shell; paths reach them through their environment, so no name can be taken for a command.
    apt = 'APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get --quiet --yes'
    hooks = [f'cd "$LAB_FETCHED" && {apt} download user-mode-linux']
    if recipe.repository:
        # Asked of the same apt that made the root, so only what the root lacks is fetched, with all dependencies.
        options = "--download-only --no-install-recommends -o Dir::Cache::archives=$LAB_PACKAGES"
        hooks.append(f"{apt} install {options} {' '.join(recipe.repository)}")
    return (
        "env",
        f"LAB_FETCHED={fetched}",
        f"LAB_PACKAGES={packages}",
        "mmdebstrap",
        "--mode=root",
        "--variant=minbase",
        f"--include={','.join(recipe.installed)}",
        *(f"--dpkgopt={option}" for option in DPKG_OPTIONS),
        # The key names the content; a mirror that was frozen some time ago is as good as today's.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        *(f"--customize-hook={hook}" for hook in hooks),
        recipe.release,
        str(root),
        *([recipe.mirror] if recipe.mirror else []),
    )


def _unpack_kernel(fetched: Path, root: Path, kernel: Path, run: Run) -> str:
    """The kernel with everything it needs to run as a program goes into a small root of its own; its modules go to the hosts."""
    package = next(iter(fetched.glob("user-mode-linux_*.deb")), None)
    if package is None:
        raise LabError("apt fetched no user-mode-linux: this mirror does not carry it, choose another with lab_mirror")
    unpacked = fetched / "kernel"
    must(run, ("dpkg-deb", "--extract", str(package), str(unpacked)))
    modules = next(iter((unpacked / "usr/lib/uml/modules").iterdir()))
    (root / "usr/lib/modules").mkdir(parents=True, exist_ok=True)
    shutil.move(str(modules), str(root / "usr/lib/modules"))

    for folder in ("bin", "dev", "proc", "tmp", "run", "image", "host", "lib64", "lib/x86_64-linux-gnu"):
        (kernel / folder).mkdir(parents=True, exist_ok=True)
    shutil.copy2(unpacked / "usr/bin/linux.uml", kernel / "bin/linux.uml")
    shutil.copy2(root / "bin/bash", kernel / "bin/bash")
    shutil.copy2(root / "lib64/ld-linux-x86-64.so.2", kernel / "lib64/ld-linux-x86-64.so.2")
    for library in ("libc.so.6", "libtinfo.so.6"):
        shutil.copy2(root / "lib/x86_64-linux-gnu" / library, kernel / "lib/x86_64-linux-gnu" / library)
    boot = kernel / "bin/boot"
    boot.write_text(BOOT_SCRIPT, encoding="utf-8")
    boot.chmod(0o755)
    return modules.name


def _configure(root: Path, run: Run) -> None:
    for path, content in FILES.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    (root / "srv/packages").mkdir(parents=True, exist_ok=True)
    # Each host is told its machine id by its kernel's command line, and its keys by its seed.
    (root / "etc/machine-id").write_text("", encoding="utf-8")
    for file in (root / "etc/ssh").glob("ssh_host_*"):
        file.unlink()
    for file in (root / "etc/apt").glob("sources.list"):
        file.unlink()
    (root / "etc/resolv.conf").write_text("", encoding="utf-8")
    (root / "etc/hostname").write_text("localhost\n", encoding="utf-8")
    must(run, ("chroot", str(root), "systemctl", "--quiet", "mask", *MASKED_UNITS))
    must(run, ("chroot", str(root), "systemctl", "--quiet", "enable", "lab-seed.service"))
    must(run, ("chroot", str(root), "systemctl", "--quiet", "set-default", "multi-user.target"))
    for name in LEGACY_ALTERNATIVES:
        must(run, ("chroot", str(root), "update-alternatives", "--quiet", "--set", name, f"/usr/sbin/{name}-legacy"))
    os.utime(root / "etc/.updated")
    os.utime(root / "var/.updated")


def _make_disk(folder: Path, disk: Path, size: str, options: Sequence[str], run: Run) -> None:
    # Initialised here, where a hole in a file is as good as zeros. Left to the hosts, each would write a hundred megabytes.
    complete = ("-E", "lazy_itable_init=0,lazy_journal_init=0")
    must(run, ("mke2fs", "-q", "-t", "ext4", *complete, *options, "-d", str(folder), str(disk), size))


def disk_name(gib: int) -> str:
    """What the disk of a size is called."""
    return f"root-{gib}G.img"


def disk(image: Path, gib: int, run: Run) -> Path:
    """The image's disk at the size that a host wants; made from the usual one at first use."""
    wanted = image / disk_name(gib)
    if wanted.exists():
        return wanted
    with locked(image / ".lock", lambda: None):
        if not wanted.exists():
            unfinished = image / f"{UNFINISHED}{wanted.name}"
            must(run, ("cp", "--sparse=always", "--reflink=auto", str(image / disk_name(DISK_GIB)), str(unfinished)))
            must(run, ("e2fsck", "-p", "-f", str(unfinished)))
            must(run, ("resize2fs", str(unfinished), f"{gib}G"))
            unfinished.rename(wanted)
    return wanted


@contextmanager
def locked(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold a lock that the kernel drops when the process ends, however it ends."""
    with open(path, "w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
