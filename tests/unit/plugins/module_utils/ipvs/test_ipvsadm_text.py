# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Listings of ipvsadm 1.31, as its printf formats make them."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import ipvsadm_text
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import TransportError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.plan import Action
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.statistics import Connections, Counters

WEB = ServiceKey.at("tcp", "192.0.2.10", 80)
SIX = ServiceKey.at("udp", "2001:db8::10", 53)
MARK = ServiceKey.marked(2**32 - 1)
MARK6 = ServiceKey.marked(5, "ipv6")
ONE, TWO = DestinationKey.at("198.51.100.1", 80), DestinationKey.at("198.51.100.2", 80)

RULES = """\
-A -t 192.0.2.10:80 -s sh -p 300 -M 255.255.255.0 --pe sip -b sh-fallback,sh-port
-a -t 192.0.2.10:80 -r 198.51.100.1:80 -g -w 1
-a -t 192.0.2.10:80 -r 198.51.100.2:80 -i -w 0 --tun-type gue --tun-port 6080 --tun-remcsum
-A -u [2001:db8::10]:53 -s rr -p 60 -M 64 -o
-a -u [2001:db8::10]:53 -r [2001:db8::1]:5353 -m -w 65535
-a -u [2001:db8::10]:53 -r 198.51.100.1:53 -i -w 2 --tun-type gre --tun-csum
-A -f -1 -s mh -b\x20
-a -f -1 -r 198.51.100.1:0 -i -w 1 --tun-type ipip
-A -f 5 -6 -s wlc -b flag-1,flag-3
-A --xxx-service 192.0.2.10:80 -s wlc
"""
PLAIN = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  192.0.2.10:80 sh (sh-fallback,sh-port) persistent 300 mask 255.255.255.0 pe sip
  -> 198.51.100.1:80              Local   1      0          0         \x20
  -> 198.51.100.2:80              Tunnel  0      0          0         \x20
UDP  [2001:db8::10]:53 rr persistent 60 mask 64 ops
  -> [2001:db8::1]:5353           Masq    65535  0          0         \x20
  -> 198.51.100.1:53              Tunnel  2      0          0         \x20
FWM  -1 mh ()
  -> 198.51.100.1:0               Tunnel  1      0          0         \x20
FWM  5 IPv6 wlc (flag-1,flag-3)
?    192.0.2.10:80 wlc
"""
THRESHOLDS = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn \x20
  -> RemoteAddress:Port
TCP  192.0.2.10:80 sh (sh-fallback,sh-port) persistent 300 mask 255.255.255.0 pe sip
  -> 198.51.100.1:80              2147483647 100        0          0         \x20
  -> 198.51.100.2:80              0          0          0          0         \x20
UDP  [2001:db8::10]:53 rr persistent 60 mask 64 ops
  -> [2001:db8::1]:5353           5          0          0          0         \x20
  -> 198.51.100.1:53              0          0          0          0         \x20
FWM  -1 mh ()
  -> 198.51.100.1:0               0          0          0          0         \x20
FWM  5 IPv6 wlc (flag-1,flag-3)
?    192.0.2.10:80 wlc
"""


def read(rules=RULES, plain=PLAIN, thresholds=THRESHOLDS):
    return ipvsadm_text.complete(
        ipvsadm_text.parse_rules(rules), ipvsadm_text.parse_listing(plain), ipvsadm_text.parse_listing(thresholds)
    )


def test_services():
    table = read()
    unknown = ServiceKey("ipv4", "unknown", "192.0.2.10", 80)
    assert {key: entry.service for key, entry in table.items()} == {
        WEB: Service(WEB, "sh", 3, 300, "255.255.255.0", "sip"),
        SIX: Service(SIX, "rr", 0, 60, "64", one_packet=True),
        MARK: Service(MARK, "mh"),
        MARK6: Service(MARK6, "wlc", 5),
        unknown: Service(unknown),
    }


def test_real_servers():
    table = read()
    found = [destination for entry in table.values() for destination in entry.destinations.values()]
    assert found == [
        Destination(ONE, "local", 1, 2**31 - 1, 100),
        Destination(TWO, "tunnel", 0, 0, 0, "gue", 6080, "remcsum"),
        Destination(DestinationKey.at("2001:db8::1", 5353), "masquerade", 65535, 5),
        Destination(DestinationKey.at("198.51.100.1", 53), "tunnel", 2, 0, 0, "gre", 0, "csum"),
        Destination(DestinationKey.at("198.51.100.1", 0), "tunnel", 1),
    ]


def test_an_empty_table():
    empty = "IP Virtual Server version 1.2.1 (size=4096)\n" + "\n".join(PLAIN.splitlines()[1:3])
    assert read("", empty, empty) == {}


@pytest.mark.parametrize("line", range(4, 13))
@pytest.mark.parametrize("which", ["plain", "thresholds"])
def test_a_torn_reading_is_noticed(which, line):
    lines = {"plain": PLAIN, "thresholds": THRESHOLDS}[which].splitlines(keepends=True)
    assert read(**{which: "".join([*lines[: line - 1], "FWM  77 rr\n"])}) is None


