# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program on the host, run by every Python that a host may have, as the files that Ansible writes."""

from __future__ import annotations

import ast
import glob
import json
import os
import subprocess
import sys

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.host import program
from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import HostError
from ansible_collections.lvs.cluster.plugins.module_utils.host.files import write
from ansible_collections.lvs.cluster.plugins.module_utils.host.plan import Change

FILES = program.program_files()
LIBRARY = "/usr/local/lib/lvs-cluster"
# The oldest that is supported, and later ones; the one that runs the tests is always there.
VERSIONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")
# What a host's own /usr/bin/python3 does with the program, except that the root is a folder and the commands are none.
RUN = """
import json, sys
root, library, arguments = sys.argv[1], sys.argv[2], sys.argv[3:]
sys.path.insert(0, library)
from lvs_cluster.host import part, program
from lvs_cluster.host.commands import Done
program.Host = lambda name: part.Host(name, lambda argv, text: Done(0, "", ""), root)
code = program.main(arguments)
print(json.dumps(sorted(sys.modules)))
sys.exit(code)
"""


def interpreter(version):
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        return sys.executable
    found = glob.glob(os.path.expanduser(f"~/.pyenv/versions/{version}.*/bin/python3"))
    if not found:
        pytest.skip(f"this machine has no Python {version}")
    return found[0]


@pytest.fixture
def root(tmp_path):
    for path, value in FILES.items():
        write(str(tmp_path) + path, *value.split("\n", 1))
    put(tmp_path, "proc/sys/net/ipv4/ip_forward", "0\n")
    put(tmp_path, "proc/sys/kernel/random/boot_id", "first\n")
    put(tmp_path, "etc/lvs-cluster/vip.json", json.dumps({"wants": {"sysctl": {"net.ipv4.ip_forward": "1"}}}))
    return tmp_path


def put(root, path, text):
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def run(root, *arguments, python=sys.executable):
    # Without the packages and the variables of the Python that runs the tests.
    command = [python, "-I", "-B", "-c", RUN, str(root), str(root) + LIBRARY, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    *lines, modules = done.stdout.splitlines() or [""]
    return done.returncode, lines, done.stderr, json.loads(modules or "[]")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_python_runs_it_without_ansible(root, version):
    python = interpreter(version)
    differs = "differs: set sysctl net.ipv4.ip_forward to '1' (is '0')"
    code, lines, error, modules = run(root, "status", "vip", python=python)
    assert (code, lines, error) == (3, [differs], "")
    assert not [name for name in modules if name.startswith("ansible")]
    assert run(root, "start", "vip", python=python)[:3] == (0, [differs.split(": ", 1)[1]], "")
    assert run(root, "status", "vip", python=python)[:3] == (0, [], "")
    stopped = "set sysctl net.ipv4.ip_forward to '0' (is '1')"
    assert run(root, "stop", "vip", python=python)[:3] == (0, [stopped], "")
    assert (root / "proc/sys/net/ipv4/ip_forward").read_text() == "0"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_command_is_a_program_of_every_python(root, version):
    command = str(root / "usr/local/sbin/lvs-host")
    # Its library is where a host has it, and not here: so it can be compiled, and no more.
    subprocess.run([interpreter(version), "-I", "-c", f"compile(open({command!r}).read(), 'lvs-host', 'exec')"], check=True)


@pytest.mark.parametrize("arguments", [[], ["start"], ["restart", "vip"], ["status", "vip", "more"]])
def test_usage(root, arguments):
    code, lines, error, _modules = run(root, *arguments)
    assert (code, lines, error) == (2, [], program.USAGE)


def test_an_error_is_a_sentence_and_no_traceback(root):
    code, lines, error, _modules = run(root, "start", "director")
    sentence = f"this host has no part director: there is no {root}/etc/lvs-cluster/director.json"
    assert (code, lines, error) == (1, [], f"/usr/local/sbin/lvs-host: {sentence}\n")


def test_all_that_is_imported_is_written():
    """Relative imports within the package, and the standard library: nothing else."""
    package = f"{LIBRARY}/lvs_cluster/"
    sources = {path: text.split("\n", 1)[1] for path, text in FILES.items() if path.startswith(package)}
    for path, source in sources.items():
        folder = path.rpartition("/")[0]
        for node in ast.walk(ast.parse(source, path)):
            if isinstance(node, ast.Import):
                assert {name.name.split(".")[0] for name in node.names} <= sys.stdlib_module_names, path
            elif isinstance(node, ast.ImportFrom) and not node.level:
                assert node.module.split(".")[0] in sys.stdlib_module_names, path
            elif isinstance(node, ast.ImportFrom):
                above = folder if node.level == 1 else folder.rpartition("/")[0]
                assert node.level <= 2
                names = [node.module] if node.module else [name.name for name in node.names]
                for name in names:
                    assert f"{above}/{name.replace('.', '/')}.py" in sources, (path, name)


def test_modes():
    modes = {path: text.split("\n", 1)[0] for path, text in FILES.items()}
    assert modes.pop("/usr/local/sbin/lvs-host") == "0755"
    assert set(modes.values()) == {"0644"}


class TestMain:
    """Exit status and output, without a host."""

    @pytest.fixture
    def does(self, monkeypatch):
        def prepare(changes=(), error=None):
            class Fake:
                def __init__(self, name):
                    assert name == "vip"

                def start(self):
                    if error:
                        raise HostError(error)
                    return list(changes)

                stop = differences = start

            monkeypatch.setattr(program, "Host", Fake)

        return prepare

    @pytest.mark.parametrize(("verb", "code", "prefix"), [("start", 0, ""), ("stop", 0, ""), ("status", 3, "differs: ")])
    def test_changes_are_printed(self, does, capsys, verb, code, prefix):
        does([Change("sysctl", "a", None, "1")])
        assert program.main([verb, "vip"]) == code
        assert capsys.readouterr().out == f"{prefix}create sysctl a\n"

    @pytest.mark.parametrize("verb", ["start", "stop", "status"])
    def test_nothing_to_do_is_silent(self, does, capsys, verb):
        does()
        assert program.main([verb, "vip"]) == 0
        assert capsys.readouterr() == ("", "")

    def test_an_error(self, does, capsys):
        does(error="no")
        assert program.main(["start", "vip"]) == 1
        assert capsys.readouterr() == ("", "/usr/local/sbin/lvs-host: no\n")
