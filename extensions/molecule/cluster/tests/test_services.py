# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a service of the inventory can be, in one cluster: schedulers, protocols, marks, IPv6, tunnels, and modes beside each other."""

from __future__ import annotations

import json
import shlex
from collections import Counter

import pytest
from whole_cluster import SUPPORT, whole

NEAR = ("web1", "web2")
ALL_SERVERS = ("web1", "web2", "web3")
# Not every scheduler looks at them.
WEIGHTS = {"web1": 3, "web2": 1, "web3": 1}
GROUPS = {NEAR: "near_real_servers", ALL_SERVERS: "real_servers", ("web3",): "remote_real_servers"}
TCP, UDP, SCTP = 8080, 5300, 5400
MARKED = (8081, 8082)
GUE = 6080

# What is to be seen of eight requests that follow each other, with nobody else asking.
SCHEDULERS = {
    "rr": lambda seen: seen == ["web2", "web1"] * 4 or seen == ["web1", "web2"] * 4,
    "wrr": lambda seen: Counter(seen) == {"web1": 6, "web2": 2},
    "lc": lambda seen: set(seen) == set(NEAR),
    "wlc": lambda seen: set(seen) == set(NEAR) and Counter(seen)["web1"] > 4,
    "lblc": lambda seen: len(set(seen)) == 1,
    "lblcr": lambda seen: len(set(seen)) == 1,
    "dh": lambda seen: len(set(seen)) == 1,
    "sh": lambda seen: len(set(seen)) == 1,
    "mh": lambda seen: len(set(seen)) == 1,
    "sed": lambda seen: seen.count("web1") > 4,
    "nq": lambda seen: set(seen) <= set(NEAR),
    "fo": lambda seen: seen == ["web1"] * 8,
    "ovf": lambda seen: seen == ["web1"] * 8,
}


def vip(last: int, family: int = 4) -> str:
    return f"10.0.0.{last}" if family == 4 else f"fd00:f::{last}"


def service(
    name: str, mode: str, last: int, servers: tuple[str, ...] = NEAR, family: int = 4, **keys: object
) -> dict[str, object]:
    usual = {
        "name": name,
        "mode": mode,
        "vip": vip(last, family),
        "port": TCP,
        "scheduler": "rr",
        "real_servers": GROUPS[servers],
    }
    return {**usual, **keys}


MODES = {"nat": (130, NEAR), "dr": (131, NEAR), "tun": (132, ALL_SERVERS), "fullnat": (133, ALL_SERVERS)}
TUNNELS = {
    "gue": (136, {"tunnel_type": "gue", "tunnel_port": GUE}, f"udp dst port {GUE} and udp[6:2] = 0"),
    "gue csum": (
        137,
        {"tunnel_type": "gue", "tunnel_port": GUE, "tunnel_checksum": "csum"},
        f"udp dst port {GUE} and udp[6:2] != 0",
    ),
    # The length of the optional fields is not 0: they have what the checksum was taken from.
    "gue remcsum": (
        138,
        {"tunnel_type": "gue", "tunnel_port": GUE, "tunnel_checksum": "remcsum"},
        f"udp dst port {GUE} and udp[8] & 0x1f != 0",
    ),
    "gre": (139, {"tunnel_type": "gre"}, "ip proto 47 and ip[20] & 0x80 = 0"),
}
SERVICES = [
    # The web servers listen where the first service over TCP sends to.
    service("web", "fullnat", 129, ALL_SERVERS, port=80),
    *(service(name, "nat", 130, port=8100 + at, real_port=TCP, scheduler=name) for at, name in enumerate(SCHEDULERS)),
    service("persistent", "nat", 130, port=8200, real_port=TCP, persistence_timeout=60),
    service(
        "persistent network", "nat", 130, port=8201, real_port=TCP, persistence_timeout=60, persistence_netmask="255.255.255.0"
    ),
    service("sh-port", "nat", 130, port=8202, real_port=TCP, scheduler="sh", scheduler_flags=["sh-port"]),
    service("mh-port", "nat", 130, port=8203, real_port=TCP, scheduler="mh", scheduler_flags=["mh-port"]),
    service("threshold", "nat", 130, port=8204, real_port=TCP, upper_threshold=1),
    service("one packet", "dr", 135, port=UDP, protocol="udp", one_packet=True),
    service("mark", "nat", 134, fwmark=7, ports=list(MARKED), persistence_timeout=60, port=None),
    service("mark dr", "dr", 135, fwmark=8, ports=list(MARKED), port=None),
    *(service(mode, mode, last, servers) for mode, (last, servers) in MODES.items()),
    *(service(f"{mode} udp", mode, last, servers, port=UDP, protocol="udp") for mode, (last, servers) in MODES.items()),
    *(service(f"{mode} sctp", mode, last, servers, port=SCTP, protocol="sctp") for mode, (last, servers) in MODES.items()),
    *(service(name, "tun", last, ("web3",), **keys) for name, (last, keys, _way) in TUNNELS.items()),
    service("web6", "nat", 129, NEAR, 6, port=80),
    # web3 has no lvs_rip6, so what is to reach it goes inside of IPv4.
    *(service(f"{mode} ipv6", mode, last, NEAR, 6) for mode, (last, _servers) in MODES.items()),
    *(service(f"{mode} ipv6 udp", mode, last, NEAR, 6, port=UDP, protocol="udp") for mode, (last, _servers) in MODES.items()),
    service("mark ipv6", "nat", 134, NEAR, 6, fwmark=7, ports=list(MARKED), port=None),
    service("tun ipv6 over ipv4", "tun", 145, ("web3",), 6),
    *(service(f"{name} ipv6 over ipv4", "tun", last, ("web3",), 6, **keys) for name, (last, keys, _way) in TUNNELS.items()),
    *(service(f"{name} ipv6 over ipv6", "tun", last + 10, NEAR, 6, **keys) for name, (last, keys, _way) in TUNNELS.items()),
]
BY_NAME = {each["name"]: each for each in SERVICES}

