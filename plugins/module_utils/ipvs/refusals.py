# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a number that the kernel answers means for an action."""

from __future__ import annotations

import errno

from .errors import KernelError, UnknownNameError
from .kernel_modules import KernelModules
from .model import Service
from .plan import Action


def explain(number: int, action: Action, modules: KernelModules) -> KernelError:
    after = action.after
    if number == errno.ENOENT and isinstance(after, Service):
        # The same number for both names; the engine is to blame only where the scheduler is known.
        schedulers = modules.schedulers()
        if after.persistence_engine and after.scheduler in schedulers:
            return UnknownNameError(str(action), "persistence_engine", after.persistence_engine, modules.engines())
        return UnknownNameError(str(action), "scheduler", after.scheduler, schedulers)
    return KernelError(number, str(action))
