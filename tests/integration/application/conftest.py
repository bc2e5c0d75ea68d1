# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole lab, application and all, made from bare hosts for these tests."""

from __future__ import annotations

from typing import Iterator

import pytest
from wordpress_lab import Host, WordPressLab


@pytest.fixture(scope="session")
def lab() -> Iterator[WordPressLab]:
    lab = WordPressLab(
        "lab",
        "application-test",
        "http://blog.lvs.test",
        share=Host("nfs1", "192.168.239.160"),
        database=Host("db1", "192.168.239.161"),
        real_servers={"web1": "192.168.239.148", "web2": "192.168.239.137"},
    )
    try:
        lab.build()
        yield lab
    finally:
        lab.remove()


@pytest.fixture(scope="session")
def published(lab) -> dict[str, str]:
    """A post with a picture, written through the VIP."""
    return lab.publish("first")
