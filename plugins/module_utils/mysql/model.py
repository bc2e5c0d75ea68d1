# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a database server holds, and what is wanted of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, FrozenSet, List, Mapping, NamedTuple, Tuple

MARIADB, MYSQL = "mariadb", "mysql"

# Rights on the whole server, in the place of a database's name.
EVERYWHERE = ""
GRANT_OPTION = "GRANT OPTION"

# Hosts of accounts that nobody but the server's own users can be.
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


class DatabaseError(Exception):
    """Its text is meant for the person who runs the playbook."""


class Account(NamedTuple):
    name: str
    host: str

    def __str__(self) -> str:
        return f"{self.name}@{self.host}"

    @property
    def sql(self) -> str:
        return f"{literal(self.name)}@{literal(self.host)}"


class Database(NamedTuple):
    """A collation that is empty, where it is wanted, is whatever the server has for the character set."""

    charset: str
    collation: str


@dataclass(frozen=True)
class Held:
    """An account as the server has it. `finer` are rights on tables, columns or routines."""

    plugin: str = ""
    kept: bytes = b""
    rights: Mapping[str, FrozenSet[str]] = field(default_factory=dict)
    finer: bool = False


@dataclass(frozen=True)
class State:
    databases: Mapping[str, Database]
    accounts: Mapping[Account, Held]
    # Rights that everybody has: the name that stands for everybody, the host and the pattern of databases.
    for_everybody: Tuple[Tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Wanted:
    """An account as it is to be: the same rights on each of its databases, and none elsewhere."""

    password: str
    databases: Tuple[str, ...]
    rights: FrozenSet[str]


@dataclass(frozen=True)
class Intent:
    databases: Mapping[str, Database]
    accounts: Mapping[Account, Wanted]
    absent_databases: Tuple[str, ...] = ()
    # Named accounts, and names whose accounts go wherever they come from.
    absent_accounts: Tuple[Account, ...] = ()
    absent_names: Tuple[str, ...] = ()
    flavour: str = MARIADB


class Action(NamedTuple):
    """What is said of it, and the statement that does it. The statement may hold what a password is kept as; it is never shown."""

    text: str
    statement: str


Rights = Dict[str, FrozenSet[str]]
Actions = List[Action]


def literal(text: str) -> str:
    doubled = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def identifier(name: str) -> str:
    doubled = name.replace("`", "``")
    return f"`{doubled}`"


def pattern(database: str) -> str:
    """The name of a database where rights are granted: there, _ and % stand for others unless they are escaped."""
    return database.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%")
