# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that mean the same to the kernel are equal."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Service,
    ServiceKey,
    parse_address,
)

RIP = DestinationKey.at("198.51.100.1", 80)


def test_addresses_have_one_form():
    assert parse_address("2001:DB8:0:0::1") == ("ipv6", "2001:db8::1")
    assert ServiceKey.at("tcp", "2001:DB8::0:1", 80) == ServiceKey.at("tcp", "2001:db8::1", 80)


@pytest.mark.parametrize("text", ["", "web1", "192.0.2.1/24", "[2001:db8::1]", "fe80::1%eth0", "192.0.2.010", "192.0.2", "a\0b"])
def test_other_texts_are_no_addresses(text):
    with pytest.raises(ValueError, match=r"null character|not an IP address"):
        parse_address(text)


def test_keys_read_like_ipvsadm():
    assert str(ServiceKey.at("tcp", "192.0.2.10", 80)) == "tcp 192.0.2.10:80"
    assert str(ServiceKey.at("udp", "2001:db8::1", 53)) == "udp [2001:db8::1]:53"
    assert str(ServiceKey.marked(7, "ipv6")) == "fwmark 7 ipv6"
    assert str(DestinationKey.at("2001:db8::2", 0)) == "[2001:db8::2]:0"


def test_without_persistence_the_netmask_means_nothing():
    key = ServiceKey.at("tcp", "192.0.2.10", 80)
    assert Service(key, persistence_netmask="255.0.0.0") == Service(key)
    assert Service(key).persistence_netmask == "255.255.255.255"
    assert Service(ServiceKey.marked(1, "ipv6")).persistence_netmask == "128"
    assert Service(key, persistence_timeout=1, persistence_netmask="255.0.0.0").persistence_netmask == "255.0.0.0"


def test_tunnel_fields_without_effect_mean_nothing():
    direct = Destination(RIP, tunnel_type="gue", tunnel_port=6080, tunnel_checksum="csum")
    assert direct == Destination(RIP)
    gre = Destination(RIP, forward="tunnel", tunnel_type="gre", tunnel_port=6080, tunnel_checksum="csum")
    assert (gre.tunnel_port, gre.tunnel_checksum) == (0, "csum")
    ipip = Destination(RIP, forward="tunnel", tunnel_type="ipip", tunnel_port=6080, tunnel_checksum="csum")
    assert (ipip.tunnel_port, ipip.tunnel_checksum) == (0, "none")
