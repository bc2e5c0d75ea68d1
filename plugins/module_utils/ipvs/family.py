# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's netlink family IPVS: whether it is there, loading it, and talking to it."""

from __future__ import annotations

import errno
import struct
from typing import Any, Callable, Sequence

from . import wire
from .errors import KernelError, ModuleMissingError
from .kernel_modules import KernelModules
from .netlink import (
    CTRL_ATTR_FAMILY_ID,
    CTRL_ATTR_FAMILY_NAME,
    CTRL_CMD_GETFAMILY,
    GENL_ID_CTRL,
    Conversation,
    RefusedError,
    open_socket,
)


class IpvsFamily:
    """A conversation that begins, and finds or loads the kernel module, when something is first asked."""

    def __init__(
        self,
        load_module: bool = True,
        modules: KernelModules | None = None,
        open_socket: Callable[[], Any] = open_socket,
    ) -> None:
        self.modules = modules or KernelModules()
        self._load_module = load_module
        self._open_socket = open_socket
        self._conversation: Conversation | None = None
        self._number = 0

    def present(self) -> bool:
        # Only writing may load the module: asking for the family would load it on newer kernels.
        return self.modules.ip_vs_present()

    def request(self, command: int, attributes: bytes) -> list[bytes]:
        self._resolve()
        return self._talk().request(self._number, command, attributes)

    def batch(self, requests: Sequence[tuple[int, bytes]]) -> dict[int, int]:
        self._resolve()
        return self._talk().batch(self._number, requests)

    def dump(self, command: int, attributes: bytes) -> list[bytes]:
        self._resolve()
        return self._talk().dump(self._number, command, attributes)

    def _talk(self) -> Conversation:
        if self._conversation is None:
            self._conversation = Conversation(self._open_socket())
        return self._conversation

    def _resolve(self) -> None:
        if self._number:
            return
        if not self._load_module and not self.present():
            raise ModuleMissingError("set load_module to true, or load it at boot with a file in /etc/modules-load.d")
        self._number = self._ask() or self._load_and_ask()

    def _load_and_ask(self) -> int:
        if not self._load_module:
            raise ModuleMissingError("it does not answer in this network namespace; set load_module to true")
        self.modules.load_ip_vs()
        family = self._ask()
        if not family:
            raise ModuleMissingError("it was loaded, and yet the kernel has no netlink family IPVS in this network namespace")
        return family

    def _ask(self) -> int:
        name = wire.pack_attribute(CTRL_ATTR_FAMILY_NAME, b"IPVS\0")
        try:
            answers = self._talk().request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, name)
        except RefusedError as refusal:
            if refusal.number == errno.ENOENT:
                return 0
            raise KernelError(refusal.number, "look up the netlink family IPVS") from None
        number: int = struct.unpack("=H", wire.unpack_attributes(answers[0])[CTRL_ATTR_FAMILY_ID])[0]
        return number
