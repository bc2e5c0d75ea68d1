# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From any server to what is wanted, in one run; and nothing of anybody else's is touched."""

from __future__ import annotations

import json

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import Done
from ansible_collections.lvs.cluster.plugins.module_utils.mysql import passwords
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.client import Client
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.model import Account, DatabaseError
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.params import RIGHTS, intent
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.plan import plan
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.record import Record
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.work import work
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.mysql.fake_server import FakeServer

PASSWORD = "correct horse"
WEB1, WEB2 = "192.168.239.148", "192.168.239.137"
USER = {
    "name": "wpuser",
    "password": PASSWORD,
    "hosts": [WEB1, WEB2],
    "databases": ["wp_db"],
    "privileges": list(RIGHTS),
    "state": "present",
}
DATABASE = {"name": "wp_db", "charset": "utf8mb4", "collation": "", "state": "present"}
PLACE = "wp\\_db"


def given(*users, databases=(DATABASE,), flavour="mariadb"):
    return {"databases": list(databases), "users": list(users), "flavour": flavour}


class Runs:
    """Runs of the module against one server."""

    def __init__(self, folder):
        self.server = FakeServer()
        self.record = Record(str(folder / "lib/mysql.json"))
        self.path = folder / "lib/mysql.json"

    def __call__(self, *users, check=False, **more):
        asked = given(*users, **more)
        client = Client("mariadb", "/run/s", asked["flavour"], self.server)
        return work(client, self.record, intent(asked), bytes(20), check)


@pytest.fixture
def run(tmp_path):
    return Runs(tmp_path)


def test_a_new_server_gets_the_database_and_an_account_for_each_host(run):
    done = run(USER)
    assert done["actions"] == [
        "create database wp_db",
        f"create account wpuser@{WEB2}",
        f"grant ALTER, CREATE, DELETE, DROP, INDEX, INSERT, SELECT, UPDATE on {PLACE}.* to wpuser@{WEB2}",
        f"create account wpuser@{WEB1}",
        f"grant ALTER, CREATE, DELETE, DROP, INDEX, INSERT, SELECT, UPDATE on {PLACE}.* to wpuser@{WEB1}",
    ]
    assert run.server.databases["wp_db"] == ("utf8mb4", "utf8mb4_general_ci")
    for host in (WEB1, WEB2):
        assert run.server.rights["wpuser", host, PLACE] == set(RIGHTS)
        assert run.server.accounts["wpuser", host] == (passwords.NATIVE, passwords.native(PASSWORD).decode())


@pytest.mark.parametrize("flavour", ["mariadb", "mysql"])
@pytest.mark.parametrize("privileges", [list(RIGHTS), ["select"], ["ALL"], ["all privileges"]])
def test_a_second_run_changes_nothing(run, flavour, privileges):
    user = {**USER, "privileges": privileges}
    assert run(user, flavour=flavour)["changed"]
    before = list(run.server.said)
    again = run(user, flavour=flavour)
    assert (again["changed"], again["actions"]) == (False, [])
    assert again["diff"]["before"] == again["diff"]["after"]
    assert run.server.said == before


def test_a_check_says_the_same_and_does_nothing(run):
    checked = run(USER, check=True)
    assert run.server.said == []
    assert not run.path.exists()
    assert run(USER) == checked


def test_an_account_loses_what_it_should_not_have_after_it_got_what_it_lacks(run):
    run(USER)
    run.server.rights["wpuser", WEB1, PLACE] = {"SELECT", "TRIGGER", "GRANT OPTION"}
    run.server.rights["wpuser", WEB1, ""] = {"FILE"}
    run.server.rights["wpuser", WEB1, "other"] = {"SELECT"}
    assert run(USER)["actions"] == [
        f"grant ALTER, CREATE, DELETE, DROP, INDEX, INSERT, UPDATE on {PLACE}.* to wpuser@{WEB1}",
        f"revoke FILE on *.* from wpuser@{WEB1}",
        f"revoke SELECT on other.* from wpuser@{WEB1}",
        f"revoke GRANT OPTION, TRIGGER on {PLACE}.* from wpuser@{WEB1}",
    ]
    assert {place: held for (name, host, place), held in run.server.rights.items() if host == WEB1 and held} == {
        PLACE: set(RIGHTS)
    }


def test_rights_on_a_pattern_that_means_more_databases_are_not_those_on_the_one(run):
    """wp_db.* unescaped would be wpXdb.*, too."""
    run(USER)
    run.server.rights["wpuser", WEB1, "wp_db"] = run.server.rights.pop(("wpuser", WEB1, PLACE))
    assert len(run(USER)["actions"]) == 2
    assert not run.server.rights["wpuser", WEB1, "wp_db"]


def test_rights_on_single_tables_go(run):
    run(USER)
    run.server.finer.add(("wpuser", WEB1))
    actions = run(USER)["actions"]
    assert actions[0] == f"revoke all rights of wpuser@{WEB1}"
    assert run.server.rights["wpuser", WEB1, PLACE] == set(RIGHTS)


def test_all_is_what_the_server_has(run):
    user = {**USER, "privileges": ["ALL"]}
    run(user)
    run.server.rights["wpuser", WEB1, PLACE] |= {"GRANT OPTION"}
    run.server.rights["wpuser", WEB2, PLACE] -= {"TRIGGER"}
    assert run(user)["actions"] == [
        f"grant ALL PRIVILEGES on {PLACE}.* to wpuser@{WEB2}",
        f"revoke GRANT OPTION on {PLACE}.* from wpuser@{WEB1}",
    ]


