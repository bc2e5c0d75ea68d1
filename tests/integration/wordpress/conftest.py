# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The how-to's cluster, made from bare hosts for these tests."""

from __future__ import annotations

from typing import Iterator

import pytest
from wordpress_lab import Host, WordPressLab


@pytest.fixture(scope="session")
def cluster() -> Iterator[WordPressLab]:
    cluster = WordPressLab(
        "wordpress",
        "wordpress-test",
        "http://172.16.0.40",
        share=Host("nfs1", "172.16.0.34"),
        database=Host("mysql1", "172.16.0.35"),
        real_servers={"rs1": "172.16.0.32", "rs2": "172.16.0.33"},
    )
    try:
        cluster.build()
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture(scope="session")
def published(cluster) -> dict[str, str]:
    """A post with a picture, written through the VIP."""
    return cluster.publish("first")
