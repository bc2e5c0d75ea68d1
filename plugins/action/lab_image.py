# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module `lab_image`, and show each step of the build on the screen while it is being done.

A module can say nothing before it ends, and this one takes minutes. So it writes its steps to a file, and this plugin reads along.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

display = Display()


class ActionModule(ActionBase):
    """The module's arguments and results, unchanged; `progress` is ours."""

    TRANSFERS_FILES = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        handle, progress = tempfile.mkstemp(prefix="lab-image-")
        os.close(handle)
        done = threading.Event()
        reader = threading.Thread(target=read_along, args=(progress, done), daemon=True)
        reader.start()
        try:
            arguments = {**self._task.args, "progress": progress}
            result.update(self._execute_module(module_name="lvs.cluster.lab_image", module_args=arguments, task_vars=task_vars))
        finally:
            done.set()
            reader.join()
            os.unlink(progress)
        return result


def read_along(path: str, done: threading.Event, pause: float = 0.3) -> None:
    """Show the lines of a file as they are written, until `done` is set and all is shown."""
    began = time.monotonic()
    with open(path, encoding="utf-8") as lines:
        while True:
            ending = done.is_set()
            for line in lines:
                display.display(f"  [{time.monotonic() - began:3.0f} s] {line.rstrip()}")
            if ending:
                return
            done.wait(pause)
