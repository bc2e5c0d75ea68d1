# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what the inventory says of hosts beside LVS: of variables that any role may have defined, only what is asked for."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple

from ansible.template import Templar
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import parse_address

from .values import Findings, Groups, Hostvars, UnusableError, members, settled, worked_out

try:
    import netaddr
except ImportError:
    # Said when it is used: documentation has to load without it.
    netaddr = None

# Hosts of a group that shares a mistake; more are counted.
LISTED = 3
# Where the inventory says which addresses a host has.
SINGLE = ("lvs_rip", "lvs_rip6", "lvs_dip", "lvs_dip6", "lvs_address", "ansible_host")


class Shared:
    """Problems of single hosts' variables. A mistake of a group is one mistake, whichever of its hosts show it."""

    def __init__(self) -> None:
        self._found: Dict[Tuple[str, str], List[str]] = {}

    def add(self, host: str, variable: str, text: str) -> None:
        hosts = self._found.setdefault((variable, text), [])
        if host not in hosts:
            hosts.append(host)

    def tell(self, findings: Findings) -> None:
        for (variable, text), hosts in self._found.items():
            rest = len(hosts) - LISTED
            findings.add(f"{', '.join(hosts[:LISTED])}{f' and {rest} more' if rest > 0 else ''}: {variable}", text)


class Templated(Mapping[str, Any]):
    """A host's variables, worked out when they are asked for."""

    def __init__(self, raw: Mapping[str, Any], templar: Any) -> None:
        self._raw = raw
        self._templar = templar
        self._done: Dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._done:
            self._done[name] = self._templar.template(self._raw[name])
        return self._done[name]

    def __contains__(self, name: object) -> bool:
        return name in self._raw

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


def variables_of(hostvars: Hostvars, host: str) -> Mapping[str, Any]:
    """A host's variables, also those that refer to other hosts: Ansible's `hostvars` has no `hostvars` inside."""
    if host not in hostvars:
        return {}
    raw_get = getattr(hostvars, "raw_get", None)
    if raw_get is None:
        return hostvars[host]
    raw = raw_get(host)
    return Templated(raw, Templar(loader=getattr(hostvars, "_loader", None), variables={**raw, "hostvars": hostvars}))


class Estate:
    """All hosts of the inventory."""

    def __init__(self, groups: Groups, hostvars: Hostvars, shared: Shared) -> None:
        self.groups = groups
        self.shared = shared
        self._hostvars = hostvars
        self.hosts = list(dict.fromkeys([*members(groups, *groups), *map(str, hostvars)]))
        self._variables: Dict[str, Mapping[str, Any]] = {}
        self._addresses: Dict[str, Dict[str, str]] = {}
        self._settled: Dict[Tuple[str, str], Any] = {}

    def names(self, host: str) -> List[str]:
        """What variables a host has."""
        return list(self._of(host))

    def has(self, host: str, variable: str) -> bool:
        return variable in self._of(host)

    def value(self, host: str, variable: str, default: Any = None) -> Any:
        """The value, or the role's default where there is none.

        :raises UnusableError: it cannot be worked out now; it may be, once the host's facts are known
        """
        found = self._settle(host, variable)
        return default if found is None or found == "" else found

    def entries(self, host: str, variable: str, keys: Sequence[str]) -> List[Mapping[str, Any]]:
        """Some keys of a list of dictionaries. Others are not worked out: a password may be made by reading it.

        What is no list of dictionaries is none here: the role's argument specification tells.

        :raises UnusableError: it cannot be worked out now
        """
        return worked_out(lambda: self._read(host, variable, keys))

    def _of(self, host: str) -> Mapping[str, Any]:
        # Ansible puts a host's variables together anew each time that it is asked for them.
        if host not in self._variables:
            self._variables[host] = variables_of(self._hostvars, host)
        return self._variables[host]

    def _read(self, host: str, variable: str, keys: Sequence[str]) -> List[Mapping[str, Any]]:
        found = self._of(host)[variable] if self.has(host, variable) else None
        if not isinstance(found, (list, tuple)):
            return []
        return [{key: settled(item, key) for key in keys if key in item} for item in found if isinstance(item, Mapping)]

    def addresses(self, host: str) -> Dict[str, str]:
        """The addresses that the inventory says a host has, each with the variable that says so."""
        if host not in self._addresses:
            found = self._addresses.setdefault(host, {})
            for text, variable in self._address_pairs(host):
                found.setdefault(text, variable)
        return self._addresses[host]

    def _address_pairs(self, host: str) -> Iterable[Tuple[str, str]]:
        for variable in SINGLE:
            text = _address(self.known(host, variable))
            if text:
                yield text, variable
        several = self.known(host, "lvs_addresses")
        for value in several if isinstance(several, (list, tuple)) else ():
            text = _address(value)
            if text:
                yield text, "lvs_addresses"
        for _name, text, _prefix, _gateway in self.cards(host):
            yield text, "lab_cards"

    def cards(self, host: str) -> List[Tuple[str, str, str, str]]:
        """Of a lab's host: for each address the card's name, the address, the address with its prefix length, and the card's gateway."""
        found = []
        cards = self.known(host, "lab_cards")
        for card in cards if isinstance(cards, (list, tuple)) else ():
            if isinstance(card, Mapping):
                for value in card.get("addresses") or ():
                    text = _address(str(value).partition("/")[0])
                    if text:
                        name = str(card.get("name") or card.get("network") or "")
                        found.append((name, text, str(value), str(card.get("gateway") or "")))
        return found

    def called(self, name: str) -> List[str]:
        """The hosts that somebody means by a name or an address."""
        text = _address(name)
        return [host for host in self.hosts if host == name or (text and text in self.addresses(host))]

    def known(self, host: str, variable: str) -> Any:
        """The value; None where there is none, or where it cannot be worked out now, which others tell of."""
        try:
            return self._settle(host, variable)
        except UnusableError:
            return None

    def _settle(self, host: str, variable: str) -> Any:
        if (host, variable) not in self._settled:
            self._settled[host, variable] = settled(self._of(host), variable)
        return self._settled[host, variable]


def _address(value: Any) -> str:
    try:
        return parse_address(value)[1]
    except (TypeError, ValueError):
        return ""


def within(addresses: Iterable[str], allowed: Iterable[Any]) -> bool:
    """Whether one of these addresses is in one of these, which are addresses or networks."""
    nets = []
    for each in allowed:
        try:
            nets.append(netaddr.IPNetwork(str(each)))
        except (netaddr.AddrFormatError, ValueError):
            continue
    return any(text in net for text in addresses for net in nets if net.version == (6 if ":" in text else 4))
