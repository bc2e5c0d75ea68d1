# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking a segment who has an address, as ARP does, and telling from frames who answered."""

from __future__ import annotations

import select
import socket
import struct
import time
from typing import Dict, List, Optional, Sequence, Set, Tuple

_ARP = 0x0806
_REQUEST, _REPLY = 1, 2
_TIMES = 2
# Seconds that are left for the answers to each question.
_PATIENCE = 0.5


def heard(cards: Sequence[str], addresses: Sequence[str]) -> List[Dict[str, object]]:
    """The hardware addresses of all who answer, for each card and address.

    The question gives no address of the asker (RFC 5227): nobody learns anything from it.
    """
    wires = {card: _wire(card) for card in cards}
    found: Dict[Tuple[str, str], Set[str]] = {(card, address): set() for card in cards for address in addresses}
    try:
        for _time in range(_TIMES if addresses else 0):
            for wire in wires.values():
                for address in addresses:
                    wire.send(_question(wire.getsockname()[4], address))
            _listen(wires, found)
    finally:
        for wire in wires.values():
            wire.close()
    return [{"card": card, "address": address, "macs": sorted(macs)} for (card, address), macs in found.items()]


def _wire(card: str) -> socket.socket:
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ARP))
    wire.bind((card, _ARP))
    return wire


def _question(own: bytes, address: str) -> bytes:
    head = b"\xff" * 6 + own + struct.pack("!HHHBBH", _ARP, 1, 0x0800, 6, 4, _REQUEST)
    return head + own + bytes(4) + bytes(6) + socket.inet_aton(address)


def _listen(wires: Dict[str, socket.socket], found: Dict[Tuple[str, str], Set[str]]) -> None:
    cards = {wire: card for card, wire in wires.items()}
    deadline = time.monotonic() + _PATIENCE
    while True:
        ready, _write, _error = select.select(list(cards), [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return
        for wire in ready:
            answer = reply(wire.recv(2048))
            if answer and (cards[wire], answer[1]) in found:
                found[cards[wire], answer[1]].add(answer[0])


def reply(frame: bytes) -> Optional[Tuple[str, str]]:
    """Hardware address and address of whoever answers in a frame; nothing if it is no answer."""
    if len(frame) < 42 or frame[20:22] != struct.pack("!H", _REPLY):
        return None
    # Ethernet 14, ARP's head 8, then the sender's hardware address 6 and address 4.
    return ":".join(f"{byte:02x}" for byte in frame[22:28]), socket.inet_ntoa(frame[28:32])
