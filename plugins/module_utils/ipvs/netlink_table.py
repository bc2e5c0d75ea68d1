# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table over generic netlink: the kernel's own interface."""

from __future__ import annotations

import errno
from itertools import groupby
from typing import Any, Callable, Collection, Dict, Iterable, Iterator, Sequence

from . import wire, wire_dump
from .errors import KernelError, TransportError
from .family import IpvsFamily
from .kernel_modules import KernelModules
from .model import Entry, Service, ServiceKey, Table
from .netlink import BATCH, RefusedError, open_socket
from .netlink_statistics import read_statistics
from .plan import Action
from .refusals import explain
from .statistics import ServiceStatistics
from .transport import Transport

# One question for each of so many services; for more, one dump of all.
_FEW = 8


class NetlinkTransport(Transport):
    def __init__(
        self,
        load_module: bool = True,
        modules: KernelModules | None = None,
        open_socket: Callable[[], Any] = open_socket,
    ) -> None:
        self._family = IpvsFamily(load_module, modules, open_socket)
        self._expected: Table = {}

    def expect(self, table: Table) -> None:
        self._expected = table

    def read(self, keys: Iterable[ServiceKey]) -> Table:
        if not self._family.present():
            return {}
        wanted = set(keys)
        if len(wanted) > _FEW:
            return self._read_all(wanted)
        decoder = wire_dump.Decoder(self._expected)
        return self._with_destinations(decoder, (service for service in map(self._service, wanted) if service))

    def read_all(self) -> Table:
        if not self._family.present():
            return {}
        return self._read_all()

    def apply(self, actions: Sequence[Action]) -> None:
        made: list[Action] = []
        for batch in _batches(actions):
            refused = self._family.batch([_operation(action) for action in batch])
            made += (action for index, action in enumerate(batch) if index not in refused)
            if refused:
                first = min(refused)
                error = explain(refused[first], batch[first], self._family.modules)
                error.made = made
                raise error

    def statistics(self, keys: Iterable[ServiceKey]) -> Dict[ServiceKey, ServiceStatistics]:
        return read_statistics(self._family, keys)

    def _read_all(self, wanted: Collection[ServiceKey] | None = None) -> Table:
        decoder = wire_dump.Decoder(self._expected)
        services = decoder.services(self._dump("read all services", wire.GET_SERVICE, b""))
        return self._with_destinations(decoder, (one for one in services if wanted is None or one.key in wanted))

    def _service(self, key: ServiceKey) -> Service | None:
        operation = f"read service {key}"
        try:
            answers = self._family.request(wire.GET_SERVICE, wire.pack_service_key(key))
        except RefusedError as refusal:
            if refusal.number == errno.ESRCH:
                return None
            raise KernelError(refusal.number, operation) from None
        if not answers:
            raise TransportError(f"{operation}: the kernel acknowledged it without an answer")
        return wire_dump.unpack_service(answers[0])

    def _with_destinations(self, decoder: wire_dump.Decoder, services: Iterable[Service]) -> Table:
        table = {}
        for service in services:
            key = service.key
            answers = self._dump("read service %s", wire.GET_DEST, wire.pack_service_key(key), key)
            table[key] = Entry(service, decoder.destinations(key, answers))
        return table

    def _dump(self, operation: str, command: int, attributes: bytes, *names: object) -> list[bytes]:
        try:
            return self._family.dump(command, attributes)
        except RefusedError as refusal:
            raise KernelError(refusal.number, operation % names) from None


def _batches(actions: Sequence[Action]) -> Iterator[list[Action]]:
    # The kernel goes on after a refusal within a batch. So a batch never holds two phases of a plan: where a new real
    # server is refused, the old one has to stay.
    for _phase, members in groupby(actions, lambda action: (action.destination is None, action.after is None)):
        phase = list(members)
        for start in range(0, len(phase), BATCH):
            yield phase[start : start + BATCH]


def _operation(action: Action) -> tuple[int, bytes]:
    """The command and the attributes of an action. SET takes the full specification, like NEW."""
    service = wire.pack_service_key(action.service)
    if action.destination is None:
        if isinstance(action.after, Service):
            command = wire.SET_SERVICE if action.before else wire.NEW_SERVICE
            return command, wire.pack_service(action.after)
        return wire.DEL_SERVICE, service
    if action.after is None or isinstance(action.after, Service):
        return wire.DEL_DEST, service + wire.pack_destination_key(action.destination)
    command = wire.SET_DEST if action.before else wire.NEW_DEST
    return command, service + wire.pack_destination(action.after)
