# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which real server gave each answer: told by what its page says, or by the director's count of connections."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Sequence, Tuple

# What the page of a host says; the host's name, if the inventory does not say. Empty: the page does not tell the hosts apart.
VARIABLE = "lvs_answer"

Table = Sequence[Mapping[str, Any]]


def tells_itself(service: Mapping[str, Any], hostvars: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether each real server of a service says which one it is."""
    return all(_page(server["host"], hostvars) for server in service["real_servers"])


def answered(
    service: Mapping[str, Any],
    lines: Iterable[str],
    hostvars: Mapping[str, Mapping[str, Any]],
    before: Table = (),
    after: Table = (),
) -> List[str]:
    """The name of the real server that gave each answer; what is nobody's page stays as it is.

    :param service: an entry of what `services` returns
    :param lines: what was answered, a line for each request; not looked at where pages do not tell the hosts apart
    :param before: the director's services with their statistics, as `ipvs_info` returns them, before the requests
    :param after: the same after them
    """
    if tells_itself(service, hostvars):
        names = {_page(server["host"], hostvars): server["host"] for server in service["real_servers"]}
        return [names.get(str(line).strip(), str(line).strip()) for line in lines]
    then, now = _connections(service, before), _connections(service, after)
    return [
        server["host"]
        for server in service["real_servers"]
        for _connection in range(now.get(_key(server), 0) - then.get(_key(server), 0))
    ]


def _page(host: str, hostvars: Mapping[str, Mapping[str, Any]]) -> str:
    return str(hostvars.get(host, {}).get(VARIABLE, host)).strip()


def _connections(service: Mapping[str, Any], table: Table) -> Dict[Tuple[str, int], int]:
    """How many connections each real server has had."""
    mark = service.get("fwmark")
    keys = ("fwmark", "family") if mark else ("protocol", "address", "port")
    return {
        _key(server): server["statistics"]["connections"]
        for entry in table
        if all(entry[key] == service[key] for key in keys)
        for server in entry["real_servers"]
    }


def _key(server: Mapping[str, Any]) -> Tuple[str, int]:
    return server["address"], server["port"]
