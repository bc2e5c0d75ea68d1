# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel settings as frozen values. Equal values mean the same behaviour of the kernel.

A key is a path below /proc/sys, such as net/ipv4/conf/eth0.100/arp_ignore. Values are for settings that hold numbers or
words; those that hold free text (kernel.core_pattern) are not for this package, since their blanks would be lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Mapping, Optional

_NUMBER = re.compile(r"([+-]?)(0[xX][0-9a-fA-F]+|[0-9]+)\Z")


def normalise(text: str) -> str:
    """A value's canonical text: single blanks, numbers in decimal."""
    return " ".join(_word(word) for word in text.split())


def _word(word: str) -> str:
    match = _NUMBER.match(word)
    if match is None:
        return word
    sign, digits = match.groups()
    # The kernel reads numbers as C does: 0x10 is 16, and so is 020.
    base = 16 if digits[:2].lower() == "0x" else 8 if digits.startswith("0") else 10
    try:
        number = int(digits, base)
    except ValueError:
        return word
    return str(-number if sign == "-" else number)


def as_number(value: Optional[str]) -> Optional[int]:
    """The number that a value is; None for anything else."""
    canonical = _word(value) if value is not None else ""
    return int(canonical) if re.match(r"-?(0|[1-9][0-9]*)\Z", canonical) else None


def parse_key(text: str) -> str:
    """The key that a name in sysctl.d(5) or sysctl(8) stands for: the first separator says which one separates."""
    separator = re.search(r"[./]", text)
    if separator is not None and separator.group() == ".":
        text = text.translate({ord("."): "/", ord("/"): "."})
    return "/".join(part for part in text.split("/") if part not in ("", "."))


def show_key(key: str) -> str:
    """The name of a key as people write it. It has slashes only where a part has a dot in it, such as eth0.100."""
    return key if "." in key else key.replace("/", ".")


@dataclass(frozen=True)
class State:
    """What a host has."""

    # What the running kernel has, for the keys that were asked for and exist.
    runtime: Mapping[str, str] = field(default_factory=dict)
    # What our file of sysctl.d says; None when there is no file. A value of None excludes the key from patterns.
    file: Optional[Mapping[str, Optional[str]]] = None
    # What the kernel had before we first changed it.
    prior: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Goal:
    """What is wanted: these values, or that nothing of ours is left."""

    present: bool
    values: Mapping[str, str] = field(default_factory=dict)
    # Which of the two places is to be managed. The other one stays as it is.
    runtime: bool = True
    persistent: bool = True
