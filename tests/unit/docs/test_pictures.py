# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures are of the lab as the inventory has it, and every one of them says in words what it shows."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
SVG = "{http://www.w3.org/2000/svg}"
LAB = yaml.safe_load((ROOT / "inventories" / "lab" / "hosts.yml").read_text(encoding="utf-8"))
PICTURES = sorted((ROOT / "docs" / "images").glob("*.svg"))


def hosts(group):
    """Each host with the addresses of its cards, whichever group describes it."""
    for name, variables in (group.get("hosts") or {}).items():
        yield name, [card["addresses"][0].split("/")[0] for card in (variables or {}).get("lab_cards", [])]
    for below in (group.get("children") or {}).values():
        yield from hosts(below or {})


def words(path):
    return " ".join(text for element in ET.parse(path).iter(f"{SVG}text") for text in element.itertext()).split()


def test_the_lab_has_each_host_with_its_addresses():
    shown = words(ROOT / "docs" / "images" / "lab.svg")
    wanted = {word for name, addresses in hosts(LAB["all"]) for word in (name, *addresses)}
    assert len(wanted) > 10
    assert wanted <= set(shown)


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_names_only_what_is_there(path):
    addresses = {address for _name, found in hosts(LAB["all"]) for address in found}
    networks = {"10.0.0.0/24", "192.168.239.0/24", "172.25.3.0/24"}
    vip = {"10.0.0.129", "10.0.0.129:80"}
    assert {word for word in words(path) if word[0].isdigit() and word.count(".") == 3} <= addresses | networks | vip


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_says_what_it_shows(path):
    root = ET.parse(path).getroot()
    assert root.find(f"{SVG}title").text
    assert root.find(f"{SVG}desc").text


def test_every_picture_is_in_the_manual():
    pages = "".join(page.read_text(encoding="utf-8") for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
    assert [path.name for path in PICTURES if f"images/{path.name})" not in pages] == []
