# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which way to the kernel is taken."""

from __future__ import annotations

import errno
import socket

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import backends
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.interfaces import read_interfaces
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink_probe import netlink_allowed


class Socket:
    closed = False

    def close(self):
        self.closed = True


def failing(number):
    def open_socket(*_arguments):
        raise OSError(number, "no")

    return open_socket


def test_netlink_where_it_is_allowed():
    sock = Socket()
    asked = []
    assert netlink_allowed(lambda *arguments: asked.append(arguments) or sock)
    assert asked == [(socket.AF_NETLINK, socket.SOCK_RAW, 16)]
    assert sock.closed


@pytest.mark.parametrize(
    ("number", "allowed"),
    [
        (errno.EPERM, False),
        (errno.EACCES, False),
        (errno.EAFNOSUPPORT, False),
        (errno.EPROTONOSUPPORT, False),
        (errno.EMFILE, True),
        (errno.ENOMEM, True),
    ],
)
def test_only_a_prohibition_counts(number, allowed):
    assert netlink_allowed(failing(number)) is allowed


@pytest.mark.parametrize(
    ("backend", "allowed", "expected"),
    [
        ("auto", True, "netlink"),
        ("auto", False, "ipvsadm"),
        ("netlink", False, "netlink"),
        ("ipvsadm", True, "ipvsadm"),
    ],
)
def test_the_choice(backend, allowed, expected):
    assert backends.choose(backend, lambda: allowed) == expected


@pytest.mark.parametrize(("backend", "name"), [("netlink", "Netlink"), ("ipvsadm", "Ipvsadm")])
def test_the_classes(backend, name):
    assert type(backends.open_transport(backend, False)).__name__ == f"{name}Transport"
    assert type(backends.open_control(backend, False)).__name__ == f"{name}Control"


def test_interfaces(tmp_path):
    listing = tmp_path / "dev"
    listing.write_text(
        "Inter-|   Receive                    |  Transmit\n face |bytes    packets|bytes    packets\n"
        "    lo:   1    1    1    1\n  eth0:   1    1    1    1\neth0:1:    1    1    1    1\n  gone:   1    1    1    1\n"
    )
    mtus = {"lo": 65536, "eth0": 1500, "eth0:1": 1400}

    def mtu(name):
        if name not in mtus:
            raise OSError(errno.ENODEV, "no")
        return mtus[name]

    assert read_interfaces(str(listing), mtu) == mtus


def test_interfaces_of_this_host():
    assert read_interfaces()["lo"] > 0
