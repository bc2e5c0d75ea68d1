# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A drained real server stays drained while its director's part is done again, and until a run or a boot says otherwise."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.host import part
from ansible_collections.lvs.cluster.plugins.module_utils.host.part import Host
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.host.simulated_host import SimulatedHost
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.memory_transport import MemoryTransport

SERVICE = "tcp 10.0.0.129:80"
ONE, TWO = (f"{SERVICE} > 192.168.239.{last}:80" for last in (137, 148))
WANTS = {"ipvs": {SERVICE: '{"scheduler": "rr"}', ONE: '{"weight": 3}', TWO: '{"weight": 5, "upper_threshold": 9}'}}
FILE = "run/lvs-cluster.drained"


class Director(SimulatedHost):
    """One whose kernel keeps its table from one run to the next."""

    def __init__(self, root, kernel):
        super().__init__(root)
        self.kernel = kernel

    def part(self, name="director"):
        return Host(name, self, str(self.root))

    def take_up(self, name="director", wants=None, **options):
        return self.part(name).take_up(WANTS if wants is None else wants, f"The part {name}", {}, **options)

    def weights(self):
        return {str(key): server.weight for entry in self.kernel.table.values() for key, server in entry.destinations.items()}


@pytest.fixture
def director(tmp_path, monkeypatch):
    kernel = MemoryTransport({})
    monkeypatch.setattr(part, "open_transport", lambda backend, load_module: kernel)
    found = Director(tmp_path, kernel)
    found.take_up()
    (tmp_path / FILE).write_text(f"{TWO}\nudp 10.0.0.129:53 > 192.168.239.148:53\n")
    return found


def test_what_is_declared_holds_where_nobody_drains(director):
    (director.root / FILE).unlink()
    assert director.part().start() == []
    assert director.weights() == {"192.168.239.137:80": 3, "192.168.239.148:80": 5}


def test_a_part_that_is_done_again_leaves_the_drained_without_weight(director):
    assert [change.name for change in director.part().start()] == [TWO]
    assert director.weights() == {"192.168.239.137:80": 3, "192.168.239.148:80": 0}
    (server,) = [each for entry in director.kernel.table.values() for each in entry.destinations.values() if not each.weight]
    assert server.upper_threshold == 9
    assert director.part().start() == []


def test_that_they_differ_from_the_declaration_is_said(director):
    director.part().start()
    assert [change.name for change in director.part().differences()] == [TWO]


def test_a_boot_begins_with_what_is_declared(director):
    director.part().start()
    # /run is new.
    (director.root / FILE).unlink()
    director.part().start()
    assert director.weights()["192.168.239.148:80"] == 5


def test_a_run_puts_back_the_weight_for_good(director):
    director.part().start()
    assert TWO in [change.name for change in director.take_up().changes]
    director.part().start()
    assert director.weights()["192.168.239.148:80"] == 5


def test_a_check_says_so_and_puts_nothing_back(director):
    director.part().start()
    assert [change.name for change in director.take_up(check_mode=True).changes] == [TWO]
    director.part().start()
    assert director.weights()["192.168.239.148:80"] == 0


def test_another_part_of_the_host_has_no_say(director):
    director.take_up("gateway", {"sysctl": {"net.ipv4.ip_forward": "1"}})
    director.part().start()
    assert director.weights()["192.168.239.148:80"] == 0
