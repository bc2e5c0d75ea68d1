# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check is, what it finds, and what it goes by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, List, Mapping, Sequence, Tuple

from .cluster import Cluster

OK = "ok"
FAULT = "fault"
# A fault that another one brings about.
FOLLOWS = "follows"
NOT_APPLICABLE = "not applicable"
COULD_NOT_LOOK = "could not look"
STATES = (OK, FAULT, FOLLOWS, NOT_APPLICABLE, COULD_NOT_LOOK)


class CouldNotLookError(Exception):
    """There is nothing to judge by; the text says why."""


class NotApplicableError(Exception):
    """The question does not arise on this host; the text says why."""


@dataclass(frozen=True)
class Finding:
    check: str
    # Empty where the check is about no host of this cluster.
    host: str
    state: str
    seen: str = ""
    remedy: str = ""
    # The faults that this one follows from: `check on host`.
    because: Tuple[str, ...] = ()
    # Whether it is felt now. One that is felt at the next boot brings nothing about until then.
    now: bool = True


@dataclass(frozen=True)
class Seen:
    """What a check made of one host: faults, or, without any, what was as it should be."""

    text: str = ""
    faults: Sequence[str] = ()
    # Whether the faults are felt now, or only at the next boot.
    now: bool = True


@dataclass(frozen=True)
class Looks:
    """What was seen of all hosts.

    hosts, clients, sizes: what host_look and client_look (asking, and asking for sizes) returned, by host; `unreachable` or `failed`
    where nothing was. before, after: the services with their statistics, by director, around the clients' requests.
    """

    hosts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    clients: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sizes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    before: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    after: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    def result(self, host: str) -> Mapping[str, Any]:
        return _reached(self.hosts, host)

    def host(self, host: str, piece: str) -> Any:
        """One piece of a host's look.

        :raises CouldNotLookError: there is none
        """
        return _piece(self.hosts, host, piece)

    def client(self, host: str, piece: str) -> Any:
        return _piece(self.clients, host, piece)

    def size(self, host: str, piece: str) -> Any:
        return _piece(self.sizes, host, piece)


def _reached(results: Mapping[str, Mapping[str, Any]], host: str) -> Mapping[str, Any]:
    result = results.get(host) or {}
    if "look" not in result:
        # Why not is what the check of that name says.
        raise CouldNotLookError(f"nothing is known of {host} (reach)")
    return result


def _piece(results: Mapping[str, Mapping[str, Any]], host: str, piece: str) -> Any:
    look = _reached(results, host)["look"]
    if piece not in look:
        raise CouldNotLookError(str(look.get("errors", {}).get(piece, f"{piece} was not looked at")))
    return look[piece]


@dataclass(frozen=True)
class View:
    cluster: Cluster
    looks: Looks


@dataclass(frozen=True)
class Check:
    """A named question. `hosts` says whom it is about, `judge` what was seen of one of them."""

    name: str
    question: str
    # The modes and hosts, in words.
    about: str
    remedy: str
    hosts: Callable[[Cluster], List[str]]
    judge: Callable[[View, str], Seen]
    # Checks whose faults on the same host bring this one about, and those that do so from any host.
    here: Tuple[str, ...] = ()
    anywhere: Tuple[str, ...] = ()
