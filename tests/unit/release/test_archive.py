# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive that is released: what is in it, and that it works where nothing else is."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
# What work in a checkout leaves behind.
LITTER = (
    ".cache/venv/pyvenv.cfg",
    ".benchmarks/figures.json",
    ".hypothesis/unicode_data/x",
    ".pytest_cache/README.md",
    "changelogs/.plugin-cache.yaml",
    "lvs-cluster-0.9.0.tar.gz",
    "plugins/modules/__pycache__/ipvs_table.cpython-312.pyc",
    "site.retry",
    "tests/bench/__pycache__/modes.cpython-312.pyc",
    "tests/output/junit/x.xml",
)


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkout")
    subprocess.run([ROOT / "tools" / "tree.sh", folder], check=True)
    return folder


@pytest.fixture(scope="module")
def archive(checkout, tmp_path_factory):
    known = files(checkout)
    for name in LITTER:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).touch()
    folder = tmp_path_factory.mktemp("archive")
    run("ansible-galaxy", "collection", "build", checkout, "--output-path", folder)
    [file] = folder.iterdir()
    return file, known


@pytest.fixture(scope="module")
def installed(archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    run("ansible-galaxy", "collection", "install", archive[0], "--offline", "--collections-path", folder)
    return folder


def run(*command, **environment):
    # Nothing leads back to the checkout.
    environment = {**{name: value for name, value in os.environ.items() if name != "ANSIBLE_CONFIG"}, **environment}
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_named_as_galaxy_wants_it(archive):
    assert archive[0].name == f"{GALAXY['namespace']}-{GALAXY['name']}-{GALAXY['version']}.tar.gz"


def test_it_holds_what_git_knows_and_nothing_else(archive):
    with tarfile.open(archive[0]) as opened:
        names = {member.name for member in opened if not member.isdir()}
    assert names - archive[1] == {"MANIFEST.json", "FILES.json"}
    assert {"README.md", "plugins/modules/ipvs_table.py", "playbooks/site.yml", "roles/director/tasks/main.yml"} <= names


def test_every_plugin_of_every_type_documents_itself(installed):
    # Without --no-fail-on-errors, one that cannot be read ends it.
    said = json.loads(run("ansible-doc", "--metadata-dump", "lvs.cluster", ANSIBLE_COLLECTIONS_PATH=str(installed)))["all"]
    place = installed / "ansible_collections" / "lvs" / "cluster"
    assert {name.rpartition(".")[2] for name in said["role"]} == {path.name for path in (place / "roles").iterdir()}
    kinds = {"modules": "module", "action": "module"}
    for folder in (place / "plugins").iterdir():
        if folder.name not in ("module_utils", "plugin_utils", "doc_fragments"):
            documented = {name.rpartition(".")[2] for name in said[kinds.get(folder.name, folder.name)]}
            assert {path.stem for path in folder.glob("*.py")} <= documented, folder


@pytest.mark.parametrize("inventory", ["lab", "wordpress"])
def test_its_playbook_and_inventories_are_understood(installed, inventory):
    place = installed / "ansible_collections" / "lvs" / "cluster" / "inventories" / inventory
    run("ansible-playbook", "lvs.cluster.site", "--syntax-check", "--inventory", place, ANSIBLE_COLLECTIONS_PATH=str(installed))
