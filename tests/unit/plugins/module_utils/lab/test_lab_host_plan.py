# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to a host, for everything that it may be."""

from __future__ import annotations

from itertools import product

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.lab.host import (
    AWAIT,
    ERASE,
    PLUG,
    PREPARE,
    START,
    STOP,
    UNPLUG,
    Have,
    plan,
)

CARDS = {"web1-0": "back"}
RUNNING = Have(running="new", disk="new", booted=True, taps=CARDS)


@pytest.mark.parametrize(
    ("have", "steps"),
    [
        pytest.param(Have(), (PREPARE, PLUG, START, AWAIT), id="nothing there"),
        pytest.param(RUNNING, (AWAIT,), id="runs as defined"),
        pytest.param(Have("new", "new", False, CARDS), (AWAIT,), id="still boots"),
        pytest.param(Have(None, "new", True, CARDS), (START, AWAIT), id="died: keeps its disk"),
        pytest.param(
            Have(None, "new", False, CARDS), (ERASE, PREPARE, START, AWAIT), id="died in its first boot: disk not trusted"
        ),
        pytest.param(Have("old", "old", True, CARDS), (STOP, ERASE, PREPARE, START, AWAIT), id="another definition"),
        pytest.param(Have(None, "", False, {}), (ERASE, PREPARE, PLUG, START, AWAIT), id="interrupted while its folder was made"),
        pytest.param(Have("new", None, False, CARDS), (STOP, PREPARE, START, AWAIT), id="folder lost"),
        pytest.param(Have("new", "new", True, {}), (STOP, PLUG, START, AWAIT), id="card lost"),
        pytest.param(Have("new", "new", True, {"web1-0": "front"}), (STOP, PLUG, START, AWAIT), id="card in another network"),
    ],
)
def test_a_wanted_host_runs_afterwards(have, steps):
    assert plan(have, "new", CARDS) == steps


def test_reset_begins_with_an_empty_disk():
    assert plan(RUNNING, "new", CARDS, reset=True) == (STOP, ERASE, PREPARE, START, AWAIT)


@pytest.mark.parametrize(
    ("have", "steps"),
    [
        (Have(), ()),
        (RUNNING, (STOP, UNPLUG, ERASE)),
        (Have(None, "", False, {}), (ERASE,)),
        (Have(None, None, False, CARDS), (UNPLUG,)),
    ],
)
def test_an_unwanted_host_is_gone_afterwards(have, steps):
    assert plan(have, None, {}) == steps


def after(have: Have, steps, definition: str) -> Have:
    """What the steps make of a host, as their names promise."""
    state = {"running": have.running, "disk": have.disk, "booted": have.booted, "taps": have.taps}
    effects = {
        STOP: {"running": None},
        ERASE: {"disk": None, "booted": False},
        PREPARE: {"disk": definition},
        PLUG: {"taps": CARDS},
        UNPLUG: {"taps": {}},
        START: {"running": definition},
        AWAIT: {"booted": True},
    }
    for step in steps:
        if step == PREPARE:
            assert state["disk"] is None, "prepared over something"
        if step == START:
            assert state["running"] is None, "started twice"
            assert state["disk"] == definition
            assert state["taps"] == CARDS
        if step == ERASE:
            assert state["running"] is None, "erased under a running host"
        state.update(effects[step])
    return Have(**state)


# Everything that a folder and a process can be; only a disk can have booted.
EVERYTHING = [
    Have(running, disk, booted, taps)
    for running, disk, booted, taps in product(
        (None, "new", "old"), (None, "", "new", "old"), (False, True), ({}, CARDS, {"web1-0": "front"})
    )
    if disk is not None or not booted
]


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("have", EVERYTHING)
def test_whatever_was_interrupted_the_next_run_repairs(have, reset):
    repaired = after(have, plan(have, "new", CARDS, reset), "new")
    assert repaired == RUNNING
    assert plan(repaired, "new", CARDS) == (AWAIT,)


@pytest.mark.parametrize("have", EVERYTHING)
def test_whatever_was_interrupted_can_be_removed(have):
    assert after(have, plan(have, None, {}), "") == Have(None, None, False, {})
