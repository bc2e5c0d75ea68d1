# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts let through beside what the cluster needs: `lvs_accepts` and `lvs_ssh_port`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Iterable, List, Mapping, Sequence

from .estate import Estate, within
from .values import UnusableError, meant

try:
    import netaddr
except ImportError:
    # Said when it is used: documentation has to load without it.
    netaddr = None

EXAMPLE = "{source: 192.168.239.0/24, protocol: tcp, port: 3306}"
# What people write, and what else rules can have.
KEYS = ("source", "destination", "protocol", "port")
RULE_KEYS = (*KEYS, "source_port", "interface", "fwmark", "untracked")


def check_openings(estate: Estate) -> None:
    """What a host is to let through has to be something that its packet filter can say."""
    for host in estate.hosts:
        with suppress(UnusableError):
            _check_accepts(estate, host)
        with suppress(UnusableError):
            port = estate.value(host, "lvs_ssh_port")
            if port is not None and not _is_port(port):
                estate.shared.add(host, "lvs_ssh_port", f"{port!r} is no port: write the one that sshd listens on, 1 to 65535")


def admits(estate: Estate, host: str, senders: Iterable[str], protocol: str, port: int) -> bool:
    """Whether a host lets one of these addresses in at a port, by what it lists."""
    if estate.value(host, "lvs_firewall", "auto") == "none":
        return True
    accepts = estate.value(host, "lvs_accepts", [])
    listed: List[Mapping[str, Any]] = [each for each in accepts if isinstance(each, Mapping)] if isinstance(accepts, list) else []
    return any(
        str(each.get("protocol") or protocol) == protocol
        and str(each.get("port") or port) == str(port)
        and (not each.get("source") or within(senders, _several(each["source"])))
        and (not each.get("destination") or within(estate.addresses(host), [each["destination"]]))
        for each in listed
    )


def _check_accepts(estate: Estate, host: str) -> None:
    value = estate.value(host, "lvs_accepts")
    if value is None:
        return
    if not isinstance(value, list):
        estate.shared.add(host, "lvs_accepts", f"{value!r} is no list: write one such as [{EXAMPLE}]")
        return
    for index, entry in enumerate(value):
        try:
            _read_accept(entry)
        except UnusableError as wrong:
            estate.shared.add(host, f"lvs_accepts[{index}]", str(wrong))


def _read_accept(entry: Any) -> None:
    if not isinstance(entry, Mapping):
        raise UnusableError(f"{entry!r} is no dictionary: write one such as {EXAMPLE}")
    for key in entry:
        if key not in RULE_KEYS:
            raise UnusableError(f"there is no such key as {key!r}{meant(key, KEYS)}: use {', '.join(KEYS)}")
    for key in ("source", "destination"):
        for text in _several(entry.get(key)):
            try:
                netaddr.IPNetwork(str(text))
            except (netaddr.AddrFormatError, ValueError) as wrong:
                raise UnusableError(f"{key} {text!r} is no address and no network: write one such as 192.168.239.0/24") from wrong
    port = entry.get("port")
    if port is not None and not _is_port(port):
        raise UnusableError(f"port {port!r} is no port: write one of 1 to 65535")
    if port is not None and not entry.get("protocol"):
        raise UnusableError(f"port {port} of which protocol: write protocol, tcp or udp")


def _several(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else [] if value is None else [value]


def _is_port(value: Any) -> bool:
    return not isinstance(value, bool) and str(value).isdigit() and 1 <= int(value) <= 65535
