# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who sent the frames that brought answers: the director, or somebody else."""

from __future__ import annotations

import select
import socket
import struct
import threading
from typing import Dict, List, Sequence, Set

_IP = 0x0800
_TCP = 6


class Frames:
    """`with` it, something is asked; `macs` has the senders of what came over TCP from each of some IPv4 addresses."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._found: Dict[bytes, Set[str]] = {socket.inet_aton(address): set() for address in addresses if ":" not in address}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Frames:
        self._wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_IP))
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()
        self._wire.close()

    def macs(self) -> Dict[str, List[str]]:
        return {socket.inet_ntoa(address): sorted(macs) for address, macs in self._found.items()}

    def _listen(self) -> None:
        while True:
            ready, _write, _error = select.select([self._wire], [], [], 0.2)
            if ready:
                self.note(self._wire.recv(65536))
            elif self._ended.is_set():
                return

    def note(self, frame: bytes) -> None:
        # Ethernet 14: to 6, from 6, type 2. IP: protocol at 9, source at 12.
        if len(frame) < 34 or frame[12:14] != struct.pack("!H", _IP) or frame[23] != _TCP:
            return
        if frame[26:30] in self._found:
            self._found[frame[26:30]].add(":".join(f"{byte:02x}" for byte in frame[6:12]))
