# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put a release of WordPress in its place: STAGE TARGET RELEASE LANGUAGE, run by the host's python3 from standard input.

STAGE is a folder in TARGET. It holds the release, unpacked (in `unpacked`) or as an archive (in `fetched`). The core is replaced as a
whole. What is not WordPress's own stays: uploads, configuration, other themes and plugins. The release is noted last, so a run that was
killed begins anew.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tarfile
import time
from pathlib import Path
from typing import Iterator, Sequence, Tuple

CORE = ("wp-admin", "wp-includes")
# The site's own.
KEPT = ("wp-config.php", "wp-salts.php", ".htaccess")
NOTE = ".lvs-release"
CLOSED = ".maintenance"


def main(stage: Path, target: Path, release: str, language: str) -> None:
    unpacked = stage / "unpacked"
    for archive in (stage / "fetched").iterdir():
        if archive.suffix != ".deb":
            unpack(archive, unpacked)
    core = find(unpacked)
    (target / "wp-content").mkdir(exist_ok=True)
    complete(core, unpacked)
    leave_languages(core / "wp-content" / "languages", language)
    own(core)
    files = sorted(path.name for path in core.iterdir() if path.is_file() and path.name not in KEPT)
    place(core, target, stage / "old", files)
    shutil.rmtree(stage)
    # With the names of its files, so that the next release knows which to remove.
    (target / NOTE).write_text("\n".join([release, *files]) + "\n", encoding="utf-8")


def unpack(archive: Path, folder: Path) -> None:
    """A zip archive or a tar archive, whose entries may not lead out of the folder."""
    if archive.suffix == ".zip":
        shutil.unpack_archive(str(archive), str(folder))
        return
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(folder, filter="data")
            return
        for member in tar.getmembers():
            if not (member.isfile() or member.isdir()) or ".." in Path(member.name).parts or Path(member.name).is_absolute():
                sys.exit(f"{archive.name} has an entry {member.name} that leads out of it: this is no archive of WordPress")
        tar.extractall(folder)  # noqa: S202 - each entry has been looked at


def find(folder: Path) -> Path:
    """WordPress's own folder, wherever a package or an archive has it."""
    found = sorted(folder.rglob("wp-load.php"))
    if not found:
        sys.exit("There is no wp-load.php in it: this is no archive of WordPress")
    return found[0].parent


def complete(core: Path, root: Path) -> None:
    """Packages link to files of others. Put those in the place of the links, since web servers get nothing but this folder."""
    inside = Path("/") / core.relative_to(root)
    for path in walk(core):
        if not path.is_symlink():
            continue
        # Where the link leads once the package is installed: to a file of this package or to one of the host's.
        leads = Path(os.path.normpath(inside / path.parent.relative_to(core) / os.readlink(path)))
        source = next((each for each in (root / leads.relative_to("/"), leads) if each.exists()), None)
        if source is None:
            sys.exit(f"{inside / path.relative_to(core)} is a link to {leads}, which no installed package has")
        path.unlink()
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, path)


def leave_languages(folder: Path, language: str) -> None:
    """A package has 70 languages, and more than half of its bytes are theirs."""
    named = re.compile(rf"(?:^|-){re.escape(language)}(?:[-.]|$)")
    for path in list(walk(folder)):
        if path.is_file() and path.suffix != ".php" and not named.search(path.name):
            path.unlink()


def own(core: Path) -> None:
    """The code is for everybody to read, and nobody else's to write."""
    for path in (core, *walk(core)):
        if os.stat(path).st_uid != os.getuid():
            os.chown(path, os.getuid(), os.getgid())
        path.chmod(0o755 if path.is_dir() else 0o644)


def place(core: Path, target: Path, old: Path, files: Sequence[str]) -> None:
    old.mkdir()
    before = (target / NOTE).read_text(encoding="utf-8").splitlines()[1:] if (target / NOTE).exists() else []
    if (target / "wp-load.php").exists():
        # Visitors are asked to come back in a minute. WordPress forgets it after ten.
        (target / CLOSED).write_text(f"<?php $upgrading = {int(time.time())};\n", encoding="utf-8")
    for name in CORE:
        swap(core / name, target / name, old / name)
    for name in files:
        os.replace(core / name, target / name)
    for name in before:
        if name not in files:
            (target / name).unlink(missing_ok=True)
    for path, beside in bundled(core / "wp-content", target / "wp-content"):
        # What the site has put there under the same name, such as a plugin that it updated itself, is not root's.
        if not beside.exists() or beside.stat().st_uid == os.getuid():
            swap(path, beside, old / f"{path.parent.name}-{path.name}")
    (target / CLOSED).unlink(missing_ok=True)


def bundled(content: Path, target: Path) -> Iterator[Tuple[Path, Path]]:
    """Each theme, plugin and translation that comes with WordPress, and where it goes."""
    for path in sorted(content.iterdir()):
        if not path.is_dir():
            yield path, target / path.name
            continue
        (target / path.name).mkdir(exist_ok=True)
        if path.name == "languages":
            yield from ((each, target / each.relative_to(content)) for each in list(walk(path)) if each.is_file())
        else:
            yield from ((each, target / path.name / each.name) for each in sorted(path.iterdir()))


def swap(new: Path, place: Path, old: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_dir():
        shutil.rmtree(old, ignore_errors=True)
        place.rename(old)
    new.rename(place)


def walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(parent, name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
