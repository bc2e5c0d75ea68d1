# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lab's hosts live: which processes belong to a lab, and how to get inside its network namespace.

The kernel is asked every time. There are no files with process numbers that could be out of date, and so none to clean up.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Iterable, Iterator, Optional, Sequence, Set, Tuple

from .commands import LabError


@dataclass(frozen=True)
class Realm:
    """The isolated place in which a lab runs.

    Today it is a named network namespace, which takes root to make. A lab of an unprivileged user differs in this class alone:
    there the namespace belongs to a process, and the way inside goes through that process's user namespace as well.
    """

    lab: str

    @property
    def namespace(self) -> str:
        return f"lvs-{self.lab}"

    @property
    def path(self) -> str:
        return f"/run/netns/{self.namespace}"

    def inside(self, argv: Sequence[str]) -> Tuple[str, ...]:
        """The command line that runs `argv` inside the lab's network."""
        return ("nsenter", f"--net={self.path}", "--", *argv)


@dataclass(frozen=True)
class Marks:
    """Words on a process's command line by which it is known again.

    :param lab: the lab it belongs to
    :param host: the host that it is; empty for a process that serves the whole lab, such as the building of an image
    :param definition: digest of the definition that the host was made from
    """

    lab: str
    host: str = ""
    definition: str = ""

    def words(self) -> Tuple[str, ...]:
        return (f"lvs_lab={self.lab}", f"lvs_host={self.host}", f"lvs_definition={self.definition}")

    @classmethod
    def of(cls, argv: Sequence[str]) -> Optional[Marks]:
        """The marks on a command line, if it has all of them as whole words."""
        found: Dict[str, str] = {}
        for word in argv:
            key, equals, value = word.partition("=")
            if equals and key in ("lvs_lab", "lvs_host", "lvs_definition"):
                found.setdefault(key[4:], value)
        return cls(**found) if len(found) == 3 else None


def marked(lab: str, host: Optional[str] = None, proc: Path = Path("/proc")) -> Dict[int, Marks]:
    """The processes of a lab, or of one of its hosts, by process number."""
    found = {}
    for pid, argv in _command_lines(proc):
        marks = Marks.of(argv)
        if marks and marks.lab == lab and host in (None, marks.host):
            found[pid] = marks
    return found


def inside_namespace(path: str, proc: Path = Path("/proc")) -> Tuple[int, ...]:
    """The processes whose network namespace is the one at `path`; none when it does not exist."""
    try:
        wanted = os.stat(path)
    except FileNotFoundError:
        return ()
    found = []
    for entry in proc.iterdir():
        if entry.name.isdigit():
            try:
                its = os.stat(entry / "ns" / "net")
            except OSError:
                continue  # ended, or a kernel thread's
            if (its.st_dev, its.st_ino) == (wanted.st_dev, wanted.st_ino):
                found.append(int(entry.name))
    return tuple(found)


def end(find: Callable[[], Iterable[int]], seconds: float = 20.0) -> int:
    """Kill all processes that `find` finds until it finds none, and say how many there were.

    It asks again after each round, since a process that is being killed may just have started another.

    A host is killed as if its power were cut: its disk has a journal, and a clean shutdown is ssh's business.

    :raises LabError: a process is still there after `seconds`
    """
    deadline = time.monotonic() + seconds
    ended: Set[int] = set()
    left = set(find())
    while left:
        for pid in left - ended:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        ended |= left
        if time.monotonic() > deadline:
            stuck = min(left)
            raise LabError(f"process {stuck} does not end although it was killed: look at /proc/{stuck}/stack")
        time.sleep(0.02)
        left = set(find())
    return len(ended)


def _command_lines(proc: Path) -> Iterator[Tuple[int, Tuple[str, ...]]]:
    for entry in proc.iterdir():
        if entry.name.isdigit():
            try:
                raw = (entry / "cmdline").read_bytes()
            except OSError:
                continue  # ended while we looked
            yield int(entry.name), tuple(raw.decode(errors="replace").split("\0"))
