# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the checks of a script on the director, each on an empty table, and says as JSON what became of them.

Hundreds of cases cost one ssh call. Usage: run.py SCRIPT
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import traceback

from kernel import flush


def main() -> None:
    report = {}
    for name, check in vars(importlib.import_module(sys.argv[1])).items():
        if name.startswith("check_"):
            began = time.monotonic()
            try:
                flush()
                check()
                problem = None
            except Exception:  # whatever it is, the others are run
                problem = traceback.format_exc()
            report[name] = {"problem": problem, "seconds": round(time.monotonic() - began, 2)}
    flush()
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
