# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which way to the kernel a task takes: netlink, or the program ipvsadm where netlink is not allowed."""

from __future__ import annotations

from typing import Any, Callable

from .control import Control
from .ipvsadm_control import IpvsadmControl
from .ipvsadm_table import IpvsadmTransport
from .netlink_control import NetlinkControl
from .netlink_probe import netlink_allowed
from .netlink_table import NetlinkTransport
from .transport import Transport

BACKEND_SPEC: dict[str, dict[str, Any]] = {
    "backend": {"type": "str", "choices": ["auto", "netlink", "ipvsadm"], "default": "auto"},
    "load_module": {"type": "bool", "default": True},
}


def open_transport(backend: str, load_module: bool) -> Transport:
    if choose(backend) == "netlink":
        return NetlinkTransport(load_module=load_module)
    return IpvsadmTransport(load_module=load_module)


def open_control(backend: str, load_module: bool) -> Control:
    if choose(backend) == "netlink":
        return NetlinkControl(load_module=load_module)
    return IpvsadmControl(load_module=load_module)


def choose(backend: str, allowed: Callable[[], bool] = netlink_allowed) -> str:
    if backend != "auto":
        return backend
    return "netlink" if allowed() else "ipvsadm"
