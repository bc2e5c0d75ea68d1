# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running the host's own tools, and what is said when one fails."""

from __future__ import annotations

import os
import subprocess
from typing import Callable, NamedTuple, Optional, Sequence

# Sessions of ordinary users, and units, do not have the sbin folders in their path.
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class HostError(Exception):
    """Its text is meant for the person who runs the playbook."""


class Done(NamedTuple):
    code: int
    output: str
    error: str


Runner = Callable[[Sequence[str], Optional[str]], Done]


def run(argv: Sequence[str], text: Optional[str] = None) -> Done:
    """Run a command without a shell; 127 where the host does not have it."""
    environment = {**os.environ, "LC_ALL": "C", "PATH": _PATH}
    try:
        done = subprocess.run(
            argv,
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
    except FileNotFoundError:
        return Done(127, "", f"this host has no {argv[0]}")
    return Done(done.returncode, done.stdout, done.stderr.strip())


def check(runner: Runner, *argv: str, text: Optional[str] = None) -> str:
    """The output of a command that has to succeed.

    :raises HostError: it did not
    """
    done = runner(argv, text)
    if done.code:
        raise HostError(f"{' '.join(argv)}: {done.error or 'failed with status ' + str(done.code)}")
    return done.output
