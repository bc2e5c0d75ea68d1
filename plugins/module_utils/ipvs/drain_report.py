# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of draining: that of any change of a real server, and the connections that were left."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .drain_run import Drain
from .model import DestinationKey, ServiceKey
from .report import real_server_result


def drain_result(service: ServiceKey, key: DestinationKey, drain: Drain) -> dict[str, Any]:
    return {
        **real_server_result(service, key, drain.outcome),
        "drained": drain.drained,
        "connections": asdict(drain.connections),
        "waited": round(drain.waited),
    }


def late_message(service: ServiceKey, key: DestinationKey, drain: Drain) -> str:
    left = drain.connections
    return (
        f"real server {key} of {service} is not drained after {round(drain.waited)} seconds: {left.active} active and {left.inactive}"
        " inactive connections are left. It has weight 0 and stays; raise drain_timeout, or see drain_connections and drain_on_timeout"
    )
