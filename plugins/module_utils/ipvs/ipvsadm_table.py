# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table over the program ipvsadm, one call for each operation: for hosts that do not allow netlink sockets."""

from __future__ import annotations

import errno
from typing import Callable, Dict, Iterable, Sequence, TypeVar

from . import ipvsadm_text
from .errors import KernelError, TransportError
from .ipvsadm import Ipvsadm, IpvsadmRefusedError
from .model import ServiceKey, Table
from .plan import Action
from .refusals import explain
from .statistics import ServiceStatistics
from .transport import Transport

Value = TypeVar("Value")

READ_ATTEMPTS = 10
# A service that goes away while ipvsadm walks through the table ends its listing, without netlink as an invalid length.
_CHANGED_MEANWHILE = {errno.ESRCH, errno.EINVAL}


class IpvsadmTransport(Transport):
    def __init__(self, load_module: bool = True, program: Ipvsadm | None = None) -> None:
        self._program = program or Ipvsadm(load_module)

    def read(self, keys: Iterable[ServiceKey]) -> Table:
        wanted = self._readable(keys)
        return {key: entry for key, entry in self.read_all().items() if key in wanted}

    def read_all(self) -> Table:
        if not self._program.present():
            return {}
        return self._consistently(
            lambda: ipvsadm_text.complete(
                ipvsadm_text.parse_rules(self._program.read("read the table", ["-Sn"])),
                self._list(),
                self._list("--thresholds"),
            )
        )

    def check(self, actions: Sequence[Action]) -> None:
        for action in actions:
            self._express(action)

    def apply(self, actions: Sequence[Action]) -> None:
        # All of them are put into words before the first is carried out.
        calls = [(action, self._express(action)) for action in actions]
        for done, (action, arguments) in enumerate(calls):
            try:
                self._program.write(str(action), arguments)
            except IpvsadmRefusedError as refusal:
                error = explain(refusal.number, action, self._program.modules)
                error.made = tuple(actions[:done])
                raise error from None

    def statistics(self, keys: Iterable[ServiceKey]) -> Dict[ServiceKey, ServiceStatistics]:
        wanted = self._readable(keys)
        if not self._program.present():
            return {}
        found = self._consistently(
            lambda: ipvsadm_text.statistics(
                self._list("--stats", "--exact"), self._list("--rate", "--exact"), self._list("--persistent-conn")
            )
        )
        return {key: value for key, value in found.items() if key in wanted}

    def _readable(self, keys: Iterable[ServiceKey]) -> set[ServiceKey]:
        wanted = set(keys)
        if self._program.limited:
            for key in wanted:
                ipvsadm_text.check_limited_key(key, key)
        return wanted

    def _express(self, action: Action) -> list[str]:
        if self._program.limited:
            ipvsadm_text.check_limited(action, action)
        return ipvsadm_text.arguments(action)

    def _list(self, *options: str) -> ipvsadm_text.Listing:
        return ipvsadm_text.parse_listing(self._program.read("read the table", ["-Ln", *options]))

    def _consistently(self, read: Callable[[], Dict[ServiceKey, Value] | None]) -> Dict[ServiceKey, Value]:
        for _attempt in range(READ_ATTEMPTS):
            try:
                found = read()
            except IpvsadmRefusedError as refusal:
                if refusal.number not in _CHANGED_MEANWHILE:
                    raise KernelError(refusal.number, "read the table") from None
                continue
            if found is not None:
                return found
        raise TransportError(f"the kernel's table changed during each of {READ_ATTEMPTS} readings: run the task again")
