# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host of the lab: what it is now, what has to be done, and the doing.

A host is a folder (`disk.cow`, `seed.tar`, `host_key`, `known_hosts`, `console.log`, `definition`, `booted`) and, while it runs, a process.
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Dict, List, Mapping, Optional, Tuple

from . import boot, seed, switches
from . import image as images
from .commands import LabError, Run, must
from .model import Host, tap
from .realm import Marks, Realm, end, marked

# The steps, in the only order in which they make sense.
STOP, ERASE, PREPARE, PLUG, START, AWAIT, UNPLUG = "stop", "erase", "prepare", "plug", "start", "await", "unplug"


@dataclass(frozen=True)
class Have:
    """A host as it is.

    :param running: the definition that the running host was made from; None when it does not run
    :param disk: the definition that its disk was made from; None without a disk
    :param booted: whether ssh has answered on this disk before: a disk that was cut off in its first boot is not trusted
    :param taps: where its cards are plugged in
    """

    running: Optional[str] = None
    disk: Optional[str] = None
    booted: bool = False
    taps: Mapping[str, str] = field(default_factory=dict)


def plan(have: Have, definition: Optional[str], cards: Mapping[str, str], reset: bool = False) -> Tuple[str, ...]:
    """What to do, in order, so that a host of this definition runs; `definition` None means that there should be none.

    A running host of the right definition is left alone, though asked whether it answers. If its folder is gone, so are the keys
    by which it is known: it is made anew.
    """
    if definition is None:
        steps = []
        if have.running is not None:
            steps.append(STOP)
        if have.taps:
            steps.append(UNPLUG)
        if have.disk is not None:
            steps.append(ERASE)
        return tuple(steps)
    plugged = dict(have.taps) == dict(cards)
    if have.running == have.disk == definition and not reset:
        if plugged:
            return (AWAIT,)
        # A tap that vanished took the host's hold on it along: only a new start gives it another.
        return (STOP, PLUG, START, AWAIT) if have.booted else (STOP, ERASE, PREPARE, PLUG, START, AWAIT)
    steps = [STOP] if have.running is not None else []
    if reset or have.disk != definition or not have.booted:
        if have.disk is not None:
            steps.append(ERASE)
        steps.append(PREPARE)
    if not plugged:
        steps.append(PLUG)
    return (*steps, START, AWAIT)


