# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every field with every value that matters, written over both ways and read over both ways."""

from __future__ import annotations

from dataclasses import replace

from ipvs.errors import UnknownNameError
from ipvs.ipvsadm import NotExpressibleError
from ipvs.kernel_modules import KernelModules
from ipvs.model import Destination, DestinationKey, Service, ServiceKey
from kernel import BOTH, IPVSADM, NETLINK, assert_equal, bring, entry, refusal, seen, step, table

VIPS = ("192.0.2.10", "2001:db8::10")
NETWORKS = {"ipv4": "198.51.100.%d", "ipv6": "2001:db8:1::%d"}
KEYS = [
    *(ServiceKey.at(protocol, vip, 5060) for protocol in ("tcp", "udp", "sctp") for vip in VIPS),
    *(ServiceKey.marked(mark, family) for mark in (1, 2**31, 2**32 - 1) for family in NETWORKS),
]
# Port 0 is every port, which needs persistence.
EVERY_PORT = [ServiceKey.at("tcp", vip, 0) for vip in VIPS]
# For what does not depend on how a service is known.
FEW = [KEYS[0], KEYS[1], ServiceKey.marked(2**31, "ipv6")]
TUNNELS = [
    {"tunnel_type": "ipip"},
    {"tunnel_type": "gue", "tunnel_port": 6080},
    {"tunnel_type": "gue", "tunnel_port": 65535, "tunnel_checksum": "csum"},
    {"tunnel_type": "gue", "tunnel_port": 1, "tunnel_checksum": "remcsum"},
    {"tunnel_type": "gre"},
    {"tunnel_type": "gre", "tunnel_checksum": "csum"},
]
# ipvsadm has no option for local real servers; it shows them all the same.
FORWARDS = [
    {"forward": "masquerade"},
    {"forward": "direct"},
    {"forward": "local"},
    *({"forward": "tunnel", **tunnel} for tunnel in TUNNELS),
]
WEIGHTS_AND_THRESHOLDS = [
    {"weight": 0},
    {"weight": 65535},
    {"upper_threshold": 1},
    {"upper_threshold": 2**31 - 1, "lower_threshold": 2**31 - 1},
    {"upper_threshold": 1000, "lower_threshold": 1},
]


def real_servers(key, forms, network=None, port=None):
    """One real server of each form."""
    network = network or NETWORKS[key.family]
    port = key.port if port is None else port
    return [Destination(DestinationKey.at(network % number, port), **form) for number, form in enumerate(forms, 1)]


def every_combination(key, forwards):
    other = NETWORKS["ipv4" if key.family == "ipv6" else "ipv6"]
    persistent = {} if key.port or key.fwmark else {"persistence_timeout": 300}
    forms = [*forwards, *({"forward": "masquerade", **form} for form in WEIGHTS_AND_THRESHOLDS)]
    rewritten = real_servers(key, [{"forward": "masquerade"}], port=8080) if key.port or key.fwmark else []
    crossing = real_servers(key, [form for form in forms if form["forward"] == "tunnel"], network=other)
    return entry(Service(key, **persistent), [*real_servers(key, forms), *rewritten, *crossing])


def without(forward):
    return [form for form in FORWARDS if form["forward"] != forward]


def check_create_and_delete_over_netlink():
    want = table(*(every_combination(key, FORWARDS) for key in (*KEYS, *EVERY_PORT)))
    step(NETLINK, want)
    step(NETLINK, {})


def check_create_and_delete_over_ipvsadm():
    want = table(*(every_combination(key, without("local")) for key in (*KEYS, *EVERY_PORT)))
    step(IPVSADM, want)
    assert not bring(NETLINK, want).plan.changed
    step(IPVSADM, {})


def check_a_real_server_becomes_every_other_form():
    """Each forwarding method and tunnel from each other one, so that nothing of the old form stays behind."""
    for transport, forms in ((NETLINK, FORWARDS), (IPVSADM, without("local"))):
        for shift in range(len(forms)):
            turned = [*forms[shift:], *forms[:shift]]
            step(transport, table(*(entry(Service(key), real_servers(key, turned)) for key in FEW)))
        step(transport, {})


def check_weights_and_thresholds_one_after_the_other():
    plain = [{"forward": "masquerade"}]
    for transport in BOTH:
        for form in WEIGHTS_AND_THRESHOLDS:
            step(transport, table(*(entry(Service(key), real_servers(key, [{**plain[0], **form}])) for key in FEW)))
        step(transport, table(*(entry(Service(key), real_servers(key, plain)) for key in FEW)))
        step(transport, {})


def check_weights_beyond_those_of_ipvsadm():
    def with_weight(weight):
        return table(*(entry(Service(key), real_servers(key, [{"weight": weight}])) for key in FEW))

    for weight in (65536, 2**31 - 1):
        step(NETLINK, with_weight(weight))
    for weight in (65537, 2**31 - 2):
        assert "ipvsadm takes a weight of at most 65535; backend=netlink can do it" in refusal(
            NotExpressibleError, bring, IPVSADM, with_weight(weight)
        )
    assert_equal(seen(), with_weight(2**31 - 1), "the kernel has", "wanted")


