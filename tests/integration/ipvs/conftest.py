# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The director, booted once for all tests."""

from __future__ import annotations

import os
from typing import Iterator

import pytest
from ipvs_lab import Director

RELEASES = ["trixie", "bookworm"] if os.environ.get("LVS_TEST_ALL") else [os.environ.get("LVS_LAB_RELEASE") or "trixie"]
# Without apt, which takes twice as long.
IPVSADM = "cd /srv/packages && dpkg --install ipvsadm_*.deb libnl-3-200_*.deb libnl-genl-3-200_*.deb libpopt0_*.deb"


@pytest.fixture(scope="session", params=RELEASES)
def director(request) -> Iterator[Director]:
    director = Director(request.param)
    director.lab("lab_down.yml")
    try:
        director.lab("lab_up.yml")
        director.ssh(IPVSADM)
        director.copy_code()
        yield director
    finally:
        director.lab("lab_down.yml")
