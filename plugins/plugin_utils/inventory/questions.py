# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a real server to learn whether it is healthy, and from where. Pure."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from .upkeep import table_entries
from .values import meant

Hostvars = Mapping[str, Mapping[str, Any]]
# Of a real server's variables: how it is asked.
WAYS = ("http", "tcp", "none")


def health_questions(
    services: Sequence[Mapping[str, Any]], hosts: Iterable[str], hostvars: Hostvars, directors: Iterable[str]
) -> Dict[str, List[Any]]:
    """One question for each director and each port of a host that services send clients to, or for what its variables name instead."""
    questions: List[Dict[str, Any]] = []
    problems: List[str] = []
    wardens = list(directors)
    for host in hosts:
        variables = hostvars[host]
        way = str(_value(variables, "health_by", "http"))
        if way not in WAYS:
            problems.append(f"{host}: health_by: {way!r} is no way to ask{meant(way, WAYS)}: use one of {', '.join(WAYS)}")
        if way not in ("http", "tcp"):
            continue
        asked = _asked(services, host, variables, way)
        if not asked:
            problems.append(
                f"{host}: none of its services can be asked over TCP: give health_port or health_url, or set health_by to none"
            )
        questions += [
            {
                "host": host,
                "director": director,
                "url": url,
                "source": _source(hostvars[director], family) if family else str(_value(variables, "health_source", "")),
                "name": str(_value(variables, "health_name", "")),
                "status": list(_value(variables, "health_status", [])),
            }
            for director in wardens
            for url, family in asked
        ]
    return {"questions": questions, "problems": problems}


def _asked(
    services: Sequence[Mapping[str, Any]], host: str, variables: Mapping[str, Any], way: str
) -> List[Tuple[str, Optional[str]]]:
    """URLs, each with the family of the director's address that the real server's packet filter knows; None where nobody said."""
    url = _value(variables, "health_url", "")
    if url:
        return [(str(url), None)]
    path = str(_value(variables, "health_path", _value(variables, "lvs_page", "/"))) if way == "http" else ""
    port = _value(variables, "health_port", 0)
    found = {}
    for entry in table_entries(services, [host]):
        address = entry["real_server"]["address"]
        ports = [int(port)] if port else entry["ports"] if entry["protocol"] == "tcp" else []
        six = ":" in address
        for number in filter(None, ports):
            found[f"{way}://{f'[{address}]' if six else address}:{number}{path}"] = "lvs_dip6" if six else "lvs_dip"
    return list(found.items())


def _source(director: Mapping[str, Any], variable: Optional[str]) -> str:
    return str(_value(director, variable or "", ""))


def _value(variables: Mapping[str, Any], name: str, default: Any) -> Any:
    value = variables.get(name)
    return default if value is None or value == "" else value
