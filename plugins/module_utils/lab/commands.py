# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every part of the lab's code may raise, and the one way in which it runs commands."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import Callable, Sequence


class LabError(Exception):
    """Something that a person has to mend; the text says what and how."""


@dataclass(frozen=True)
class Result:
    """What a command left behind.

    :param code: exit status
    :param out: standard output
    :param err: standard error
    """

    code: int
    out: str
    err: str


# Injected wherever commands are run, so that each part is testable without them.
Run = Callable[[Sequence[str]], Result]


def run(argv: Sequence[str]) -> Result:
    """Run a command to its end, without a shell and without standard input.

    :raises LabError: the command does not exist
    """
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        raise LabError(
            f"the command {argv[0]} is missing: run tools/prerequisites.sh lab, or install the package that holds it"
        ) from missing
    return Result(done.returncode, done.stdout, done.stderr)


def must(command: Run, argv: Sequence[str]) -> str:
    """Run a command that has no business failing, and return what it printed.

    :raises LabError: it failed; the text holds the command and what it said
    """
    result = command(argv)
    if result.code:
        said = (result.err or result.out).strip() or "nothing"
        raise LabError(f"`{' '.join(argv)}` ended with {result.code} and said: {said}")
    return result.out
