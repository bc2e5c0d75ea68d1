# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused, with its place and the remedy."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.model import Account, DatabaseError
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.params import host_of, intent

USER = {
    "name": "wp", "password": "secret-word", "hosts": ["192.0.2.1"], "databases": ["wp"], "privileges": ["SELECT"], "state": "present"
}  # fmt: skip
DATABASE = {"name": "wp", "charset": "utf8mb4", "collation": "", "state": "present"}


def refused(users=(), databases=()):
    with pytest.raises(DatabaseError) as error:
        intent({"users": list(users), "databases": list(databases), "flavour": "mariadb"})
    assert USER["password"] not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("host", "made"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.0/24", "192.0.2.0/255.255.255.0"),
        ("192.0.2.0/255.255.255.0", "192.0.2.0/255.255.255.0"),
        ("172.16.%", "172.16.%"),
        ("2001:DB8::0:1", "2001:db8::1"),
        ("localhost", "localhost"),
    ],
)
def test_hosts_are_as_the_server_writes_them(host, made):
    assert host_of(host, "here") == made


@pytest.mark.parametrize("host", ["%", "web1", "192.0.2.1/24", "0.0.0.0/0", "", "192.0.2.%.%", "fd00::/64", "192.0.2.1' OR '1"])
def test_hosts_that_are_none_or_all_are_refused(host):
    assert refused([{**USER, "hosts": ["192.0.2.9", host]}]).startswith(f"users[0].hosts[1]: '{host}' is ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "a'b"}, "users[1]: name 'a'b' may have letters"),
        ({"name": "root"}, "users[1]: root is an account of the server itself"),
        ({"name": "x", "password": ""}, "users[1]: x has no password"),
        ({"name": "x", "password": None}, "users[1]: x has no password"),
        ({"name": "x", "hosts": []}, "users[1]: x has no hosts"),
        ({"name": "x", "databases": ["a`b"]}, "users[1].databases[0]: name 'a`b' may have letters"),
        ({"name": "x", "privileges": ["SELECT", "FLY"]}, "users[1].privileges: FLY: name ALL alone"),
        ({"name": "x", "privileges": ["SELECT", "ALL"]}, "users[1].privileges: ALL: name ALL alone"),
        ({"name": "x", "privileges": ["GRANT OPTION"]}, "users[1].privileges: GRANT OPTION: name ALL alone"),
        ({}, "users[1]: wp@192.0.2.1 is declared twice, first at users[0]"),
        ({"state": "absent", "hosts": []}, "users: wp is to be absent as a whole and present as wp@192.0.2.1"),
    ],
)
def test_users_that_cannot_be_are_refused(change, said):
    assert refused([USER, {**USER, **change}]).startswith(said)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "a`b"}, "databases[1]: name 'a`b' may have letters"),
        ({"name": "mysql"}, "databases[1]: mysql is a database of the server itself"),
        ({"name": "x", "charset": "utf8; DROP"}, "databases[1]: charset 'utf8; DROP' may have"),
        ({"name": "x", "collation": "a b"}, "databases[1]: collation 'a b' may have"),
        ({}, "databases[1]: wp is declared twice, first at databases[0]"),
    ],
)
def test_databases_that_cannot_be_are_refused(change, said):
    assert refused(databases=[DATABASE, {**DATABASE, **change}]).startswith(said)


def test_rights_are_read_as_people_write_them():
    want = intent({"users": [{**USER, "privileges": ["create  view", "Select"]}], "databases": [], "flavour": "mariadb"})
    assert want.accounts[Account("wp", "192.0.2.1")].rights == {"CREATE VIEW", "SELECT"}
