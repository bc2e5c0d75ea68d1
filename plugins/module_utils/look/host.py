# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that is looked at on a host of the cluster."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, Dict, Mapping

from ..host.commands import Runner, run
from ..host.part import Host
from ..host.table import Services
from ..ipvs.backends import open_transport
from .arp import heard
from .clock import time_look
from .filters import invalid_drops
from .network import addresses_look, cards_look, segments, settings_look, ways_look
from .parts import filter_of, parts_look, program_look, table_look, units_look
from .pieces import Look, gathered
from .policy import policy_look
from .storage import mounts_look
from .web import pages_look, reach_look

HOST_SPEC: Dict[str, Dict[str, Any]] = {
    "parts": {"type": "dict", "default": {}},
    "firewalls": {"type": "dict", "default": {}},
    "arp": {"type": "dict", "default": {}},
    "units": {"type": "list", "elements": "str", "default": []},
    "vips": {"type": "list", "elements": "str", "default": []},
    "ways": {"type": "list", "elements": "dict", "default": []},
    "pages": {"type": "list", "elements": "dict", "default": []},
    "reach": {"type": "list", "elements": "dict", "default": []},
    "mounts": {"type": "list", "elements": "str", "default": []},
}


def look_at_host(params: Mapping[str, Any], runner: Runner = run, root: str = "/") -> Look:
    clock = time.time()
    play = partial(Host, runner=runner, root=root)
    units = units_look(params["units"], runner)
    firewall = filter_of(units, params["firewalls"])
    parts = {**params["parts"], **({"firewall": params["firewalls"][firewall]} if firewall else {})}
    cards = cards_look(root)
    found = gathered(
        {
            "parts": partial(parts_look, parts, play, root),
            "table": partial(table_look, parts, Services(open_transport("auto", False)).read),
            "played": lambda: play("any").parts(),
            "program": partial(program_look, runner),
            "addresses": partial(addresses_look, runner),
            "settings": partial(settings_look, root),
            "arp": lambda: policy_look(params["arp"], root) if params["arp"] else {},
            "ways": partial(ways_look, params["ways"], runner),
            "heard": lambda: heard(segments(cards, addresses_look(runner)) if params["vips"] else [], params["vips"]),
            "invalid_drops": partial(invalid_drops, runner),
            "time": partial(time_look, runner),
            "pages": partial(pages_look, params["pages"]),
            "reach": partial(reach_look, params["reach"]),
            "mounts": partial(mounts_look, params["mounts"], runner),
        }
    )
    return {**found, "cards": cards, "units": units, "firewall": firewall, "clock": {"begun": clock, "ended": time.time()}}
