# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands at this moment, as bytes: each service and its real servers as the kernel sends them, with their statistics."""

from __future__ import annotations

import json
import sys

from ipvs import wire
from ipvs.family import IpvsFamily


def main():
    family = IpvsFamily(load_module=False)
    found = {}
    for answer in family.dump(wire.GET_SERVICE, b""):
        key = wire.unpack_service(wire.unpack_attributes(answer)[wire.ATTR_SERVICE]).key
        real_servers = family.dump(wire.GET_DEST, wire.pack_service_key(key))
        found[str(key)] = [answer.hex(), *(real_server.hex() for real_server in real_servers)]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
