# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of units are systemd's own, and mounts know what they lie in."""

from __future__ import annotations

import shutil
import subprocess

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.filter import mount_units
from ansible_collections.lvs.cluster.plugins.plugin_utils.units import unit_name

NAMES = {
    "/": "-",
    "/web": "web",
    "/web/wordpress": "web-wordpress",
    "//web///wordpress/": "web-wordpress",
    "/web/wp-content": r"web-wp\x2dcontent",
    "/.hidden/.too": r"\x2ehidden-.too",
    "/a_b:c.d": "a_b:c.d",
    "/grün": r"gr\xc3\xbcn",
    "/a b@c": r"a\x20b\x40c",
    "/-": r"\x2d",
}


@pytest.mark.parametrize(("path", "name"), NAMES.items())
def test_a_path_has_the_name_that_systemd_gives_it(path, name):
    assert unit_name(path) == name


@pytest.mark.skipif(not shutil.which("systemd-escape"), reason="needs systemd-escape")
def test_the_names_above_are_systemds():
    paths = [*NAMES, "/..a/.b", "/a\\b", "/a\tb"]
    said = subprocess.run(["systemd-escape", "--path", "--", *paths], capture_output=True, text=True, check=True).stdout.split()
    assert said == [unit_name(path) for path in paths]


@pytest.mark.parametrize("path", ["web", "", "/web/../srv", "/./web"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(ValueError, match="no path that a unit can be named after"):
        unit_name(path)


def test_outer_mounts_come_first_and_know_what_lies_in_them():
    given = ["/web/wp/up/deep", "/web/wp", "/web/wpx", "/web/wp/up/", "/web/wp/b"]
    made = mount_units.FilterModule().filters()["mount_units"]([{"mountpoint": point, "server": "a"} for point in given])
    assert [(each["mountpoint"], each["within"], each["children"]) for each in made] == [
        ("/web/wp", "", ["web-wp-b", "web-wp-up"]),
        ("/web/wpx", "", []),
        ("/web/wp/b", "web-wp", []),
        ("/web/wp/up", "web-wp", ["web-wp-up-deep"]),
        ("/web/wp/up/deep", "web-wp-up", []),
    ]
    assert {each["server"] for each in made} == {"a"}


def test_the_sample_is_what_the_example_gives():
    [sample] = yaml.safe_load(mount_units.RETURN)["_value"]["sample"]
    mounts = [{"mountpoint": "/web/wordpress/wp-content/uploads"}, {"mountpoint": "/web/wordpress"}]
    assert mount_units.FilterModule().filters()["mount_units"](mounts)[0] == sample
