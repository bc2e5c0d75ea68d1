# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first line of the kernel's own listing."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.kernel_info import KernelInfo, read_kernel_info

LISTING = """IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LISTING, KernelInfo("1.2.1", 4096)),
        (LISTING.replace("4096", "1048576"), KernelInfo("1.2.1", 1048576)),
        ("", None),
        ("something else\n" + LISTING, None),
    ],
)
def test_header(tmp_path, text, expected):
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/ip_vs").write_text(text)
    assert read_kernel_info(str(tmp_path)) == expected


def test_without_the_module(tmp_path):
    assert read_kernel_info(str(tmp_path)) is None