def check_ipvsadm_says_that_it_has_no_local_real_servers():
    want = table(*(entry(Service(key), real_servers(key, [{"forward": "local"}])) for key in FEW))
    assert "ipvsadm has no option for forward=local; backend=netlink can do it" in refusal(
        NotExpressibleError, bring, IPVSADM, want
    )
    assert seen() == {}, "something was written before the refusal"
    # What is there can be removed.
    step(NETLINK, want)
    step(IPVSADM, {})


def check_addresses_of_the_director_keep_their_forwarding_method():
    """The kernel knows that they are its own when it forwards, and not before."""
    key = KEYS[0]
    here = [
        Destination(DestinationKey.at(address, key.port), forward=forward)
        for address, forward in (("127.0.0.1", "masquerade"), ("10.0.0.21", "direct"))
    ]
    for transport in BOTH:
        step(transport, table(entry(Service(key), here)))
        step(transport, {})


def check_every_scheduler_of_this_kernel():
    schedulers = KernelModules().schedulers()
    assert {"rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh"} <= {*schedulers}
    forms = [{"weight": 3}, {"weight": 1}, {"weight": 0}]
    for transport in BOTH:
        for scheduler in schedulers:
            if {scheduler} != {service.service.scheduler for service in seen().values()}:
                step(transport, table(*(entry(Service(key, scheduler), real_servers(key, forms)) for key in FEW)))
        step(transport, {})


def check_scheduler_flags():
    for transport in BOTH:
        for scheduler in ("rr", "sh", "mh"):
            # The third has no name with sh and mh, so ipvsadm does not print it.
            for flags in range(4 if scheduler in ("sh", "mh") else 8):
                step(transport, table(*(entry(Service(key, scheduler, scheduler_flags=flags)) for key in FEW)))
        step(transport, {})


def check_the_flag_that_ipvsadm_does_not_show():
    for scheduler in ("sh", "mh"):
        want = table(*(entry(Service(key, scheduler, scheduler_flags=7)) for key in FEW))
        said = refusal(NotExpressibleError, bring, IPVSADM, want)
        assert f"ipvsadm does not show flag-3 of the scheduler {scheduler}; backend=netlink can do it" in said
        assert NETLINK.read_all() == {}
        bring(NETLINK, want)
        assert NETLINK.read_all() == want
        shown = {key: entry(replace(item.service, scheduler_flags=3)) for key, item in want.items()}
        assert_equal(IPVSADM.read_all(), shown, "ipvsadm reads", "known to be shown")
        bring(NETLINK, {})


def check_a_scheduler_that_this_kernel_does_not_have():
    for transport in BOTH:
        said = refusal(UnknownNameError, bring, transport, table(entry(Service(KEYS[0], "fastest"))))
        assert "this kernel has no scheduler 'fastest'; it has dh, fo, lblc, " in said
        said = refusal(UnknownNameError, bring, transport, table(entry(Service(KEYS[0], persistence_engine="sap"))))
        assert "this kernel has no persistence_engine 'sap'; it has sip" in said
        assert seen() == {}


def check_persistence():
    changes = [
        {"persistence_timeout": 1},
        {"persistence_timeout": 31 * 24 * 3600},
        {"persistence_timeout": 300, "persistence_engine": "sip"},
        {"persistence_timeout": 300},
        {},
    ]
    netmasks = {"ipv4": ("255.255.255.0", "255.255.255.254", "128.0.0.0"), "ipv6": ("64", "127", "1")}
    for transport in BOTH:
        for change in changes:
            step(transport, table(*(entry(Service(key, **change), real_servers(key, FORWARDS[:1])) for key in FEW)))
        for place in range(3):
            step(
                transport,
                table(
                    *(
                        entry(Service(key, persistence_timeout=300, persistence_netmask=netmasks[key.family][place]))
                        for key in FEW
                    )
                ),
            )
        step(transport, {})


def check_one_packet():
    keys = [key for key in KEYS if key.protocol == "udp" or key.fwmark]
    for transport in BOTH:
        for one_packet in (True, False, True):
            step(transport, table(*(entry(Service(key, "rr", one_packet=one_packet)) for key in keys)))
        # Beside the other flags of a service.
        for change in ({"persistence_timeout": 60}, {"scheduler": "mh", "scheduler_flags": 3}, {}):
            step(transport, table(*(entry(Service(key, **{"one_packet": True, **change})) for key in keys)))
        step(transport, {})


def check_what_one_way_wrote_the_other_edits():
    steps = [
        table(*(entry(Service(key, "wrr"), real_servers(key, without("local"))) for key in FEW)),
        table(*(entry(Service(key, "mh", scheduler_flags=2), real_servers(key, without("local")[::-1])) for key in FEW)),
        table(*(entry(Service(key, persistence_timeout=60), real_servers(key, [{"weight": 9}])) for key in FEW[1:])),
        {},
    ]
    for start in range(2):
        for number, want in enumerate(steps):
            step(BOTH[(start + number) % 2], want)
