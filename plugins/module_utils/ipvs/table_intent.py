# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task or a boot program asks of the whole table: what there is to be, and what of the rest it owns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

from .declaration import load_declaration
from .errors import InvalidOptionError, InvalidTableError
from .fields import between
from .model import ServiceKey, Table
from .plan import Policy
from .scope import Scope
from .scope_params import read_scope
from .table_params import read_table

ANY_NUMBER = -1
# Without max_delete half of what is owned may go, and in any case so many: small tables change as a whole.
ALWAYS_DELETABLE = 10


@dataclass(frozen=True)
class TableIntent:
    want: Table
    scope: Scope | None = None
    purge_real_servers: bool = True
    max_delete: int | None = None

    def goal(self, have: Table) -> tuple[Table, Policy]:
        owned = frozenset(key for key in have if self.scope and self.scope.covers(key))
        whole = frozenset(self.want) if self.purge_real_servers else frozenset()
        return self.want, Policy(services=owned, whole=whole, max_delete=self._limit(have, owned | whole))

    def _limit(self, have: Table, owned: frozenset[ServiceKey]) -> int | None:
        if self.max_delete is None:
            count = sum(1 + len(have[key].destinations) for key in owned if key in have)
            return max(ALWAYS_DELETABLE, count // 2)
        return None if self.max_delete == ANY_NUMBER else self.max_delete


def table_intent(params: Mapping[str, Any]) -> TableIntent:
    """From the options of ipvs_table; a boot program gives `file` alone."""
    services, scope = params.get("services"), params.get("scope")
    if params.get("file") is not None:
        if services is not None:
            raise InvalidOptionError("file", "the services come from the task or from a file: leave one of them out")
        declared = load_declaration(params["file"])
        services = declared["services"]
        if scope is not None and declared.get("scope") is not None:
            raise InvalidOptionError("scope", f"{params['file']} has one, too: leave one of them out")
        scope = declared.get("scope") if scope is None else scope
    elif services is None:
        raise InvalidOptionError("services", "say what the table is to be: set services, or file")
    max_delete = params.get("max_delete")
    intent = TableIntent(
        read_table(services),
        None if scope is None else read_scope(scope),
        params.get("purge_real_servers") is not False,
        None if max_delete is None else between("max_delete", ANY_NUMBER, 2**31 - 1, "; -1 is any number")(max_delete),
    )
    _check_scope(intent)
    return intent


def _check_scope(intent: TableIntent) -> None:
    outside = [index for index, key in enumerate(intent.want) if intent.scope and not intent.scope.covers(key)]
    if outside:
        keys = list(intent.want)
        raise InvalidTableError(
            [f"services[{index}]: {keys[index]} is outside of scope: widen scope, or leave the service out" for index in outside]
        )
