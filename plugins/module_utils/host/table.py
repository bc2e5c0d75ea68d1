# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The IPVS table: services and real servers, each a name with its fields as JSON."""

from __future__ import annotations

import json
import time
from dataclasses import fields, replace
from typing import Any, Callable, Dict, Iterable, List, Mapping, Sequence, Union

from ..ipvs.errors import IpvsError
from ..ipvs.model import Destination, DestinationKey, Entry, Service, ServiceKey, parse_address
from ..ipvs.plan import Action
from ..ipvs.transport import Transport
from .commands import HostError
from .kind import Kind
from .plan import Change

_ARROW = " > "
# Seconds. Long transfers are what state=drained of the module ipvs_realserver is for.
GRACE = 5.0


class Services(Kind):
    """`tcp 10.0.0.129:80`: its fields; `tcp 10.0.0.129:80 > 192.168.239.148:80`: those of one of its real servers.

    One kind and not two: a service that is deleted takes its real servers along, and a new real server needs its service.
    """

    name = "ipvs"

    def __init__(
        self,
        transport: Transport,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._sleep = sleep

    def expand(self, wanted: Mapping[str, str]) -> Mapping[str, str]:
        # Whoever leaves fields out means their defaults.
        found = {}
        for name, text in wanted.items():
            try:
                found[name] = _text(_item(name, text))
            except (ValueError, TypeError) as error:
                raise HostError(f"ipvs {name}: {text!r} cannot be read ({error}): write the fields as a JSON object") from error
        return found

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        keys = {_service_key(name.split(_ARROW)[0]) for name in names}
        try:
            return flatten(self._transport.read(sorted(keys, key=lambda key: key.sort_key)))
        except IpvsError as error:
            raise HostError(str(error)) from error

    def apply(self, changes: Sequence[Change]) -> None:
        todo = actions(changes)
        try:
            self._let_finish([action for action in todo if action.destination and action.after is None])
            self._transport.apply(todo)
        except IpvsError as error:
            raise HostError(str(error)) from error

    def _let_finish(self, going: Sequence[Action]) -> None:
        """Give the requests under way some seconds before their real server leaves its service: removal cuts them off."""
        if not going:
            return
        resting = [
            replace(action, after=replace(action.before, weight=0)) for action in going if isinstance(action.before, Destination)
        ]
        self._transport.apply([action for action in resting if action.before != action.after])
        deadline = self._clock() + GRACE
        while self._clock() < deadline and self._active(going):
            self._sleep(0.1)

    def _active(self, going: Sequence[Action]) -> bool:
        counted = self._transport.statistics({action.service for action in going})
        return any(
            counted[action.service].destinations[action.destination].connections.active
            for action in going
            if action.destination and action.service in counted and action.destination in counted[action.service].destinations
        )


def flatten(table: Mapping[ServiceKey, Entry]) -> Dict[str, str]:
    found = {}
    for key, entry in table.items():
        found[str(key)] = _text(entry.service)
        for name, destination in entry.destinations.items():
            found[f"{key}{_ARROW}{name}"] = _text(destination)
    return found


def actions(changes: Iterable[Change]) -> List[Action]:
    """In the order of the table's own planner: capacity comes before it goes, and a service's deletion is its last."""
    services: List[Action] = []
    destinations: List[Action] = []
    removed: List[Action] = []
    last: List[Action] = []
    going = {change.name for change in changes if change.after is None and _ARROW not in change.name}
    for change in changes:
        service, _arrow, server = change.name.partition(_ARROW)
        key = _service_key(service)
        before = None if change.before is None else _item(change.name, change.before)
        after = None if change.after is None else _item(change.name, change.after)
        if server:
            action = Action(key, DestinationKey.at(*_endpoint(server)), before, after)
            if change.after is not None:
                destinations.append(action)
            # It goes with its service.
            elif service not in going:
                removed.append(action)
        else:
            action = Action(key, None, before, after)
            (last if change.after is None else services).append(action)
    return [*services, *destinations, *removed, *last]


def _text(item: Union[Service, Destination]) -> str:
    return json.dumps({field.name: getattr(item, field.name) for field in fields(item) if field.name != "key"})


def _item(name: str, text: str) -> Union[Service, Destination]:
    service, _arrow, server = name.partition(_ARROW)
    if server:
        return Destination(DestinationKey.at(*_endpoint(server)), **json.loads(text))
    return Service(_service_key(service), **json.loads(text))


def _service_key(text: str) -> ServiceKey:
    protocol, rest = text.split(" ", 1)
    if protocol == "fwmark":
        mark, family = rest.split()
        return ServiceKey.marked(int(mark), family)
    return ServiceKey.at(protocol, *_endpoint(rest))


def _endpoint(text: str) -> Any:
    address, _colon, port = text.rpartition(":")
    return parse_address(address.strip("[]"))[1], int(port)
