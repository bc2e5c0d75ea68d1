# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventories that docs/own_hosts.md shows are complete: site.yml has nothing to say against them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.manager import VariableManager
from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.problems import problems

PAGE = Path(__file__).parents[3] / "docs" / "own_hosts.md"
SHOWN = re.findall("```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def found(folder, shown):
    file = folder / "hosts.yml"
    file.write_text(shown, encoding="utf-8")
    loader = DataLoader()
    inventory = InventoryManager(loader, sources=[str(file)])
    variables = VariableManager(loader, inventory)
    hostvars = {host.name: variables.get_vars(host=host) for host in inventory.get_hosts()}
    first = hostvars[inventory.get_groups_dict()["directors"][0]]
    return problems(first["lvs_services"], inventory.get_groups_dict(), hostvars, first["lvs_mode"], first["lvs_back_network"])


@pytest.mark.parametrize("shown", SHOWN)
def test_an_inventory_is_complete(tmp_path, shown):
    assert found(tmp_path, shown) == []


def test_one_that_lacks_something_is_not(tmp_path):
    assert found(tmp_path, SHOWN[0].replace("lvs_vip_interface", "card"))
