# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what a server holds to what is wanted: a list of statements. Pure."""

from __future__ import annotations

import hashlib
from typing import Any, Collection, Dict, FrozenSet, List, Mapping, Tuple

from . import passwords
from .model import (
    EVERYWHERE,
    GRANT_OPTION,
    LOCAL_HOSTS,
    MARIADB,
    MYSQL,
    Account,
    Action,
    Actions,
    Database,
    Held,
    Intent,
    State,
    Wanted,
    identifier,
    literal,
    pattern,
)

ALL = frozenset(["ALL"])
# What ALL has to give at least; servers differ in what else there is.
ALL_OF_A_DATABASE = frozenset(
    [
        "ALTER",
        "ALTER ROUTINE",
        "CREATE",
        "CREATE ROUTINE",
        "CREATE TEMPORARY TABLES",
        "CREATE VIEW",
        "DELETE",
        "DROP",
        "EVENT",
        "EXECUTE",
        "INDEX",
        "INSERT",
        "LOCK TABLES",
        "REFERENCES",
        "SELECT",
        "SHOW VIEW",
        "TRIGGER",
        "UPDATE",
    ]
)
# Who the operating system says is root.
_SOCKET = {MARIADB: "VIA unix_socket", MYSQL: "WITH auth_socket"}
# What asks for a password. Where none is kept, none is needed.
_PASSWORD_PLUGINS = ("", passwords.NATIVE, passwords.SHA2, "sha256_password", "ed25519")


def plan(have: State, want: Intent, owned: Collection[Account], random: bytes) -> Actions:
    """The actions that lead from what is there to what is wanted.

    Databases come first, since rights name them. An account gets what it lacks before it loses what it should not have, so a client
    that is at work never lacks a right. Removals come last: nobody who fails half-way is locked out by it.

    :param owned: accounts that an earlier run created; those that are wanted no more go
    :param random: for the salts of new passwords
    """
    actions = _databases(have, want)
    for account, wanted in sorted(want.accounts.items()):
        actions += _account(account, have.accounts.get(account), wanted, want.flavour, random)
    actions += [Action(f"remove account {account}", f"DROP USER {account.sql}") for account in leaving(have, want, owned)]
    actions += _strangers(have, want, leaving(have, want, owned))
    actions += [
        Action(f"remove database {name}", f"DROP DATABASE {identifier(name)}")
        for name in sorted(want.absent_databases)
        if name in have.databases
    ]
    return actions


def leaving(have: State, want: Intent, owned: Collection[Account]) -> List[Account]:
    """Accounts that are there and go: ours that are wanted no more, and those that are to be absent."""
    unwanted = {*owned, *want.absent_accounts, *(account for account in have.accounts if account.name in want.absent_names)}
    return sorted(account for account in unwanted if account in have.accounts and account not in want.accounts)


def owned_after(have: State, want: Intent, owned: Collection[Account]) -> List[Account]:
    """Accounts that are ours once the plan is carried out: those that we created and that are wanted."""
    return sorted(account for account in want.accounts if account in owned or account not in have.accounts)


def is_stranger(account: Account) -> bool:
    return not account.name or (account.name == "root" and account.host not in LOCAL_HOSTS)


def is_open_root(account: Account, held: Held) -> bool:
    return account.name == "root" and account.host in LOCAL_HOSTS and not held.kept and held.plugin in _PASSWORD_PLUGINS


def _databases(have: State, want: Intent) -> Actions:
    actions = []
    for name, wanted in sorted(want.databases.items()):
        present = have.databases.get(name)
        if present and present.charset == wanted.charset and wanted.collation in ("", present.collation):
            continue
        collation = f" COLLATE {wanted.collation}" if wanted.collation else ""
        verb, said = ("ALTER", "alter") if present else ("CREATE", "create")
        actions.append(
            Action(f"{said} database {name}", f"{verb} DATABASE {identifier(name)} CHARACTER SET {wanted.charset}{collation}")
        )
    return actions