def test_a_number_that_the_kernel_accepted_stays_readable():
    rules = "-A -t 192.0.2.10:80 -s wlc\n-a -t 192.0.2.10:80 -r 198.51.100.1:80 (null) -w 1\n"
    plain = "TCP  192.0.2.10:80 wlc\n  -> 198.51.100.1:80              (null)  1      0          0\n"
    thresholds = "TCP  192.0.2.10:80 wlc\n  -> 198.51.100.1:80              0          0          0          0\n"
    assert read(rules, plain, thresholds)[WEB].destinations[ONE].forward == "unknown"


def test_tunnels_of_older_versions():
    rules = "-A -t 192.0.2.10:80 -s wlc\n-a -t 192.0.2.10:80 -r 198.51.100.1:80 -i -w 1\n"
    assert ipvsadm_text.parse_rules(rules)[WEB].destinations[ONE] == Destination(ONE, "tunnel")


@pytest.mark.parametrize("rule", ["-X -t 192.0.2.10:80", "-A -s wlc", "-A -t web.example:80 -s wlc", "-A -t 192.0.2.10:80"])
def test_a_rule_that_is_not_understood_is_named(rule):
    with pytest.raises(TransportError, match="not understood: " + rule):
        ipvsadm_text.parse_rules(rule + "\n")


@pytest.mark.parametrize("line", ["TCP  web.example:http rr", "FWM  one rr", "TCP"])
def test_a_listing_that_is_not_understood_is_named(line):
    with pytest.raises(TransportError, match="not understood: " + line):
        ipvsadm_text.parse_listing(line + "\n")


STATS = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  192.0.2.10:80                      12      345        0 12345678901234        0
  -> 198.51.100.1:80                    12      345        0 12345678901234        0
FWM  -1                                  0        0        0        0        0
FWM  5 IPv6                              1        2        3        4        5
"""
RATE = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS
  -> RemoteAddress:Port
TCP  192.0.2.10:80                       1       20        0     3000        0
  -> 198.51.100.1:80                     1       20        0     3000        0
FWM  -1                                  0        0        0        0        0
FWM  5 IPv6                              6        7        8        9       10
"""
PERSISTENT = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn \x20
  -> RemoteAddress:Port
TCP  192.0.2.10:80 wlc persistent 300
  -> 198.51.100.1:80              1         3           5          7         \x20
  -> 198.51.100.2:80              1         0           0          0         \x20
FWM  -1 rr
FWM  5 IPv6 rr
"""


def test_statistics():
    found = ipvsadm_text.statistics(*(ipvsadm_text.parse_listing(text) for text in (STATS, RATE, PERSISTENT)))
    counters = Counters(12, 345, 0, 12345678901234, 0, 1, 20, 0, 3000, 0)
    assert set(found) == {WEB, MARK, MARK6}
    assert found[WEB].counters == counters
    # The second real server came after the first listing.
    assert set(found[WEB].destinations) == {ONE}
    assert found[WEB].destinations[ONE].counters == counters
    assert found[WEB].destinations[ONE].connections == Connections(active=5, inactive=7, persistent=3)
    assert found[MARK6].counters == Counters(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)


CALLS = {
    "create service": (Action(WEB, None, None, Service(WEB)), "-A -t 192.0.2.10:80 -s wlc"),
    "edit service": (
        Action(WEB, None, Service(WEB), Service(WEB, "sh", 3, 300, "255.255.255.0", "sip")),
        "-E -t 192.0.2.10:80 -s sh -p 300 -M 255.255.255.0 --pe sip -b flag-1,flag-2",
    ),
    "ipv6": (
        Action(SIX, None, None, Service(SIX, "rr", 0, 60, "64", one_packet=True)),
        "-A -u [2001:db8::10]:53 -s rr -p 60 -M 64 -o",
    ),
    "fwmark": (Action(MARK, None, None, Service(MARK)), "-A -f 4294967295 -s wlc"),
    "fwmark of ipv6": (Action(MARK6, None, Service(MARK6), None), "-D -f 5 -6"),
    "sctp": (
        Action(ServiceKey.at("sctp", "192.0.2.10", 3868), None, None, Service(ServiceKey.at("sctp", "192.0.2.10", 3868))),
        "-A --sctp-service 192.0.2.10:3868 -s wlc",
    ),
    "create server": (Action(WEB, ONE, None, Destination(ONE)), "-a -t 192.0.2.10:80 -r 198.51.100.1:80 -g -w 1 -x 0 -y 0"),
    "edit server": (
        Action(WEB, ONE, Destination(ONE), Destination(ONE, "tunnel", 0, 20, 10, "gue", 6080, "csum")),
        "-e -t 192.0.2.10:80 -r 198.51.100.1:80 -i -w 0 -x 20 -y 10 --tun-type gue --tun-port 6080 --tun-csum",
    ),
    "delete server": (Action(WEB, ONE, Destination(ONE), None), "-d -t 192.0.2.10:80 -r 198.51.100.1:80"),
}


@pytest.mark.parametrize("name", sorted(CALLS))
def test_calls(name):
    action, expected = CALLS[name]
    assert " ".join(ipvsadm_text.arguments(action)) == expected
