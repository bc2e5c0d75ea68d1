# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table over generic netlink: the kernel's own interface."""

from __future__ import annotations

import errno
from typing import Any, Callable, Iterable

from . import wire
from .errors import KernelError, TransportError, UnknownNameError
from .family import IpvsFamily
from .kernel_modules import KernelModules
from .model import Entry, Service, ServiceKey, Table
from .netlink import RefusedError, open_socket
from .plan import Action
from .transport import Transport


class NetlinkTransport(Transport):
    def __init__(
        self,
        load_module: bool = True,
        modules: KernelModules | None = None,
        open_socket: Callable[[], Any] = open_socket,
    ) -> None:
        self._family = IpvsFamily(load_module, modules, open_socket)

    def read(self, keys: Iterable[ServiceKey]) -> Table:
        if not self._family.present():
            return {}
        entries = ((key, self._read_one(key)) for key in keys)
        return {key: entry for key, entry in entries if entry}

    def execute(self, action: Action) -> None:
        try:
            self._family.request(*_operation(action))
        except RefusedError as refusal:
            raise self._explain(refusal.number, action) from None

    def _read_one(self, key: ServiceKey) -> Entry | None:
        name = wire.pack_service_key(key)
        operation = f"read service {key}"
        try:
            answers = self._family.request(wire.GET_SERVICE, name)
            dump = self._family.dump(wire.GET_DEST, name)
        except RefusedError as refusal:
            if refusal.number == errno.ESRCH:
                return None
            raise KernelError(refusal.number, operation) from None
        if not answers:
            raise TransportError(f"{operation}: the kernel acknowledged it without an answer")
        service = wire.unpack_service(wire.unpack_attributes(answers[0])[wire.ATTR_SERVICE])
        found = [wire.unpack_destination(wire.unpack_attributes(answer)[wire.ATTR_DEST], key.family) for answer in dump]
        return Entry(service, {destination.key: destination for destination in found})

    def _explain(self, number: int, action: Action) -> KernelError:
        after = action.after
        if number == errno.ENOENT and isinstance(after, Service):
            # The same number for both names; the engine is to blame only where the scheduler is known.
            schedulers = self._family.modules.schedulers()
            if after.persistence_engine and after.scheduler in schedulers:
                return UnknownNameError(
                    str(action), "persistence_engine", after.persistence_engine, self._family.modules.engines()
                )
            return UnknownNameError(str(action), "scheduler", after.scheduler, schedulers)
        return KernelError(number, str(action))


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
