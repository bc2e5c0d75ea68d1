# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gathering what the kernel holds and counts. Nothing is changed, and the module is not loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Mapping

from .control import Control, Daemon, Timeouts
from .kernel_info import KernelInfo, read_kernel_info
from .kernel_modules import KernelModules
from .model import ServiceKey, Table
from .selection import Selection
from .statistics import ServiceStatistics
from .transport import Transport


@dataclass(frozen=True)
class Info:
    loaded: bool
    kernel: KernelInfo | None
    schedulers: list[str]
    engines: list[str]
    table: Table
    statistics: Mapping[ServiceKey, ServiceStatistics]
    daemons: Mapping[str, Daemon]
    timeouts: Timeouts | None


def gather(
    selection: Selection,
    open_transport: Callable[[], Transport],
    open_control: Callable[[], Control],
    modules: KernelModules,
    kernel_info: Callable[[], KernelInfo | None] = read_kernel_info,
) -> Info:
    schedulers, engines = modules.schedulers(), modules.engines()
    # Without the module nobody is asked at all: a question can load it on newer kernels.
    if not modules.ip_vs_present():
        return Info(False, None, schedulers, engines, {}, {}, {}, None)
    transport, control = open_transport(), open_control()
    table = selection.read(transport)
    return Info(
        True, kernel_info(), schedulers, engines, table, transport.statistics(table), control.daemons(), control.timeouts()
    )
