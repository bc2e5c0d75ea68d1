# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What strangers get of the whole lab beside the VIP and the proxy, and what a run of it says."""

from __future__ import annotations

import pytest

WEB = [80, 443]
# Ports that a client finds open beside ssh. Packets for real servers in NAT come from clients, to the real server's own address.
OPEN = {
    "10.0.0.129": WEB,
    "10.0.0.140": WEB,
    "10.0.0.128": [],
    "192.168.239.148": WEB,
    "172.25.3.13": [],
    "192.168.239.160": [],
    "192.168.239.161": [],
    "192.168.239.171": [],
    "192.168.239.172": [],
}
NFS, DATABASE, VHOST = "192.168.239.160", "192.168.239.161", "192.168.239.172"


@pytest.mark.parametrize("address", OPEN)
def test_a_client_gets_answers_from_the_vip_and_the_proxy(lab, address):
    assert lab.answering("client1", address) == [22, *OPEN[address]]


@pytest.mark.parametrize(
    ("asker", "address", "more"),
    [
        ("web1", NFS, [2049]),
        ("web3", NFS, [2049]),
        ("web3", DATABASE, [3306]),
        ("nfs1", DATABASE, [3306]),
        ("proxy1", VHOST, [80]),
        ("proxy1", NFS, []),
        ("proxy1", DATABASE, []),
        ("vhost1", DATABASE, []),
        ("director1", NFS, []),
        ("director1", VHOST, []),
    ],
)
def test_who_needs_it_gets_an_answer(lab, asker, address, more):
    """And nobody else."""
    assert lab.answering(asker, address) == [22, *more]


def test_a_run_tells_no_secret(lab):
    told = lab.told("-vvv", "--diff")
    assert not [secret for secret in lab.secrets() if secret in told]
    # A key is a secret, too.
    key = (lab.folder / "ca" / "ca.key").read_text(encoding="utf-8").splitlines()[1]
    assert key not in told
