# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the modules' documentation, run as they are written."""

from __future__ import annotations

import ast
import json
import subprocess

import pytest
import yaml
from ipvs_lab import ROOT, playbook

MODULES = [*sorted(path.stem for path in (ROOT / "plugins/modules").glob("ipvs_*.py")), "arp_sysctl"]


def examples(module):
    tree = ast.parse((ROOT / "plugins/modules" / f"{module}.py").read_text())
    texts = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.targets[0], ast.Name)
    }
    return texts["EXAMPLES"]


@pytest.fixture(scope="module")
def neighbours(director):
    """One of the examples silences ARP, and says that the neighbours have static entries then."""
    listed = subprocess.check_output([*director.outside, "ip", "-json", "neighbour"])
    for each in json.loads(listed):
        if each["dst"] in ("10.0.0.21", "192.168.239.21") and "lladdr" in each:
            fixed = [each["dst"], "lladdr", each["lladdr"], "dev", each["dev"], "nud", "permanent"]
            subprocess.check_call([*director.outside, "ip", "neighbour", "replace", *fixed])


@pytest.fixture(scope="module")
def run(director, neighbours, tmp_path_factory):
    """All examples of all modules, one module after the other, on one director."""
    director.ssh("ipvsadm -C")
    book = playbook(tmp_path_factory.mktemp("examples") / "examples.yml", "\n".join(examples(module) for module in MODULES))
    yield director.play(book)
    director.ssh("ipvsadm -C; ipvsadm --stop-daemon master; ipvsadm --stop-daemon backup; true")


@pytest.mark.parametrize("module", MODULES)
def test_examples(run, module):
    results = {name: result for _host, name, result in run.tasks}
    names = [task["name"] for task in yaml.safe_load(examples(module))]
    assert [name for name in names if results[name].get("failed")] == []
    assert module == "ipvs_info" or any(results[name]["changed"] for name in names)


def test_the_last_examples_leave_nothing_behind(run, director):
    assert director.ssh("ls /etc/sysctl.d /var/lib/lvs/sysctl 2>/dev/null | grep lvs-arp || true") == ""
    assert director.ssh("sysctl -n net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce").split() == ["0", "0"]
