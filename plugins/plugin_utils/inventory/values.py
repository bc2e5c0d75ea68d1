# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single values of the inventory, of which any may be wrong, missing or impossible to work out."""

from __future__ import annotations

import difflib
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Sequence, Set, Tuple

from ansible.errors import AnsibleError, AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import InvalidOptionError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.keys import destination_key
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import ServiceKey, parse_address
from jinja2.exceptions import TemplateError

try:
    import netaddr
except ImportError:
    # Said when it is used: documentation has to load without it.
    netaddr = None

Hostvars = Mapping[str, Mapping[str, Any]]
Groups = Mapping[str, Iterable[str]]
Reader = Callable[[Any], Any]

_SPOKEN = {"ipv4": "IPv4", "ipv6": "IPv6"}


class UnusableError(Exception):
    """A value that cannot be used; the text says why, and what to write instead."""


class Findings:
    """Problems in the order in which they were found, each once."""

    def __init__(self) -> None:
        self._found: Dict[str, None] = {}

    def add(self, place: str, text: str) -> None:
        self._found[f"{place}: {text}"] = None

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        """What is read in this block, and may be wrong, stands there."""
        try:
            yield
        except (UnusableError, InvalidOptionError) as wrong:
            self.add(place, reason(wrong))

    def sentences(self) -> List[str]:
        return list(self._found)


class Hosts:
    """The hosts' variables. Each problem is found when its variable is read, whoever reads it, and counts once."""

    def __init__(self, hostvars: Hostvars, findings: Findings) -> None:
        self._hostvars = hostvars
        self._findings = findings
        self._broken: Set[Tuple[str, str]] = set()

    def read(self, host: str, variable: str, reader: Reader) -> Any:
        """The value; None if there is none, or none that can be used."""
        with self._findings.at(f"{host}: {variable}"):
            try:
                value = settled(self._hostvars[host], variable) if host in self._hostvars else None
                return None if value is None or value == "" else reader(value)
            except (UnusableError, InvalidOptionError):
                self._broken.add((host, variable))
                raise
        return None

    def need(self, host: str, variable: str, reader: Reader, remedy: str) -> Any:
        value = self.read(host, variable, reader)
        if value is None and (host, variable) not in self._broken:
            self._findings.add(f"{host}: {variable}", f"is missing: {remedy}")
        return value


def reason(wrong: Exception) -> str:
    """The text without the option, which an inventory may call otherwise."""
    text = str(wrong)[len(wrong.option) + 2 :] if isinstance(wrong, InvalidOptionError) else str(wrong)
    return f"{text}: write one" if text.endswith(("whole number", "true nor false")) else text


def settled(data: Any, key: Any) -> Any:
    """An entry of a dictionary or list, with all that is inside it; None if a dictionary lacks it.

    :raises UnusableError: it cannot be worked out
    """
    return worked_out(lambda: None if isinstance(data, Mapping) and key not in data else _plain(data[key]))


def worked_out(read: Callable[[], Any]) -> Any:
    """Reading templates a value, which fails where it refers to nothing.

    :raises UnusableError: it does
    """
    try:
        return read()
    except (AnsibleError, TemplateError) as wrong:
        raise UnusableError(f"cannot be worked out ({str(wrong).splitlines()[0]}): define what it refers to") from wrong


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in value}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    # An undefined value raises only when it is used.
    str(value)
    return value


def choice(what: str, known: Sequence[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise UnusableError(f"{value!r} is no {what}{meant(value, known)}: use one of {', '.join(known)}")
        return value

    return read


def address(value: Any) -> str:
    """The canonical text of the address of one host."""
    try:
        return parse_address(value)[1]
    except (TypeError, ValueError) as wrong:
        raise UnusableError(f"{str(value)!r} is no IP address: write one such as 10.0.0.129, without prefix length") from wrong


def own_address(family: str, otherwise: str) -> Callable[[Any], str]:
    """An address of a host. `otherwise` is where addresses of the other family go."""

    def read(value: Any) -> str:
        text = address(value)
        if family_of(text) != family:
            other = _SPOKEN[family_of(text)]
            raise UnusableError(f"{text} is an {other} address: write it as {otherwise}, and an {_SPOKEN[family]} address here")
        if text.startswith("fe80:"):
            raise UnusableError(f"{text} is valid on one link only: write a global or unique local address")
        destination_key({"address": text}, ServiceKey(family))
        return text

    return read


def addresses(value: Any) -> Tuple[str, ...]:
    if not isinstance(value, list):
        raise UnusableError(f"{value!r} is no list: write one such as [10.0.0.128], without prefix lengths")
    return tuple(address(item) for item in value)


def network(value: Any) -> Any:
    """An IP network with its prefix length, and without anything after it."""
    example = "192.168.239.0/24"
    try:
        found = netaddr.IPNetwork(str(value))
    except (netaddr.AddrFormatError, ValueError) as wrong:
        raise UnusableError(f"{str(value)!r} is no network: write one such as {example}") from wrong
    if "/" not in str(value):
        raise UnusableError(f"{value} has no prefix length: write the inner network such as {example}")
    if found.ip != found.network:
        raise UnusableError(f"{value} has host bits set: write {found.cidr}")
    return found


def family_of(text: str) -> str:
    return "ipv6" if ":" in text else "ipv4"


def order_of(text: str) -> Any:
    """By number, IPv4 before IPv6."""
    return netaddr.IPAddress(text).sort_key()


def meant(value: Any, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(value), list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def members(groups: Groups, *names: str) -> List[str]:
    """The hosts of these groups, each once."""
    return list(dict.fromkeys(str(host) for name in names for host in groups.get(name, ())))


def demand_netaddr() -> None:
    if netaddr is None:
        raise AnsibleFilterError("lvs.cluster needs the Python package netaddr on the controller: pip install netaddr")
