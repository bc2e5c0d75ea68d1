# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the database answers to web nodes, and to whom it does not; and how lost data come back."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[4]
FOLDER = "extensions/molecule/mysql"
INVENTORY = "extensions/molecule/inventory"
CONVERGE = f"{FOLDER}/converge.yml"
ASK = ROOT / "extensions/molecule/shared/mysql_ask.py"
SERVER = "192.168.239.137"
BACKUPS = "/var/backups/mysql/wp_db"
# Errors as the server numbers them.
WRONG_PASSWORD, NOT_THIS_DATABASE, NOT_THIS_RIGHT = "ERROR 1045", "ERROR 1044", "ERROR 1142"
RIGHTS = "ALTER, CREATE, DELETE, DROP, INDEX, INSERT, SELECT, UPDATE"


class Database(NamedTuple):
    lab: object
    kept: Path

    @property
    def password(self) -> str:
        return self.kept.read_text().split()[0]

    def ask(self, statement, host="web1", user="wpuser", password=None, database="wp_db"):
        """What the server answers over the network."""
        words = [SERVER, user, self.password if password is None else password, database, statement]
        argv = ["ssh", "-F", str(self.lab.ssh_config), host, "python3 - " + " ".join(map(shlex.quote, words))]
        done = subprocess.run(argv, input=ASK.read_text(encoding="utf-8"), capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        assert not done.stderr
        return done.stdout.strip()

    def tell(self, statement):
        """As root of the database's host."""
        return self.lab["web2"].check_output(f"mariadb --batch --skip-column-names --execute {shlex.quote(statement)}")


@pytest.fixture
def database(lab):
    return Database(lab, lab.ssh_config.parent / "mysql-wpuser")


def test_a_web_node_keeps_any_text(database):
    assert database.ask("DROP TABLE IF EXISTS posts") == ""
    assert database.ask("CREATE TABLE posts (id INT PRIMARY KEY, text VARCHAR(99), INDEX (text))") == ""
    assert database.ask("INSERT INTO posts VALUES (1, '云 🐘 grün')") == ""
    assert database.ask("SELECT id, text FROM posts") == "1\t云 🐘 grün"
    assert "CHARSET=utf8mb4" in database.ask("SHOW CREATE TABLE posts")


def test_another_host_is_refused(database):
    # Releases differ in whether they say that there is no such host, or no such user there.
    assert database.ask("SELECT 1", host="client1") in ("ERROR 1130", WRONG_PASSWORD)
    assert database.ask("SELECT 1", host="director1") == WRONG_PASSWORD
    assert database.ask("SELECT 1", host="web1") == "1"


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_wrong_password_is_refused(database, password):
    assert database.ask("SELECT 1", password=password) == WRONG_PASSWORD


@pytest.mark.parametrize("user", ["root", "", "mysql"])
def test_nobody_else_comes_in(database, user):
    for password in ("", database.password):
        assert database.ask("SELECT 1", user=user, password=password, database="mysql").startswith("ERROR")


def test_rights_are_those_and_no_others(database):
    assert database.ask("SELECT 1", database="notes") == NOT_THIS_DATABASE
    assert database.ask("SELECT 1", database="mysql") == NOT_THIS_DATABASE
    assert database.ask("SELECT * FROM mysql.user") == NOT_THIS_RIGHT
    assert database.ask("CREATE DATABASE wpXdb") == NOT_THIS_DATABASE
    assert database.ask("SHOW DATABASES").split() == ["information_schema", "wp_db"]
    grants = database.tell("SHOW GRANTS FOR wpuser@'192.168.239.148'").splitlines()[1:]
    assert [line.split(" ON ")[1].split(" TO ")[0] for line in grants] == [r"`wp\\_db`.*"]
    assert sorted(grants[0].split(" ON ")[0].removeprefix("GRANT ").split(", ")) == RIGHTS.split(", ")


def test_who_may_read_comes_from_a_network_and_only_reads(database):
    for host in ("web1", "director1"):
        assert database.ask("SELECT 1", host=host, user="report", database="notes") == "1"
    assert database.ask("CREATE TABLE t (id INT)", user="report", database="notes") == NOT_THIS_RIGHT


def test_settings_fit_the_host(database):
    memory = int(database.lab["web2"].check_output("sed -n 's/^MemTotal: *//p' /proc/meminfo").split()[0]) * 1024
    pool, charset, names = database.tell("SELECT @@innodb_buffer_pool_size, @@character_set_server, @@skip_name_resolve").split()
    assert memory / 8 < int(pool) <= memory / 4
    assert (charset, names) == ("utf8mb4", "1")
    assert (
        database.tell("SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'notes'")
        == "latin1_bin"
    )


def test_secrets_are_for_root_alone_and_the_password_is_nowhere(database):
    web2 = database.lab["web2"]
    assert database.kept.stat().st_mode & 0o77 == 0
    assert web2.check_output("stat --format %a:%u /var/lib/lvs/mysql.json") == "600:0"
    # A database's log is 96 MiB of zeros: as one line it would take more memory than the host has.
    options = "--recursive --files-with-matches --no-messages --devices=skip --text --null-data --fixed-strings"
    assert web2.run(f"grep {options} {shlex.quote(database.password)} /etc /var /root /tmp /run").stdout == ""


def test_accounts_are_set_right_and_those_of_others_stay(database):
    database.tell(
        "CREATE USER ''@'%'; CREATE USER root@'%'; CREATE USER admin@'192.0.2.1';"
        " GRANT ALL ON *.* TO wpuser@'192.168.239.148' WITH GRANT OPTION; GRANT SELECT ON mysql.user TO report@'192.168.239.0/255.255.255.0'"
    )
    checked = database.lab.play(CONVERGE, "--check")
    again = database.lab.play(CONVERGE)
    assert (checked.code, again.code) == (0, 0), again.messages
    assert checked.changes == again.changes == [("web2", "Have databases and accounts")]
    test_rights_are_those_and_no_others(database)
    accounts = database.tell("SELECT CONCAT(User, '@', Host) FROM mysql.user WHERE User IN ('', 'root', 'admin')").split()
    assert sorted(accounts) == ["admin@192.0.2.1", "root@localhost"]
    assert database.lab.play(CONVERGE).changes == []


def test_a_run_that_changes_nothing_has_systemd_reload_nothing(database):
    """On a host with shares, that would wait for an NFS server that is away."""
    reloads = "journalctl --boot --output=cat _PID=1 | grep --count '^Reloading' || true"
    before = database.lab["web2"].check_output(reloads)
    assert database.lab.play(CONVERGE).changes == []
    assert database.lab["web2"].check_output(reloads) == before


def test_another_password_is_set_and_nothing_that_is_printed_holds_either(database, tmp_path):
    old, new = database.password, "correct-horse-battery"
    variables = tmp_path / "variables.json"
    variables.write_text(json.dumps({"scenario_password": new}))
    command = ["ansible-playbook", CONVERGE, "-i", INVENTORY, "-vvv", "--diff", "--extra-vars", f"@{variables}"]
    environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        assert done.returncode == 0, done.stdout
        assert "set password of wpuser@192.168.239.148" in done.stdout
        for secret in (old, new):
            assert secret not in done.stdout + done.stderr
        assert database.ask("SELECT 1", password=new) == "1"
        assert database.ask("SELECT 1", password=old) == WRONG_PASSWORD
    finally:
        back = database.lab.play(CONVERGE)
    assert back.code == 0, back.messages
    assert database.ask("SELECT 1") == "1"


def test_a_table_that_was_dropped_comes_back(database):
    lab, web2 = database.lab, database.lab["web2"]
    database.ask("DROP TABLE IF EXISTS posts")
    database.ask("CREATE TABLE posts (id INT PRIMARY KEY, text VARCHAR(99))")
    database.ask("INSERT INTO posts VALUES (1, '云 🐘'), (2, 'two')")
    saved = lab.play(f"{FOLDER}/backup.yml")
    assert saved.code == 0, saved.messages
    assert web2.check_output(f"stat --format %a:%u {BACKUPS} {BACKUPS}/*").split()[:2] == ["700:0", "600:0"]
    for lose in ("DROP TABLE posts", "DELETE FROM posts WHERE id = 2"):
        database.ask(lose)
        restored = lab.play(f"{FOLDER}/restore.yml")
        assert restored.code == 0, restored.messages
        assert database.ask("SELECT id, text FROM posts ORDER BY id").splitlines() == ["1\t云 🐘", "2\ttwo"]


def test_the_newest_backups_are_kept_and_a_fetched_one_is_restored(database):
    lab, web2 = database.lab, database.lab["web2"]
    database.ask("CREATE TABLE IF NOT EXISTS fetched (id INT)")
    for _backup in range(3):
        assert lab.play(f"{FOLDER}/backup.yml").code == 0
    assert len(web2.check_output(f"ls {BACKUPS}").split()) == 2
    fetched = max((lab.ssh_config.parent / "backups/web2").iterdir())
    assert fetched.parent.stat().st_mode & 0o77 == 0
    web2.check_output(f"rm {BACKUPS}/*")
    database.ask("DROP TABLE fetched")
    nothing = lab.play(f"{FOLDER}/restore.yml")
    assert nothing.code == 2
    assert "holds no backup" in nothing.messages
    restored = lab.play(f"{FOLDER}/restore.yml", "--extra-vars", json.dumps({"mysql_restore_source": str(fetched)}))
    assert restored.code == 0, restored.messages
    assert database.ask("SELECT COUNT(*) FROM fetched") == "0"


def test_a_damaged_backup_changes_nothing(database):
    lab, web2 = database.lab, database.lab["web2"]
    database.ask("CREATE TABLE IF NOT EXISTS kept (id INT)")
    assert lab.play(f"{FOLDER}/backup.yml").code == 0
    web2.check_output(f"for file in {BACKUPS}/*; do truncate --size=-9 $file; done")
    try:
        database.ask("INSERT INTO kept VALUES (7)")
        assert lab.play(f"{FOLDER}/restore.yml").code == 2
        assert database.ask("SELECT id FROM kept") == "7"
    finally:
        web2.check_output(f"rm {BACKUPS}/*")
        database.ask("DROP TABLE kept")


def test_the_database_answers_after_a_reboot(database):
    database.lab.reboot("web2")
    assert database.ask("SELECT 1") == "1"


def test_who_leaves_the_inventory_is_refused_and_data_stay(database):
    """Last, since it leaves less."""
    database.ask("CREATE TABLE IF NOT EXISTS stays (id INT)")
    assert database.ask("SELECT 1", host="router1") == "1"
    gone = database.lab.play(CONVERGE, "--extra-vars", '{"scenario_hosts": ["192.168.239.148"], "mysql_databases": []}')
    assert gone.code == 0, gone.messages
    assert database.ask("SELECT 1", host="router1") == WRONG_PASSWORD
    assert database.ask("SHOW TABLES LIKE 'stays'") == "stays"