def _account(account: Account, present: Any, wanted: Wanted, flavour: str, random: bytes) -> Actions:
    actions = []
    if not present:
        actions.append(
            Action(f"create account {account}", f"CREATE USER {account.sql} {_identified(account, wanted, flavour, random)}")
        )
        present = Held()
    elif not _same_password(present, wanted, flavour):
        actions.append(
            Action(f"set password of {account}", f"ALTER USER {account.sql} {_identified(account, wanted, flavour, random)}")
        )
    if present.finer:
        # Rights on single tables are taken back one by one only; so all are, and what is wanted is granted again at once.
        actions.append(Action(f"revoke all rights of {account}", f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {account.sql}"))
        present = Held(present.plugin, present.kept)
    granted = {pattern(name): wanted.rights for name in wanted.databases}
    for place, rights in sorted(granted.items()):
        missing = _missing(present.rights.get(place, frozenset()), rights)
        if missing:
            actions.append(_change("grant", missing, place, account))
    for place, held in sorted(present.rights.items()):
        excess = _excess(held, granted.get(place, frozenset()))
        if excess:
            actions.append(_change("revoke", excess, place, account))
    return actions


def _missing(held: FrozenSet[str], wanted: FrozenSet[str]) -> FrozenSet[str]:
    if wanted == ALL:
        return frozenset() if held >= ALL_OF_A_DATABASE else ALL
    return wanted - held


def _excess(held: FrozenSet[str], wanted: FrozenSet[str]) -> FrozenSet[str]:
    return held & {GRANT_OPTION} if wanted == ALL else held - wanted


def _change(verb: str, rights: Collection[str], place: str, account: Account) -> Action:
    names = ", ".join("ALL PRIVILEGES" if right == "ALL" else right for right in sorted(rights))
    where = "*.*" if place == EVERYWHERE else f"{identifier(place)}.*"
    way = "TO" if verb == "grant" else "FROM"
    return Action(
        f"{verb} {names} on {where.replace(chr(96), '')} {way.lower()} {account}",
        f"{verb.upper()} {names} ON {where} {way} {account.sql}",
    )


def _strangers(have: State, want: Intent, gone: Collection[Account]) -> Actions:
    """Accounts that no server should have: nameless ones, and root from elsewhere or without any proof."""
    actions = [
        Action(f"remove {'' if account.name else 'nameless '}account {account}", f"DROP USER {account.sql}")
        for account in sorted(have.accounts)
        if account not in want.accounts and account not in gone and is_stranger(account)
    ]
    actions += [
        Action(f"let only root itself be {account}", f"ALTER USER {account.sql} IDENTIFIED {_SOCKET[want.flavour]}")
        for account, held in sorted(have.accounts.items())
        if is_open_root(account, held) and account not in gone
    ]
    for name, host, place in sorted(have.for_everybody):
        where = f"User = {literal(name)} AND Host = {literal(host)} AND Db = {literal(place)}"
        # No account has them, so there is none to revoke them from.
        statement = f"DELETE FROM mysql.db WHERE {where}"  # noqa: S608 - all are quoted
        actions.append(Action(f"revoke everybody's rights on {place}.*", statement))
    if have.for_everybody:
        actions.append(Action("load the rights anew", "FLUSH PRIVILEGES"))
    return actions


def _same_password(present: Held, wanted: Wanted, flavour: str) -> bool:
    # A MariaDB that was told another way of asking for passwords is told again, in the way that every client knows.
    known = present.plugin == passwords.NATIVE if flavour == MARIADB else present.plugin in (passwords.NATIVE, passwords.SHA2)
    return known and passwords.matches(present.plugin, present.kept, wanted.password)


def _identified(account: Account, wanted: Wanted, flavour: str, random: bytes) -> str:
    if flavour == MARIADB:
        return f"IDENTIFIED VIA {passwords.NATIVE} USING {literal(passwords.native(wanted.password).decode('ascii'))}"
    salt = passwords.salt_of(hashlib.sha256(random + str(account).encode("utf-8")).digest())
    kept = passwords.caching_sha2(wanted.password, salt)
    return f"IDENTIFIED WITH {passwords.SHA2} AS 0x{kept.hex().upper()}"


def describe(have: State, want: Intent, owned: Collection[Account]) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """Before and after, of what the plan is about; passwords are compared and not shown."""
    gone = leaving(have, want, owned)
    before = _described(
        {name: have.databases[name] for name in {*want.databases, *want.absent_databases} & set(have.databases)},
        {
            account: _shown(held, want.accounts.get(account), want.flavour)
            for account, held in have.accounts.items()
            if account in want.accounts or account in gone or is_stranger(account)
        },
    )
    after = _described(
        {name: _completed(wanted, have.databases.get(name)) for name, wanted in want.databases.items()},
        {
            account: {
                "password": "as wanted",
                "rights": {pattern(name): sorted(wanted.rights) for name in wanted.databases},
            }
            for account, wanted in want.accounts.items()
        },
    )
    return before, after


def _described(databases: Mapping[str, Database], accounts: Mapping[Account, Dict[str, Any]]) -> Dict[str, Any]:
    return {
        "databases": {name: dict(each._asdict()) for name, each in sorted(databases.items())},
        "accounts": {str(account): each for account, each in sorted(accounts.items())},
    }


def _shown(held: Held, wanted: Any, flavour: str) -> Dict[str, Any]:
    same = wanted is not None and _same_password(held, wanted, flavour)
    rights = {place or "*": sorted(rights) for place, rights in sorted(held.rights.items()) if rights}
    if wanted and wanted.rights == ALL:
        rights = {place: _all_or(held.rights[place if place != "*" else ""]) for place in rights}
    shown: Dict[str, Any] = {"password": "as wanted" if same else "another", "rights": rights}
    return {**shown, "on tables and routines": "some"} if held.finer else shown


def _all_or(rights: FrozenSet[str]) -> List[str]:
    return sorted(ALL | (rights & {GRANT_OPTION})) if rights >= ALL_OF_A_DATABASE else sorted(rights)


def _completed(wanted: Database, present: Any) -> Database:
    """A collation that is left to the server is the one that is there, or is not known yet."""
    if wanted.collation or not present or present.charset != wanted.charset:
        return wanted
    return Database(wanted.charset, present.collation)