class HostFolder:
    """The folder of one host.

    :param realm: the lab that it belongs to
    :param folder: the lab's folder
    :param name: the host's name
    """

    def __init__(self, realm: Realm, folder: Path, name: str, run: Run) -> None:
        self.realm, self.name, self.run = realm, name, run
        self.path = folder / "hosts" / name
        self.console = self.path / "console.log"
        # Where the lab's ssh configuration lets connections to this host be shared.
        self.control = folder / "ssh" / name

    def read(self, have: switches.Switches) -> Have:
        """Ask the kernel and the folder what the host is."""
        running = {marks.definition for marks in marked(self.realm.lab, self.name).values()}
        if len(running) > 1:
            raise LabError(f"{self.name}: two hosts of this name run in lab {self.realm.lab}: take the lab down and up again")
        return Have(
            running=next(iter(running), None),
            disk=_text(self.path / "definition") if self.path.exists() else None,
            booted=(self.path / "booted").exists(),
            taps={name: bridge for name, bridge in have.taps.items() if name in self.own_taps(have)},
        )

    def stop(self) -> None:
        """Cut the host's power."""
        end(lambda: marked(self.realm.lab, self.name))

    def erase(self) -> None:
        """Forget the host's disk and keys."""
        shutil.rmtree(self.path, ignore_errors=False)

    def prepare(self, host: Host, definition: str, authorized_key: str) -> None:
        """Make the folder. The definition is written last: without it, nothing here is trusted."""
        self.path.mkdir(parents=True, mode=0o700)
        key = self.path / "host_key"
        must(self.run, ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", host.name, "-f", str(key)))
        content = seed.files(self.realm.lab, host, authorized_key, key.read_text(encoding="ascii"))
        (self.path / "seed.tar").write_bytes(seed.archive(content))
        public = key.with_suffix(".pub").read_text(encoding="ascii")
        (self.path / "known_hosts").write_text(f"{host.name} {public}", encoding="ascii")
        (self.path / "definition").write_text(definition, encoding="ascii")

    def start(self, host: Host, definition: str, image: Path) -> None:
        """Start the kernel. It belongs to nobody afterwards: it lives until it is stopped."""
        if self.control.exists():
            # A connection that people and Ansible shared: its other end is gone.
            self.run(("ssh", "-o", f"ControlPath={self.control}", "-O", "exit", self.name))
        images.disk(image, host.disk, self.run)
        arguments = (*boot.arguments(self.realm.lab, host), *Marks(self.realm.lab, host.name, definition).words())
        bound = boot.bound(host.turn, os.sched_getaffinity(0))
        own = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--")
        launch = ("sh", "-c", boot.LAUNCH, "launch", str(image / "kernel"), str(image), str(self.path), str(host.memory))
        with open(self.console, "ab") as console:
            subprocess.Popen(  # pylint: disable=consider-using-with
                [*self.realm.inside(()), *bound, *own, *launch, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                cwd="/",
                close_fds=True,
            )

    def wait(self, host: Host, seconds: float) -> None:
        """Wait until ssh answers.

        :raises LabError: the host ended, or did not answer in time; the text holds the end of its console
        """
        deadline = time.monotonic() + seconds
        while not answers(self.realm, str(host.address)):
            if not marked(self.realm.lab, self.name):
                raise LabError(f"{self.name}: the host ended while it booted. The end of {self.console}:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise LabError(
                    f"{self.name}: ssh does not answer at {host.address} after {seconds:.0f} s. The end of {self.console}:\n{self.tail()}"
                )
            time.sleep(0.2)
        (self.path / "booted").touch()

    def tail(self, lines: int = 15) -> str:
        """The last lines of the console."""
        try:
            return "\n".join(self.console.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return "(empty)"

    def own_taps(self, have: switches.Switches) -> Tuple[str, ...]:
        # More than the present cards: a host that lost a card must lose its tap as well.
        return tuple(tap(self.name, index) for index in range(len(have.taps) + 1))


def apply(
    steps: Tuple[str, ...], folder: HostFolder, host: Host, definition: str, authorized_key: str, image: Path, seconds: float
) -> None:
    """Carry out a plan for a host that is wanted."""
    todo: Dict[str, Callable[[], None]] = {
        STOP: folder.stop,
        ERASE: folder.erase,
        PREPARE: lambda: folder.prepare(host, definition, authorized_key),
        PLUG: lambda: _plug(folder, host),
        START: lambda: folder.start(host, definition, image),
        AWAIT: lambda: folder.wait(host, seconds),
    }
    for step in steps:
        todo[step]()


def remove(steps: Tuple[str, ...], folder: HostFolder) -> None:
    """Carry out a plan for a host that is not wanted."""
    todo: Dict[str, Callable[[], None]] = {STOP: folder.stop, ERASE: folder.erase, UNPLUG: lambda: _unplug(folder)}
    for step in steps:
        todo[step]()


def cards(host: Host) -> Dict[str, str]:
    """Where a host's cards are to be plugged in: tap -> network."""
    return {tap(host.name, index): card.network for index, card in enumerate(host.cards)}


def answers(realm: Realm, address: str, seconds: float = 2.0) -> bool:
    """Whether an ssh server greets at an address inside the realm (RFC 4253, section 4.2)."""
    question = realm.inside(("nc", "-d", "-w", str(max(1, round(seconds))), address, "22"))
    with subprocess.Popen(
        question, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
    ) as asked:
        if asked.stdout is None:
            return False
        ready = select.select([asked.stdout], [], [], seconds)[0]
        greeting = asked.stdout.read(4) if ready else b""
        asked.kill()
    return greeting == b"SSH-"


def _plug(folder: HostFolder, host: Host) -> None:
    have = switches.read(folder.realm, folder.run)
    mine = cards(host)
    surplus = [name for name in folder.own_taps(have) if name not in mine]
    commands: List[Tuple[str, ...]] = list(switches.plan_unplug(folder.realm, have, surplus))
    commands += switches.plan_cards(folder.realm, have, mine)
    switches.apply(commands, folder.run)


def _unplug(folder: HostFolder) -> None:
    have = switches.read(folder.realm, folder.run)
    switches.apply(switches.plan_unplug(folder.realm, have, folder.own_taps(have)), folder.run)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        return ""