# The lab speaks IPv4. For these tests its cards get more: host, card, address, and the way out.
IPV6 = {
    "client1": (("front", "fd00:f::201", "fd00:f::1"),),
    "director1": (("front", "fd00:f::128", "fd00:f::1"), ("back", "fd00:b::152", "")),
    "router1": (("front", "fd00:f::1", ""), ("back", "fd00:b::1", ""), ("remote", "fd00:c::1", "")),
    "web1": (("back", "fd00:b::148", "fd00:b::1"),),
    "web2": (("back", "fd00:b::137", "fd00:b::1"),),
    "web3": (("remote", "fd00:c::13", "fd00:c::1"),),
}
INTERFACES = "/etc/network/interfaces.d/services"
HOST_VARIABLES = {
    "director1": {"lvs_dip6": "fd00:b::152"},
    "web1": {"lvs_rip6": "fd00:b::148", "lvs_weight": WEIGHTS["web1"]},
    "web2": {"lvs_rip6": "fd00:b::137", "lvs_weight": WEIGHTS["web2"]},
}


@pytest.fixture(scope="module")
def declared(tmp_path_factory) -> tuple[str, ...]:
    """What is added to a run of site.yml so that it knows the services of this file."""
    folder = tmp_path_factory.mktemp("services")
    inventory, variables = folder / "hosts.yml", folder / "services.json"
    inventory.write_text(json.dumps({"all": {"hosts": HOST_VARIABLES, "vars": {"lvs_back_network6": "fd00:b::/64"}}}))
    variables.write_text(json.dumps({"lvs_services": SERVICES}))
    return "-i", str(inventory), "-e", f"@{variables}"


@pytest.fixture(scope="module", autouse=True)
def services(lab, cluster, declared):
    """The cluster with all of them. The cards keep what they get for it."""
    cluster.mode = ""
    try:
        for host in IPV6:
            speak_ipv6(lab, host)
        says, asks = ((SUPPORT / name).read_text(encoding="utf-8") for name in ("says_name.py", "asks_name.py"))
        ports = " ".join([*(f"tcp:{port}" for port in (TCP, *MARKED)), f"udp:{UDP}", f"sctp:{SCTP}"])
        for host in ALL_SERVERS:
            # A run that was killed may have left one.
            lab[host].check_output("systemctl stop says_name; printf %%s %s > /run/says_name.py", says)
            lab[host].check_output(f"systemd-run --quiet --collect --unit=says_name python3 /run/says_name.py {ports}")
        lab["client1"].check_output("printf %%s %s > /run/asks_name.py", asks)
        made = lab.play("site.yml", *declared)
        assert made.code == 0, made.messages
        yield
    finally:
        for host in ALL_SERVERS:
            lab[host].run("systemctl stop says_name")


def speak_ipv6(lab, host: str) -> None:
    stanzas, commands = [], []
    for card, address, router in IPV6[host]:
        way = f"    gateway {router}\n" if router else ""
        stanzas.append(f"iface {card} inet6 static\n    address {address}/64\n    dad-attempts 0\n{way}")
        commands.append(f"ip -6 address replace {address}/64 dev {card} nodad")
        commands += [f"ip -6 route replace default via {router}"] if router else []
    lab[host].check_output(f"printf %%s %s > {INTERFACES} && {' && '.join(commands)}", "".join(stanzas))


