# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mysql_accounts says the same in its argument spec, documentation and examples, and shows no password."""

from __future__ import annotations

import json

import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.text.converters import to_bytes
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.client import Client
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.model import State
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.params import SPEC
from ansible_collections.lvs.cluster.plugins.modules import mysql_accounts

DOCUMENTED = yaml.safe_load(mysql_accounts.DOCUMENTATION)["options"]
TASKS = yaml.safe_load(mysql_accounts.EXAMPLES)


def compare(documented, spec):
    assert sorted(documented) == sorted(spec)
    for name, option in spec.items():
        for aspect in ("type", "elements", "choices", "default", "required"):
            assert documented[name].get(aspect) == option.get(aspect), (name, aspect)
        compare(documented[name].get("suboptions", {}), option.get("options", {}))


def test_options():
    compare(DOCUMENTED, SPEC)


@pytest.mark.parametrize("task", TASKS, ids=[task["name"] for task in TASKS])
def test_examples_are_accepted(task):
    assert ArgumentSpecValidator(SPEC).validate(task["lvs.cluster.mysql_accounts"]).error_messages == []


def run(monkeypatch, capsys, check, folder, **options):
    arguments = {
        **options,
        "record": str(folder / "mysql.json"),
        "_ansible_check_mode": check,
        "_ansible_remote_tmp": str(folder),
    }
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", to_bytes(json.dumps({"ANSIBLE_MODULE_ARGS": arguments})))
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    monkeypatch.setattr(Client, "read", lambda self: State({}, {}))
    with pytest.raises(SystemExit):
        mysql_accounts.main()
    return capsys.readouterr().out


def test_a_check_names_what_would_be_done_and_no_password(monkeypatch, capsys, tmp_path):
    user = {"name": "wp", "password": "secret-word", "hosts": ["192.0.2.1"], "databases": ["wp"], "privileges": ["SELECT"]}
    out = run(monkeypatch, capsys, True, tmp_path, users=[user])
    assert json.loads(out)["actions"] == ["create account wp@192.0.2.1", "grant SELECT on wp.* to wp@192.0.2.1"]
    assert "secret-word" not in out


def test_a_mistake_is_named(monkeypatch, capsys, tmp_path):
    out = run(monkeypatch, capsys, False, tmp_path, users=[{"name": "wp", "hosts": ["192.0.2.1"]}])
    assert json.loads(out)["msg"].startswith("users[0]: wp has no password")
