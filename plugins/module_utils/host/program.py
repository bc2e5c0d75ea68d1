# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program on the host: `lvs-host start|stop|status PART`. It needs nothing but Python and this package."""

from __future__ import annotations

import sys
from typing import Dict, List, Sequence

from .commands import HostError
from .part import LIBRARY, PROGRAM, Host

USAGE = f"""usage: {PROGRAM} start|stop|status PART

  start    have what the part declares, repair what differs, give up what is declared no more
  stop     give back what start made, and nothing else
  status   print what differs from the declaration; exit status 3 if anything does
"""
PACKAGE = "lvs_cluster"


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2 or arguments[0] not in ("start", "stop", "status"):
        sys.stderr.write(USAGE)
        return 2
    verb, name = arguments
    try:
        host = Host(name)
        changes = {"start": host.start, "stop": host.stop, "status": host.differences}[verb]()
    except HostError as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return 1
    for change in changes:
        sys.stdout.write(f"{'differs: ' if verb == 'status' else ''}{change}\n")
    return 3 if verb == "status" and changes else 0


def program_files() -> Dict[str, str]:
    """This very code, as files for the host: what Ansible runs now is what boot will run.

    Whatever this package has loaded belongs to it, so the import system knows what is needed.
    """
    above = __name__.rpartition(".host.")[0]
    files = {
        PROGRAM: "0755\n"
        "#!/usr/bin/python3\n"
        "# Managed by Ansible (lvs.cluster): changes made here are lost.\n"
        "import sys\n\n"
        # Compiled once a boot, and nothing is left beside the sources.
        'sys.pycache_prefix = "/run/lvs-cluster"\n'
        f'sys.path.insert(0, "{LIBRARY}")\n'
        f"from {PACKAGE}.host.program import main\n\n"
        "sys.exit(main(sys.argv[1:]))\n",
        f"{LIBRARY}/{PACKAGE}/__init__.py": "0644\n",
    }
    for name in _loaded(above):
        module = sys.modules[name]
        source = module.__loader__.get_source(name)  # type: ignore[union-attr] # modules that Ansible sends have a loader
        # Ansible's loader on a controller gives bytes.
        source = source.decode() if isinstance(source, bytes) else source
        path = name[len(above) + 1 :].replace(".", "/") + ("/__init__" if hasattr(module, "__path__") else "")
        files[f"{LIBRARY}/{PACKAGE}/{path}.py"] = "0644\n" + source
    return files


def _loaded(above: str) -> List[str]:
    return sorted(name for name in sys.modules if name.startswith((f"{above}.host", f"{above}.ipvs")))