@pytest.mark.parametrize("flavour", ["mariadb", "mysql"])
def test_another_password_is_set_on_each_account(run, flavour):
    run(USER, flavour=flavour)
    actions = run({**USER, "password": "battery staple"}, flavour=flavour)["actions"]
    assert actions == [f"set password of wpuser@{WEB2}", f"set password of wpuser@{WEB1}"]


def test_two_accounts_have_two_salts(run):
    run(USER, flavour="mysql")
    assert run.server.accounts["wpuser", WEB1][1][7:27] != run.server.accounts["wpuser", WEB2][1][7:27]


def test_no_password_reaches_server_command_line_or_result(run):
    said = json.dumps([run(USER), run({**USER, "password": "battery staple"})])
    for word in (PASSWORD, "battery staple", passwords.native(PASSWORD).decode()):
        assert word not in said
        assert word not in json.dumps(run.server.argv)
    assert PASSWORD not in json.dumps(run.server.said)


def test_an_account_that_leaves_the_list_goes_and_another_stays(run):
    run(USER)
    run.server.accounts["admin", WEB1] = (passwords.NATIVE, "*X")
    assert run({**USER, "hosts": [WEB1]})["actions"] == [f"remove account wpuser@{WEB2}"]
    assert run()["actions"] == [f"remove account wpuser@{WEB1}"]
    assert sorted(run.server.accounts) == [("admin", WEB1), ("root", "localhost")]
    assert "wp_db" in run.server.databases


def test_an_account_that_others_created_is_set_right_and_never_removed(run):
    run.server.accounts["wpuser", WEB1] = (passwords.NATIVE, "*X")
    run(USER)
    run()
    assert ("wpuser", WEB1) in run.server.accounts
    assert ("wpuser", WEB2) not in run.server.accounts


def test_what_is_absent_goes_whoever_made_it(run):
    run.server.databases["old"] = ("latin1", "latin1_swedish_ci")
    for account in (("former", WEB1), ("former", "%"), ("guest", WEB1), ("guest", WEB2)):
        run.server.accounts[account] = (passwords.NATIVE, "*X")
    absent = {"password": None, "databases": [], "privileges": [], "state": "absent"}
    users = [{"name": "former", "hosts": [], **absent}, {"name": "guest", "hosts": [WEB1], **absent}]
    actions = run(*users, databases=[{**DATABASE, "name": "old", "state": "absent"}])["actions"]
    assert actions == [
        "remove account former@%",
        f"remove account former@{WEB1}",
        f"remove account guest@{WEB1}",
        "remove database old",
    ]


def test_nobody_comes_in_without_a_name_or_as_root_from_elsewhere(run):
    for account in (("", "localhost"), ("", "web"), ("root", "%"), ("root", "web")):
        run.server.accounts[account] = (passwords.NATIVE, "")
    run.server.everybody = {("", "%", "test"), ("", "%", "test\\_%"), ("PUBLIC", "", "test")}
    run()
    assert sorted(run.server.accounts) == [("root", "localhost")]
    assert run.server.everybody == set()
    assert not run()["changed"]


@pytest.mark.parametrize(("flavour", "plugin"), [("mariadb", "unix_socket"), ("mysql", "auth_socket")])
def test_root_without_a_password_is_root_alone(run, flavour, plugin):
    run.server.accounts["root", "localhost"] = (passwords.SHA2, "")
    run(flavour=flavour)
    assert run.server.accounts["root", "localhost"] == (plugin, "")
    assert not run(flavour=flavour)["changed"]


def test_a_database_of_another_character_set_is_altered(run):
    run.server.databases["wp_db"] = ("latin1", "latin1_swedish_ci")
    assert run()["actions"] == ["alter database wp_db"]
    collated = {**DATABASE, "collation": "utf8mb4_unicode_ci"}
    assert run(databases=[collated])["actions"] == ["alter database wp_db"]
    assert run.server.databases["wp_db"] == ("utf8mb4", "utf8mb4_unicode_ci")
    assert not run()["changed"]


def test_an_error_names_the_change_and_not_the_statement(run):
    run.server.refuses = f"CREATE USER 'wpuser'@'{WEB1}'"
    with pytest.raises(DatabaseError) as failed:
        run(USER)
    message = str(failed.value)
    assert message.startswith(f"create account wpuser@{WEB1}: ERROR 1064")
    assert "3 of 5 changes were made" in message
    assert passwords.native(PASSWORD).decode() not in message


def test_what_a_killed_run_created_is_known_as_ours(run):
    run.server.refuses = f"CREATE USER 'wpuser'@'{WEB1}'"
    with pytest.raises(DatabaseError):
        run(USER)
    run.server.refuses = None
    assert run()["actions"] == [f"remove account wpuser@{WEB2}"]


def test_the_record_is_for_root_alone(run):
    run(USER)
    assert run.path.stat().st_mode & 0o777 == 0o600
    run.path.write_text("{")
    with pytest.raises(DatabaseError, match="is damaged"):
        run(USER)


def test_a_server_that_is_away_is_named():
    def away(argv, text=None):
        return Done(1, "", "ERROR 2002 (HY000): Can't connect to local server")

    with pytest.raises(DatabaseError, match="mariadb cannot read what the server has: ERROR 2002"):
        Client("mariadb", "/run/s", "mariadb", away).read()


def test_a_server_that_does_not_do_what_it_says_is_named(run):
    run.server._do = lambda statement: None
    with pytest.raises(DatabaseError, match="still this is to be done: create database wp_db; "):
        run(USER)


def test_the_plan_is_pure(run):
    state = Client("mariadb", "/run/s", "mariadb", run.server).read()
    want = intent(given(USER))
    assert plan(state, want, [Account("a", "b")], bytes(20)) == plan(state, want, [Account("a", "b")], bytes(20))
