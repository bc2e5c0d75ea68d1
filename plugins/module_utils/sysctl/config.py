# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of sysctl.d(5): their syntax, their order, and which line wins at boot. Pure: no I/O."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from dataclasses import dataclass
from typing import Dict, Iterable, Mapping, Optional, Sequence

from .model import normalise, parse_key, show_key

# The order of precedence between files of the same name. The last one is a link to the one before on most hosts.
FOLDERS = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d")
SUFFIX = ".conf"
# systemd reads it only where one of the folders has a link to it; `sysctl --system` reads it after all others.
SYSCTL_CONF = "/etc/sysctl.conf"
_BLANKS = " \t\r\n"


@dataclass(frozen=True)
class ConfigFile:
    path: str
    text: str


@dataclass(frozen=True)
class Line:
    """One assignment. The key may be a pattern; the value None excludes the key from patterns."""

    path: str
    number: int
    key: str
    value: Optional[str]


@dataclass(frozen=True)
class Override:
    """A line of another file that decides on a setting at boot, against what is wanted."""

    line: Line
    # The key that the line decides on, which its pattern may only match.
    key: str
    wanted: str
    # Whether only `sysctl --system` reads that file, and systemd does not.
    procps_only: bool = False


def parse(path: str, text: str) -> list[Line]:
    lines = []
    for number, raw in enumerate(text.split("\n"), 1):
        stripped = raw.strip(_BLANKS)
        if not stripped or stripped[0] in "#;":
            continue
        name, assigned, value = stripped.partition("=")
        # In front of an assignment the dash only says that its failure is no failure.
        if not assigned and not name.startswith("-"):
            continue
        key = parse_key((name[1:] if name.startswith("-") else name).strip(_BLANKS))
        if key:
            lines.append(Line(path, number, key, value.strip(_BLANKS) if assigned else None))
    return lines


def meaning(lines: Iterable[Line]) -> dict[str, Optional[str]]:
    """What the lines say, each key's last word."""
    return {line.key: None if line.value is None else normalise(line.value) for line in lines}


def render(values: Mapping[str, str], header: Sequence[str]) -> str:
    lines = [f"# {line}".rstrip() for line in header]
    lines += [f"{show_key(key)} = {values[key]}" for key in sorted(values)]
    return "\n".join(lines) + "\n"


def in_order(files: Iterable[ConfigFile]) -> list[ConfigFile]:
    """The files that systemd reads, in its order: by name, whatever the folder; of the same name the first folder's only."""
    chosen: Dict[str, ConfigFile] = {}
    for file in sorted((file for file in files if is_read(file.path)), key=lambda file: _rank(file.path)):
        chosen.setdefault(posixpath.basename(file.path), file)
    # Names are compared as bytes, not by the rules of a language.
    return [chosen[name] for name in sorted(chosen, key=lambda name: name.encode("utf-8", "surrogateescape"))]


def is_read(path: str) -> bool:
    """Whether anything looks at a file of this path at boot."""
    return posixpath.dirname(path) in FOLDERS and path.endswith(SUFFIX)


def _rank(path: str) -> int:
    return FOLDERS.index(posixpath.dirname(path))


class Boot:
    """The settings that boot makes of some files, read by systemd or else by `sysctl --system`."""

    def __init__(self, files: Iterable[ConfigFile], systemd: bool = True) -> None:
        self._lines: Dict[str, Line] = {}
        for file in files:
            for line in parse(file.path, file.text):
                present = self._lines.get(line.key)
                if present is not None and present.value == line.value:
                    continue
                # To systemd an exclusion takes back what was said about its key, and procps lets that stand.
                if present is not None and line.value is None and not systemd:
                    continue
                # Patterns apply in this order, and what is said anew is said last.
                self._lines.pop(line.key, None)
                self._lines[line.key] = line

    def winner(self, key: str) -> Optional[Line]:
        """The line that decides on a key. With a value of None nothing sets it; neither does anything if there is no line."""
        if key in self._lines:
            # A key that is named is out of reach of every pattern, even of later ones.
            return self._lines[key]
        matching = [line for line in self._lines.values() if line.value is not None and matches(line.key, key)]
        return matching[-1] if matching else None


def boots(files: Sequence[ConfigFile]) -> tuple[Boot, Boot]:
    """What systemd makes of the files, and what `sysctl --system` makes of them."""
    ordered = in_order(files)
    last = [file for file in files if file.path == SYSCTL_CONF]
    return Boot(ordered), Boot(ordered + last, systemd=False)


def winners(files: Sequence[ConfigFile], key: str) -> list[tuple[Line, bool]]:
    """The lines that decide on a key, each with whether only `sysctl --system` sees it so."""
    systemd, procps = (boot.winner(key) for boot in boots(files))
    found = [(systemd, False)] if systemd else []
    # What a link has brought to systemd's notice is not told twice.
    if procps and not (systemd and systemd.value == procps.value):
        found.append((procps, True))
    return found


def overrides(files: Sequence[ConfigFile], own: ConfigFile) -> list[Override]:
    """The lines of other files that win over those of our file, which takes its place among them."""
    files = with_own(files, own)
    if own not in in_order(files):
        return []
    found = []
    for key, wanted in sorted(meaning(parse(own.path, own.text)).items()):
        for line, procps_only in winners(files, key):
            if wanted is not None and (line.value is None or normalise(line.value) != wanted):
                found.append(Override(line, key, wanted, procps_only))
    return found


def mask(files: Sequence[ConfigFile], own: ConfigFile) -> Optional[str]:
    """The path of the file that is read instead of ours, since it has the same name in a folder of higher precedence."""
    name = posixpath.basename(own.path)
    for file in in_order(with_own(files, own)):
        if posixpath.basename(file.path) == name and file.path != own.path:
            return file.path
    return None


def with_own(files: Sequence[ConfigFile], own: ConfigFile) -> list[ConfigFile]:
    return [file for file in files if file.path != own.path] + [own]


def is_pattern(key: str) -> bool:
    return any(character in key for character in "*?[")


def matches(pattern: str, key: str) -> bool:
    """Whether a pattern of glob(7) matches a key, part by part."""
    if not is_pattern(pattern):
        return False
    return any(_matches(choice, key) for choice in _choices(pattern))


def _matches(pattern: str, key: str) -> bool:
    patterns, parts = pattern.replace("[^", "[!").split("/"), key.split("/")
    return len(patterns) == len(parts) and all(fnmatch.fnmatchcase(part, like) for part, like in zip(parts, patterns))


def _choices(pattern: str) -> list[str]:
    """What braces stand for: {eth,wan}* is eth* and wan*."""
    match = re.search(r"\{([^{}]*)\}", pattern)
    if match is None:
        return [pattern]
    before, after = pattern[: match.start()], pattern[match.end() :]
    return [choice for inner in match.group(1).split(",") for choice in _choices(before + inner + after)]