def answers(lab, name: str, number: int = 8, port: int = 0, source: int = 0) -> list[str]:
    """Who answers at a service, each time over a connection of its own."""
    asked = BY_NAME[name]
    words = [asked.get("protocol", "tcp"), asked["vip"], port or asked["port"], number, *([source] if source else [])]
    return lab["client1"].check_output(f"python3 /run/asks_name.py {' '.join(map(str, words))}").split()


def in_turns(seen: list[str], servers: tuple[str, ...]) -> bool:
    """Whether each answers as often, one after the other. Of two rounds, so that it is seen who comes after the last one."""
    return set(seen) == set(servers) and seen == seen[: len(servers)] * (len(seen) // len(servers))


@pytest.mark.parametrize("name", SCHEDULERS)
def test_each_scheduler_does_what_it_is_for(lab, name):
    assert SCHEDULERS[name](answers(lab, name))
    assert f"ip_vs_{name}" in lab["director1"].check_output("ls /sys/module")


@pytest.mark.parametrize("name", ["persistent", "persistent network"])
def test_persistence_keeps_a_client_where_it_is(lab, name):
    """Round robin would not."""
    assert len(set(answers(lab, name))) == 1


@pytest.mark.parametrize("name", ["sh-port", "mh-port"])
def test_a_flag_has_the_client_s_port_count(lab, name):
    """Without it each client has one real server (above)."""
    assert set(answers(lab, name, 30)) == set(NEAR)


def test_a_real_server_at_its_threshold_gets_no_more(lab):
    script = f"""
import socket
held = []
for _time in range(4):
    try:
        held.append(socket.create_connection(("{vip(130)}", {BY_NAME["threshold"]["port"]}), 5))
        print(held[-1].recv(100).decode().strip())
    except OSError:
        print("refused")
"""
    seen = lab["client1"].check_output(f"python3 -c {shlex.quote(script)}").split()
    assert (sorted(seen[:2]), seen[2:]) == (["web1", "web2"], ["refused", "refused"])


@pytest.mark.parametrize("kind", ["", " udp", " sctp", " ipv6", " ipv6 udp"])
@pytest.mark.parametrize("mode", MODES)
def test_each_protocol_in_each_mode_beside_the_others(lab, mode, kind):
    name = mode + kind
    servers = NEAR if "ipv6" in name else MODES[mode][1]
    assert in_turns(answers(lab, name, 2 * len(servers)), servers)


def test_one_packet_of_a_client_is_not_bound_to_the_one_before(lab):
    """From one and the same port, which stands for one connection otherwise."""
    assert len(set(answers(lab, "dr udp", 4, source=4000))) == 1
    assert in_turns(answers(lab, "one packet", 4, source=4001), NEAR)


@pytest.mark.parametrize("name", ["mark", "mark dr", "mark ipv6"])
def test_a_mark_makes_several_ports_one_service(lab, name):
    first, second = (answers(lab, name, 4, port) for port in MARKED)
    if BY_NAME[name].get("persistence_timeout"):
        assert len({*first, *second}) == 1
    else:
        assert in_turns(first, NEAR)
        assert in_turns(second, NEAR)


@pytest.mark.parametrize("name", TUNNELS)
def test_a_tunnel_of_each_type(lab, name):
    _last, _keys, way = TUNNELS[name]
    with lab.capture("director1", "front", f"{way} and dst host 172.25.3.13") as packets:
        assert set(answers(lab, name, 4)) == {"web3"}
    assert packets


@pytest.mark.parametrize("name", [name for name in BY_NAME if "ipv6 over" in str(name)])
def test_ipv6_through_a_tunnel(lab, name):
    servers = NEAR if "over ipv6" in name else ("web3",)
    assert in_turns(answers(lab, name, 4), servers)


@pytest.mark.parametrize("url", [f"http://{vip(129)}", f"http://[{vip(129, 6)}]"])
def test_the_web_servers_are_found_over_both_families(lab, url):
    assert set(lab.requests("client1", url, 6)) >= set(NEAR)


@whole
def test_all_of_it_is_there_after_a_reboot(lab, declared):
    table = lab["director1"].check_output("ipvsadm -Sn")
    lab.reboot("director1")
    assert lab["director1"].check_output("ipvsadm -Sn") == table
    loaded = lab["director1"].check_output("ls /sys/module").split()
    assert {f"ip_vs_{name}" for name in SCHEDULERS} <= set(loaded)
    for name in (*MODES, "wrr", "mark", "nat sctp", "nat ipv6", "tun ipv6 over ipv4"):
        assert answers(lab, name, 2, MARKED[0] if name == "mark" else 0)
    assert lab.play("site.yml", *declared).changes == []
