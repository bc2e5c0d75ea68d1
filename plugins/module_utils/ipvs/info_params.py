# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a question about the table."""

from __future__ import annotations

from typing import Any, Mapping

from .errors import InvalidOptionError
from .fields import address, between
from .model import FAMILIES, PROTOCOLS
from .params import BACKEND_SPEC
from .selection import Selection

# Reading never loads the module, so that there is nothing to choose.
INFO_SPEC: dict[str, dict[str, Any]] = {
    "backend": BACKEND_SPEC["backend"],
    "protocol": {"type": "str", "choices": list(PROTOCOLS)},
    "address": {"type": "str"},
    "port": {"type": "int"},
    "fwmark": {"type": "int"},
    "family": {"type": "str", "choices": list(FAMILIES)},
}


def selection(params: Mapping[str, Any]) -> Selection:
    family, protocol, port, fwmark = params["family"] or "", params["protocol"] or "", params["port"], params["fwmark"]
    if fwmark is not None:
        for option in ("protocol", "address", "port"):
            if params[option] is not None:
                raise InvalidOptionError(option, "no service has both this and a fwmark: leave one of them out")
        return Selection(family, fwmark=between("fwmark", 1, 2**32 - 1)(fwmark))
    vip = ""
    if params["address"] is not None:
        actual, vip = address("address", params["address"])
        if family not in ("", actual):
            raise InvalidOptionError("family", f"{family} contradicts address {vip}: leave family out")
    return Selection(family, protocol, vip, None if port is None else between("port", 0, 65535)(port))
