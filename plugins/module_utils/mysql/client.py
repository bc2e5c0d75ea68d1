# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place that talks to the server: by its own client, over its socket, as root; statements come by standard input."""

from __future__ import annotations

import re
from typing import Dict, FrozenSet, List, Optional, Sequence, Tuple

from ..host.commands import Done, Runner, run
from .model import GRANT_OPTION, MARIADB, Account, Actions, Database, DatabaseError, Held, State

# Columns in hexadecimal digits: whatever is in them, a line is a row and a tab parts two columns.
_DATABASES = """\
SELECT 'database', HEX(SCHEMA_NAME), HEX(DEFAULT_CHARACTER_SET_NAME), HEX(DEFAULT_COLLATION_NAME) FROM information_schema.SCHEMATA"""
_ACCOUNTS = "SELECT 'account', HEX(User), HEX(Host), HEX(plugin), HEX(authentication_string) FROM mysql.user"
_RIGHTS = (
    "SELECT 'right', HEX(GRANTEE), HEX(''), HEX(PRIVILEGE_TYPE), HEX(IS_GRANTABLE) FROM information_schema.USER_PRIVILEGES",
    "SELECT 'right', HEX(GRANTEE), HEX(TABLE_SCHEMA), HEX(PRIVILEGE_TYPE), HEX(IS_GRANTABLE)"
    " FROM information_schema.SCHEMA_PRIVILEGES",
    "SELECT 'finer', HEX(User), HEX(Host) FROM mysql.tables_priv",
    "SELECT 'finer', HEX(User), HEX(Host) FROM mysql.procs_priv",
    # Those of MariaDB's installer, for the database test; what else is granted to PUBLIC is somebody's choice.
    "SELECT 'everybody', HEX(User), HEX(Host), HEX(Db) FROM mysql.db"
    " WHERE User = '' OR (User = 'PUBLIC' AND Db IN ('test', 'test\\\\_%'))",
)
# Quotes and backslashes mean what they mean by default, whatever the server's settings say.
_PLAIN = "SET SESSION sql_mode = ''"


class Client:
    """
    :param program: mariadb or mysql
    :param socket: the server's socket
    """

    def __init__(self, program: str, socket: str, flavour: str, runner: Optional[Runner] = None) -> None:
        self._argv = [
            program,
            # First, as it has to be. What stands in root's own files is not for us.
            "--no-defaults",
            "--protocol=socket",
            f"--socket={socket}",
            "--user=root",
            "--default-character-set=utf8mb4",
            "--batch",
            "--raw",
            "--skip-column-names",
        ]
        self._flavour = flavour
        self._runner = runner or run

    def read(self) -> State:
        # MariaDB keeps roles among its accounts; MySQL has no such column.
        accounts = f"{_ACCOUNTS} WHERE is_role = 'N'" if self._flavour == MARIADB else _ACCOUNTS
        done = self._say([_DATABASES, accounts, *_RIGHTS])
        if done.code:
            raise DatabaseError(f"{self._argv[0]} cannot read what the server has: {done.error or 'it says nothing'}")
        return parse(done.output)

    def execute(self, actions: Actions) -> None:
        """Carry out the actions up to the first that fails.

        :raises DatabaseError: one failed, which is named by what is said of it; statements are not shown
        """
        done = self._say([action.statement for action in actions])
        if not done.code:
            return
        # "ERROR 1396 (HY000) at line 3: ...". The first line is ours, the second the first statement.
        found = re.search(r"ERROR (\d+) \([^)]*\) at line (\d+)", done.error)
        if found and 0 <= int(found[2]) - 2 < len(actions):
            done_before = int(found[2]) - 2
            failed = actions[done_before]
            said = _without_secrets(done.error)
            raise DatabaseError(f"{failed.text}: {said}; {done_before} of {len(actions)} changes were made: run this again")
        raise DatabaseError(f"{self._argv[0]}: {_without_secrets(done.error) or 'failed with status ' + str(done.code)}")

    def _say(self, statements: Sequence[str]) -> Done:
        return self._runner(self._argv, "".join(f"{statement};\n" for statement in [_PLAIN, *statements]))


def parse(output: str) -> State:
    databases: Dict[str, Database] = {}
    accounts: Dict[Account, Tuple[str, bytes]] = {}
    rights: Dict[str, Dict[str, FrozenSet[str]]] = {}
    finer = set()
    for_everybody: List[Tuple[str, str, str]] = []
    for line in output.splitlines():
        kind, *columns = line.split("\t")
        raw = [bytes.fromhex(column) if column != "NULL" else b"" for column in columns]
        text = [each.decode("utf-8", "surrogateescape") for each in raw]
        if kind == "database":
            databases[text[0]] = Database(text[1], text[2])
        elif kind == "account":
            accounts[Account(text[0], text[1])] = (text[2], raw[3])
        elif kind == "right":
            grantee, place, right, grantable = text
            # USAGE is the name of no right at all.
            named = {right} - {"USAGE"} | ({GRANT_OPTION} if grantable == "YES" else set())
            places = rights.setdefault(grantee, {})
            if named:
                places[place] = places.get(place, frozenset()) | named
        elif kind == "finer":
            finer.add(Account(text[0], text[1]))
        elif kind == "everybody":
            for_everybody.append((text[0], text[1], text[2]))
    held = {
        account: Held(plugin, kept, rights.get(f"'{account.name}'@'{account.host}'", {}), account in finer)
        for account, (plugin, kept) in accounts.items()
    }
    return State(databases, held, tuple(for_everybody))


def _without_secrets(text: str) -> str:
    """An error may quote a statement, which may hold what a password is kept as."""
    return re.sub(r"[*][0-9A-F]{8,}|0x[0-9A-F]{8,}", "***", text)
