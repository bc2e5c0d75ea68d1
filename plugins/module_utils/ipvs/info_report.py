# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's table and what it counts as plain, sorted data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .info import Info
from .model import Entry
from .report import real_server_view, service_view
from .statistics import ServiceStatistics


def info_result(info: Info) -> dict[str, Any]:
    return {
        "changed": False,
        "loaded": info.loaded,
        "version": info.kernel.version if info.kernel else None,
        "connection_table_size": info.kernel.connection_table_size if info.kernel else None,
        "schedulers": info.schedulers,
        "persistence_engines": info.engines,
        "services": [
            _service(info.table[key], info.statistics.get(key)) for key in sorted(info.table, key=lambda key: key.sort_key)
        ],
        "daemons": [asdict(info.daemons[role]) for role in sorted(info.daemons)],
        "timeouts": asdict(info.timeouts) if info.timeouts else None,
    }


def _service(entry: Entry, counted: ServiceStatistics | None) -> dict[str, Any]:
    # The statistics are read after the table: what went away in between has none.
    real_servers = []
    for key in sorted(entry.destinations, key=lambda key: key.sort_key):
        own = counted.destinations.get(key) if counted else None
        real_servers.append(
            {
                **real_server_view(entry.destinations[key]),
                "connections": asdict(own.connections) if own else None,
                "statistics": asdict(own.counters) if own else None,
            }
        )
    return {
        **service_view(entry.service),
        "statistics": asdict(counted.counters) if counted else None,
        "real_servers": real_servers,
    }
