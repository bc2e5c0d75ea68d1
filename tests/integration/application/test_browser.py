# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person does and sees with a browser, through the VIP. Screenshots are kept in .cache/screenshots."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import Any, Iterator

import pytest
from inventory_lab import ROOT
from wordpress_client import picture

PERSON = ROOT / "tests" / "support" / "wordpress_browser.py"
SHOTS = ROOT / ".cache" / "screenshots"
VIP = "10.0.0.129"
RIPS = {"web1": "192.168.239.148", "web2": "192.168.239.137"}


def person(lab, *words: str) -> dict[str, Any]:
    """What a browser does in the lab's network, from which no way leads out."""
    argv = ["nsenter", f"--net=/run/netns/lvs-{lab.folder.name}", "--", sys.executable, str(PERSON), VIP, str(SHOTS), *words]
    # Whatever the machine reaches the internet by is none of the lab's.
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(argv, input=lab.password + "\n", env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@contextmanager
def only(lab, host: str) -> Iterator[None]:
    """New connections go to one real server."""
    others = [rip for name, rip in RIPS.items() if name != host]
    weigh(lab, others, 0)
    try:
        yield
    finally:
        weigh(lab, others, 1)


def weigh(lab, rips: list[str], weight: int) -> None:
    for rip in rips:
        lab.say(
            "director1", f"ipvsadm --edit-server --tcp-service {VIP}:80 --real-server {rip}:80 --masquerading --weight {weight}"
        )


@pytest.fixture(scope="module")
def written(lab, tmp_path_factory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("person") / "square.png"
    file.write_bytes(picture(140))
    return person(lab, "publish", f"{lab.url}/", "admin", "By hand", str(file))


def test_a_person_publishes_a_post_with_a_picture(written):
    assert written["title"] == "By hand"
    assert [picture.rpartition("/")[2] for picture in written["pictures"]] == ["square.png"]


@pytest.mark.parametrize("host", RIPS)
def test_a_person_sees_it_through_each_real_server(lab, written, host):
    before = len(lab.entries(host, "square.png"))
    with only(lab, host):
        assert person(lab, "see", written["post"], f"6-by-{host}") == written
    assert len(lab.entries(host, "square.png")) == before + 1


def test_a_person_sees_it_after_a_real_server_has_stopped(lab, written):
    with only(lab, "web2"):
        lab.say("web1", "systemctl stop nginx")
        try:
            assert person(lab, "see", written["post"], "7-without-web1") == written
        finally:
            lab.say("web1", "systemctl start nginx")
