# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host's settings: the only code of this package that does I/O."""

from __future__ import annotations

import errno
import json
import os
import stat
import tempfile
from typing import Dict, Iterable, Mapping, Optional, Sequence

from .config import FOLDERS, SUFFIX, SYSCTL_CONF, ConfigFile, meaning, parse, render
from .errors import FileError, NotOursError, RecordError, RefusedError
from .model import State, normalise
from .plan import Action, SetFile, SetValue

RECORDS = "/var/lib/lvs/sysctl"


class Sysctls:
    """The running kernel's settings, one file of sysctl.d, and the record of what stood before.

    :param file: the file's path on the host
    :param header: the comment at its beginning, line by line
    :param root: the folder that stands for / (another one in tests)
    """

    def __init__(self, file: str, header: Sequence[str] = (), root: str = "/") -> None:
        self.file = file
        # Mirrors the file's path, so that two files of the same name have two records.
        self.record = f"{RECORDS}{file}.json"
        self._header = header
        self._root = root

    def interfaces(self) -> list[str]:
        """The interfaces that have IPv4 settings, without `all` and `default`, which are none."""
        key = "net/ipv4/conf"
        try:
            names = os.listdir(self._proc(key))
        except OSError as error:
            raise RefusedError(key, "list the interfaces", error.errno or 0) from None
        return sorted(set(names) - {"all", "default"})

    def read(self, keys: Iterable[str]) -> State:
        """What the host has now: the keys that were asked for and those of the record, as far as they exist."""
        prior = self._read_record()
        values = ((key, self._read_value(key)) for key in sorted({*keys, *prior}))
        return State({key: value for key, value in values if value is not None}, self._read_file(), prior)

    def execute(self, action: Action) -> None:
        if isinstance(action, SetValue):
            self._write_value(action.key, action.after)
        elif isinstance(action, SetFile):
            if action.after is None:
                self._remove(self.file)
            else:
                values = {key: value for key, value in action.after.items() if value is not None}
                self._replace(self.file, render(values, self._header), 0o644)
        elif action.after:
            self._replace(self.record, _to_json(self.file, action.after), 0o600)
        else:
            self._remove(self.record)
            self._remove_empty_folders(os.path.dirname(self.record))

    def config_files(self) -> list[ConfigFile]:
        """All files that boot may look at, with their text."""
        paths: list[str] = []
        seen = set()
        for folder in FOLDERS:
            real = os.path.realpath(self._path(folder))
            if real in seen or not os.path.isdir(real):
                continue
            seen.add(real)
            paths += [f"{folder}/{name}" for name in sorted(os.listdir(real)) if name.endswith(SUFFIX)]
        files = []
        for path in [*paths, SYSCTL_CONF]:
            text = self._read_text(path)
            if text is not None:
                files.append(ConfigFile(path, text))
        return files

    def _read_text(self, path: str) -> Optional[str]:
        try:
            with open(self._path(path), encoding="utf-8", errors="surrogateescape") as file:
                return file.read()
        except FileNotFoundError:
            # A link to nothing hides the files of the same name in other folders, as does one to /dev/null.
            return "" if os.path.islink(self._path(path)) else None
        except IsADirectoryError:
            return None
        except OSError as error:
            raise FileError(path, "read it", error.errno or 0) from None

    def _read_file(self) -> Optional[Dict[str, Optional[str]]]:
        try:
            status = os.lstat(self._path(self.file))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise FileError(self.file, "read it", error.errno or 0) from None
        if stat.S_ISLNK(status.st_mode):
            target = os.readlink(self._path(self.file))
            raise NotOursError(
                f"{self.file}: it is a link to {target}, put there on purpose: remove the link, or choose another file"
            )
        if not stat.S_ISREG(status.st_mode):
            raise NotOursError(f"{self.file}: it is there and not a regular file: remove it, or choose another file")
        text = self._read_text(self.file)
        return None if text is None else meaning(parse(self.file, text))

    def _read_record(self) -> Dict[str, str]:
        text = self._read_text(self.record)
        if text is None:
            return {}
        try:
            prior = json.loads(text)["prior"]
            if not all(isinstance(value, str) and _is_key(key) for key, value in prior.items()):
                raise ValueError("it names something that is not a setting")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RecordError(self.record, f"{type(error).__name__}: {error}") from None
        return dict(prior)

    def _read_value(self, key: str) -> Optional[str]:
        try:
            with open(self._proc(key), encoding="utf-8", errors="surrogateescape") as file:
                return normalise(file.read())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise RefusedError(key, "read it", error.errno or 0) from None

    def _write_value(self, key: str, value: str) -> None:
        # Without O_CREAT, and in one piece: the kernel judges each write of its own.
        try:
            descriptor = os.open(self._proc(key), os.O_WRONLY | os.O_TRUNC)
            try:
                os.write(descriptor, f"{value}\n".encode("utf-8", "surrogateescape"))
            finally:
                os.close(descriptor)
        except OSError as error:
            raise RefusedError(key, f"set it to {value}", error.errno or 0) from None

    def _replace(self, path: str, text: str, mode: int) -> None:
        """Write a file so that there is always either the old one or the new one, also after a loss of power."""
        target = self._path(path)
        folder = os.path.dirname(target)
        try:
            os.makedirs(folder, exist_ok=True)
            # Its name does not end in .conf, so nothing reads one that a killed run leaves behind.
            descriptor, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(target)}.", dir=folder)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
                    file.write(text)
                    file.flush()
                    os.fchmod(file.fileno(), mode)
                    os.fsync(file.fileno())
                os.replace(temporary, target)
            except BaseException:
                os.unlink(temporary)
                raise
            _sync(folder)
        except OSError as error:
            raise FileError(path, "write it", error.errno or 0) from None

    def _remove(self, path: str) -> None:
        try:
            os.unlink(self._path(path))
            _sync(os.path.dirname(self._path(path)))
        except FileNotFoundError:
            pass
        except OSError as error:
            raise FileError(path, "remove it", error.errno or 0) from None

    def _remove_empty_folders(self, folder: str) -> None:
        # Up to the one that all parts of the collection share.
        while folder.startswith(RECORDS):
            try:
                os.rmdir(self._path(folder))
            except OSError as error:
                if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
                    return
                raise FileError(folder, "remove it", error.errno or 0) from None
            folder = os.path.dirname(folder)

    def _proc(self, key: str) -> str:
        return self._path(f"/proc/sys/{key}")

    def _path(self, path: str) -> str:
        return os.path.join(self._root, path.lstrip("/"))


def _to_json(file: str, prior: Mapping[str, str]) -> str:
    return json.dumps({"file": file, "prior": dict(prior)}, indent=2, sort_keys=True) + "\n"


def _is_key(key: str) -> bool:
    return bool(key) and all(part not in ("", ".", "..") for part in key.split("/"))


def _sync(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
