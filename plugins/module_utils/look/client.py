# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that a client can tell of the cluster by asking it."""

from __future__ import annotations

from functools import partial
from typing import Any, Dict, List, Mapping, Tuple

from ..host.commands import Runner, run
from .arp import heard
from .frames import Frames
from .network import addresses_look, cards_look, segments, ways_look
from .pieces import Look, gathered
from .sizes import large_answers, large_requests, path_mtu
from .web import answers

CLIENT_SPEC: Dict[str, Dict[str, Any]] = {
    "services": {"type": "list", "elements": "dict", "default": []},
    "vips": {"type": "list", "elements": "str", "default": []},
    "requests": {"type": "int", "default": 20},
    "path": {"type": "str", "default": "/"},
    "sizes": {"type": "bool", "default": False},
}


def look_from_client(params: Mapping[str, Any], runner: Runner = run) -> Look:
    """Either who answers, or whether packets of full size pass: the director's counts tell who answered, and only what is asked then may count."""
    vips = params["vips"]
    if params["sizes"]:
        return gathered(
            {
                "large_answers": lambda: {
                    each["name"]: large_answers(*_at(each, params), each["times"], each.get("tls", False))
                    for each in params["services"]
                },
                "large_requests": lambda: {
                    each["name"]: large_requests(*_at(each, params), each["times"], each.get("tls", False))
                    for each in params["services"]
                },
                "path_mtu": lambda: _paths(vips, runner),
            }
        )
    cards = cards_look()
    return {
        "cards": cards,
        **gathered(
            {
                "addresses": partial(addresses_look, runner),
                "ways": partial(ways_look, [{"to": vip} for vip in vips], runner),
                "heard": lambda: heard(segments(cards, addresses_look(runner)), [vip for vip in vips if ":" not in vip]),
                "asked": partial(_asked, params),
            }
        ),
    }


def _asked(params: Mapping[str, Any]) -> Dict[str, Any]:
    with Frames(params["vips"]) as frames:
        answered = {
            each["name"]: answers(*_at(each, params), params["requests"], each.get("tls", False)) for each in params["services"]
        }
    return {"services": answered, "macs": frames.macs()}


def _at(service: Mapping[str, Any], params: Mapping[str, Any]) -> Tuple[str, int, str]:
    return service["address"], service["port"], params["path"]


def _paths(vips: List[str], runner: Runner) -> Dict[str, Any]:
    found = {}
    cards = cards_look()
    for way in ways_look([{"to": vip} for vip in vips if ":" not in vip], runner):
        if way["card"] in cards and not way["error"]:
            found[way["to"]] = path_mtu(way["to"], cards[way["card"]]["mtu"])
    return found
