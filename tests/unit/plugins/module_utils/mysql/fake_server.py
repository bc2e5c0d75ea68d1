# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database server in memory: it understands the statements of the plan, and answers the questions of the client as its program does."""

from __future__ import annotations

import re

from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import Done
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.plan import ALL_OF_A_DATABASE

COLLATIONS = {"utf8mb4": "utf8mb4_general_ci", "latin1": "latin1_swedish_ci"}
WHO = r"'([^']*)'@'([^']*)'"


class FakeServer:
    """`accounts` are (name, host) with plugin and what is kept; `rights` are (name, host, pattern) with their names."""

    def __init__(self):
        self.databases = {"mysql": ("utf8mb4", "utf8mb4_general_ci")}
        self.accounts = {("root", "localhost"): ("mysql_native_password", "invalid")}
        self.rights = {("root", "localhost", ""): {"SELECT", "GRANT OPTION"}}
        self.finer = set()
        self.everybody = set()
        self.said = []
        self.argv = []
        # Words of a statement that is refused.
        self.refuses = None

    def __call__(self, argv, text=None):
        self.argv.append(list(argv))
        output = []
        for number, line in enumerate(text.splitlines(), 1):
            statement = line.removesuffix(";")
            if statement.startswith("SELECT"):
                output += self._answer(statement)
            elif not statement.startswith("SET"):
                self.said.append(statement)
                if self.refuses and self.refuses in statement:
                    near = f"near '{statement}'"
                    return Done(1, "", f"ERROR 1064 (42000) at line {number}: You have an error {near}")
                self._do(statement)
        return Done(0, "".join(f"{line}\n" for line in output), "")

    def _answer(self, statement):
        kind = re.match("SELECT '([a-z]+)'", statement)[1]
        if kind == "database":
            rows = [(name, *each) for name, each in self.databases.items()]
        elif kind == "account":
            rows = [(*account, plugin, kept) for account, (plugin, kept) in self.accounts.items()]
        elif kind == "right":
            schema = "SCHEMA_PRIVILEGES" in statement
            rows = [
                (f"'{name}'@'{host}'", place, right, "YES" if "GRANT OPTION" in held else "NO")
                for (name, host, place), held in self.rights.items()
                if bool(place) == schema
                for right in (held - {"GRANT OPTION"} or {"USAGE"})
            ]
        elif kind == "finer":
            rows = sorted(self.finer) if "tables_priv" in statement else []
        else:
            rows = sorted(self.everybody)
        return ["\t".join([kind, *(each.encode().hex().upper() for each in row)]) for row in rows]

    def _do(self, statement):
        for form, does in (
            (r"(CREATE|ALTER) DATABASE `([^`]+)` CHARACTER SET (\w+)(?: COLLATE (\w+))?", self._database),
            (r"DROP DATABASE `([^`]+)`", self.databases.pop),
            (rf"(CREATE|ALTER) USER {WHO} IDENTIFIED (?:VIA|WITH) (\w+)(?: (?:USING|AS) (\S+))?", self._account),
            (rf"DROP USER {WHO}", self._drop),
            (rf"(GRANT|REVOKE) (.+) ON (`[^`]+`|\*)\.\* (?:TO|FROM) {WHO}", self._right),
            (rf"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {WHO}", self._strip),
            (r"DELETE FROM mysql.db WHERE User = '(.*)' AND Host = '(.*)' AND Db = '(.*)'", self._forget),
            (r"FLUSH PRIVILEGES", lambda: None),
        ):
            found = re.fullmatch(form, statement)
            if found:
                does(*found.groups())
                return
        raise AssertionError(f"the server does not understand: {statement}")

    def _database(self, verb, name, charset, collation):
        assert (name in self.databases) == (verb == "ALTER")
        self.databases[name] = (charset, collation or COLLATIONS[charset])

    def _account(self, verb, name, host, plugin, kept):
        assert ((name, host) in self.accounts) == (verb == "ALTER")
        shown = bytes.fromhex(kept[2:]).decode() if (kept or "").startswith("0x") else (kept or "").strip("'")
        self.accounts[name, host] = (plugin, shown)
        self.rights.setdefault((name, host, ""), set())

    def _drop(self, name, host):
        del self.accounts[name, host]
        self._strip(name, host)

    def _strip(self, name, host):
        self.rights = {key: held for key, held in self.rights.items() if key[:2] != (name, host)}
        self.finer.discard((name, host))

    def _right(self, verb, rights, place, name, host):
        names = set(rights.split(", "))
        if "ALL PRIVILEGES" in names:
            names = names - {"ALL PRIVILEGES"} | ALL_OF_A_DATABASE | {"DELETE HISTORY"}
        held = self.rights.setdefault((name, host, place.strip("`*").replace("\\\\", "\\")), set())
        if verb == "GRANT":
            assert (name, host) in self.accounts
            held |= names
        else:
            assert names <= held, "a right was revoked that is not held"
            held -= names

    def _forget(self, name, host, place):
        self.everybody.remove((name, host.replace("\\\\", "\\"), place.replace("\\\\", "\\")))
