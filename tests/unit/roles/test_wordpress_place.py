# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a folder when a release of WordPress is put there, and what of one that was there before."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

PROGRAM = (Path(__file__).parents[3] / "roles/wordpress/files/place.py").read_text(encoding="utf-8")


def tree(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def release(folder, version, **more):
    files = {
        "wp-load.php": version,
        "index.php": version,
        "wp-includes__version.php": version,
        "wp-admin__index.php": version,
        "wp-content__index.php": version,
        "wp-content__themes__ours__style.css": version,
        "wp-content__plugins__hello.php": version,
    }
    tree(folder, **{**files, **more})


class Site:
    def __init__(self, folder):
        self.folder = folder
        self.stage = folder / ".lvs-stage"
        folder.mkdir()

    def begin(self):
        shutil.rmtree(self.stage, ignore_errors=True)
        for name in ("fetched", "unpacked"):
            (self.stage / name).mkdir(parents=True)
        return self.stage / "unpacked/usr/share/wordpress"

    def place(self, name="r1", language="en_US"):
        command = [sys.executable, "-", str(self.stage), str(self.folder), name, language]
        return subprocess.run(command, input=PROGRAM, capture_output=True, text=True, check=False)

    def holds(self):
        return {str(path.relative_to(self.folder)): path.read_text() for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path / "site")


def placed(site, version, **more):
    release(site.begin(), version, **more)
    done = site.place(version)
    assert done.returncode == 0, done.stderr
    return site.holds()


def test_a_release_goes_into_an_empty_folder(site):
    holds = placed(site, "6.1")
    assert holds["wp-includes/version.php"] == "6.1"
    assert holds[".lvs-release"].splitlines() == ["6.1", "index.php", "wp-load.php"]
    assert not any(name.startswith((".lvs-stage", ".maintenance")) for name in holds)


def test_the_next_release_replaces_the_core_as_a_whole_and_nothing_else(site):
    placed(site, "6.1", **{"wp-includes__gone.php": "", "wp-gone.php": "", "wp-content__themes__old__style.css": "6.1"})
    own = {
        "wp-config.php": "own",
        "wp-salts.php": "own",
        "robots.txt": "own",
        "wp-content/uploads/2026/photo.jpg": "own",
        "wp-content/themes/bought/style.css": "own",
        "wp-content/plugins/shop/shop.php": "own",
    }
    tree(site.folder, **{name.replace("/", "__"): text for name, text in own.items()})
    holds = placed(site, "6.2")
    assert own.items() <= holds.items()
    assert holds["wp-content/themes/old/style.css"] == "6.1"
    assert not {"wp-includes/gone.php", "wp-gone.php"} & set(holds)
    ours = {name for name in holds if name not in own and "old" not in name}
    assert {holds[name].splitlines()[0] for name in ours} == {"6.2"}


def test_the_packages_own_configuration_is_not_the_sites(site):
    assert not {"wp-config.php", ".htaccess"} & set(placed(site, "6.1", **{"wp-config.php": "", ".htaccess": ""}))


def test_links_out_of_the_package_become_files(site, tmp_path):
    core = site.begin()
    release(core, "6.1")
    (tmp_path / "elsewhere.crt").write_text("of the host")
    tree(site.stage / "unpacked/usr/share/javascript", **{"underscore.js": "of another package"})
    (core / "wp-includes/underscore.js").symlink_to("../../javascript/underscore.js")
    (core / "wp-includes/bundle.crt").symlink_to(tmp_path / "elsewhere.crt")
    assert site.place().returncode == 0
    assert [path for path in site.folder.rglob("*") if path.is_symlink()] == []
    assert site.holds()["wp-includes/underscore.js"] == "of another package"
    assert site.holds()["wp-includes/bundle.crt"] == "of the host"


def test_a_link_to_nothing_is_named_before_anything_is_replaced(site):
    placed(site, "6.1")
    core = site.begin()
    release(core, "6.2")
    (core / "wp-includes/lodash.js").symlink_to("../../javascript/lodash/lodash.js")
    done = site.place("6.2")
    assert done.returncode != 0
    said = "/usr/share/wordpress/wp-includes/lodash.js is a link to /usr/share/javascript/lodash/lodash.js, which no installed package has"
    assert done.stderr.strip() == said
    assert site.holds()["wp-load.php"] == "6.1"


def test_only_the_sites_language_is_kept(site):
    core = site.begin()
    release(core, "6.1")
    names = ("zh_CN.mo", "admin-zh_CN.mo", "zh_CN-0a1b.json", "zh_TW.mo", "admin-de_DE.mo", "themes__ours-zh_CN.mo")
    tree(core / "wp-content/languages", **dict.fromkeys(names, ""))
    assert site.place(language="zh_CN").returncode == 0
    kept = {path.name for path in (site.folder / "wp-content/languages").rglob("*") if path.is_file()}
    assert kept == {"zh_CN.mo", "admin-zh_CN.mo", "zh_CN-0a1b.json", "ours-zh_CN.mo"}


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_archives(site, tmp_path, kind):
    release(tmp_path / "made/wordpress", "6.1")
    site.begin()
    shutil.make_archive(str(site.stage / "fetched/wordpress"), {"zip": "zip", "tar.gz": "gztar"}[kind], tmp_path / "made")
    assert site.place().returncode == 0
    assert site.holds()["wp-load.php"] == "6.1"
    assert os.stat(site.folder / "wp-load.php").st_mode & 0o777 == 0o644


def test_an_archive_may_not_lead_out_of_its_folder(site):
    site.begin()
    with tarfile.open(site.stage / "fetched/evil.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("../../../../outside"))
    assert site.place().returncode != 0
    assert not (site.folder.parent / "outside").exists()


def test_an_archive_of_something_else_is_refused(site):
    site.begin()
    with zipfile.ZipFile(site.stage / "fetched/other.zip", "w") as archive:
        archive.writestr("readme.txt", "")
    done = site.place()
    assert "no archive of WordPress" in done.stderr
    assert not (site.folder / "wp-load.php").exists()


def test_a_run_that_was_killed_between_core_and_note_begins_anew(site):
    placed(site, "6.1")
    release(site.begin(), "6.2")
    shutil.rmtree(site.folder / "wp-admin")
    (site.folder / ".maintenance").write_text("")
    assert placed(site, "6.2")["wp-admin/index.php"] == "6.2"
    assert not (site.folder / ".maintenance").exists()
