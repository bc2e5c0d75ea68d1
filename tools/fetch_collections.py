# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Put the collections that this one depends on into a folder, taken from the Python package `ansible`.

Galaxy is not reachable from every machine; the Python package index nearly always is, and the package `ansible` carries the
released collections inside. Only the wanted ones are unpacked, at the version that the pinned package holds.

Usage: fetch_collections.py DESTINATION NAMESPACE.NAME...
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# The last release of the package for each Python, as in requirements.txt for ansible-core.
BUNDLE = "ansible==14.5.0" if sys.version_info >= (3, 12) else "ansible==12.3.0"


def unpack(wheel: Path, name: str, destination: Path) -> None:
    """Unpack one collection beside its final place, then move it there, so that half a collection is never used."""
    source = "ansible_collections/" + name.replace(".", "/") + "/"
    target = destination / source
    with tempfile.TemporaryDirectory(dir=destination) as scratch, zipfile.ZipFile(wheel) as archive:
        members = [member for member in archive.namelist() if member.startswith(source)]
        if not members:
            sys.exit(f"{BUNDLE} holds no collection {name}: correct the name in the Makefile")
        archive.extractall(scratch, members)
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        (Path(scratch) / source).rename(target)


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    destination = Path(sys.argv[1])
    destination.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination) as scratch:
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download", "--no-deps", "--dest", scratch]
        if subprocess.run([*pip, BUNDLE], check=False).returncode:
            sys.exit(f"cannot download {BUNDLE}: check the connection to the Python package index, then run this again")
        wheel = next(Path(scratch).glob("ansible-*.whl"))
        for name in sys.argv[2:]:
            unpack(wheel, name, destination)


if __name__ == "__main__":
    main()
