# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table over ipvsadm: any table there and back, one call for each operation, and its refusals as the kernel's."""

from __future__ import annotations

import errno
from dataclasses import replace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import ipvsadm
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import (
    KernelError,
    ModuleMissingError,
    TransportError,
    UnknownNameError,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.executor import reconcile
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.ipvsadm import Ipvsadm, NotExpressibleError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.ipvsadm_table import READ_ATTEMPTS, IpvsadmTransport
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.plan import Action, Policy, make_plan
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.fake_ipvsadm import FakeIpvsadm
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

law = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

WEB = ServiceKey.at("tcp", "192.0.2.10", 80)
ONE = DestinationKey.at("198.51.100.1", 80)
SERVICE_KEYS = [
    WEB,
    ServiceKey.at("udp", "192.0.2.9", 53),
    ServiceKey.at("sctp", "192.0.2.9", 3868),
    ServiceKey.at("tcp", "2001:db8::10", 80),
    ServiceKey.marked(1),
    ServiceKey.marked(2**32 - 1),
    ServiceKey.marked(2**31, "ipv6"),
]


class Modules:
    """The kernel's modules, present or not."""

    def __init__(self, present=True):
        self.present = present
        self.loaded = 0

    def ip_vs_present(self):
        return self.present

    def load_ip_vs(self):
        self.loaded += 1
        self.present = True

    def schedulers(self):
        return ["rr", "wlc"]

    def engines(self):
        return ["sip"]


def transport(run, modules=None, load_module=True, allowed=True):
    return IpvsadmTransport(program=Ipvsadm(load_module, modules or Modules(), run, lambda: allowed))


def tunnels():
    checksum = st.sampled_from(["none", "csum"])
    return st.one_of(
        st.fixed_dictionaries({"forward": st.just("tunnel")}),
        st.fixed_dictionaries({"forward": st.just("tunnel"), "tunnel_type": st.just("gre"), "tunnel_checksum": checksum}),
        st.fixed_dictionaries(
            {
                "forward": st.just("tunnel"),
                "tunnel_type": st.just("gue"),
                "tunnel_port": st.integers(1, 65535),
                "tunnel_checksum": st.sampled_from(["none", "csum", "remcsum"]),
            }
        ),
    )


@st.composite
def destinations(draw, service):
    family = draw(st.sampled_from(["ipv4", "ipv6"]))
    host = draw(st.integers(1, 4))
    ways = [tunnels()]
    if family == service.family:
        ways += [st.just({"forward": "direct"}), st.just({"forward": "masquerade"})]
    way = draw(st.one_of(*ways))
    port = draw(st.sampled_from([80, 8080])) if way["forward"] == "masquerade" or service.fwmark else service.port
    key = DestinationKey.at(f"198.51.100.{host}" if family == "ipv4" else f"2001:db8::{host}", port)
    weight = draw(st.sampled_from([0, 1, 65535]))
    upper = draw(st.sampled_from([0, 10, 2**31 - 1]))
    return Destination(key, weight=weight, upper_threshold=upper, lower_threshold=min(upper, 5), **way)


@st.composite
def entries(draw, key):
    scheduler = draw(st.sampled_from(["rr", "wlc", "sh", "mh"]))
    masks = ["255.255.255.0", "0.0.0.0", ""] if key.family == "ipv4" else ["1", "64", ""]
    service = Service(
        key,
        scheduler=scheduler,
        scheduler_flags=draw(st.integers(0, 3 if scheduler in ("sh", "mh") else 7)),
        persistence_timeout=draw(st.sampled_from([0, 1, 2678400])),
        persistence_netmask=draw(st.sampled_from(masks)),
        persistence_engine=draw(st.sampled_from(["", "sip"])),
        one_packet=draw(st.booleans()),
    )
    found = draw(st.lists(destinations(key), max_size=4))
    return Entry(service, {destination.key: destination for destination in found})


@st.composite
def tables(draw):
    return {key: draw(entries(key)) for key in draw(st.sets(st.sampled_from(SERVICE_KEYS)))}


def everything(table):
    return Policy(frozenset(table), frozenset((key, name) for key, entry in table.items() for name in entry.destinations))


@law
@given(have=tables(), want=tables())
def test_any_table_becomes_any_other_one(have, want):
    fake = FakeIpvsadm()
    over = transport(fake)
    over.apply(make_plan({}, have, Policy()).actions)
    assert over.read_all() == have
    plan = make_plan(have, want, everything(have))
    fake.calls.clear()
    over.apply(plan.actions)
    assert len(fake.calls) == len(plan.actions)
    assert over.read_all() == want


def test_only_the_wanted_services_are_read():
    fake = FakeIpvsadm()
    over = transport(fake)
    table = {key: Entry(Service(key), {}) for key in SERVICE_KEYS}
    over.apply(make_plan({}, table, Policy()).actions)
    assert over.read([WEB, ServiceKey.marked(7)]) == {WEB: table[WEB]}


def test_reading_without_the_module_runs_nothing():
    def run(argv):
        raise AssertionError("ipvsadm would load the module")

    over = transport(run, Modules(present=False))
    assert over.read_all() == {}
    assert over.read([WEB]) == {}
    assert over.statistics([WEB]) == {}


def test_writing_loads_the_module_before():
    modules = Modules(present=False)
    transport(FakeIpvsadm(), modules).apply([Action(WEB, None, None, Service(WEB))])
    assert modules.loaded == 1


def test_writing_does_not_load_the_module_against_the_users_will():
    fake, modules = FakeIpvsadm(), Modules(present=False)
    with pytest.raises(ModuleMissingError):
        transport(fake, modules, load_module=False).apply([Action(WEB, None, None, Service(WEB))])
    assert (fake.calls, modules.loaded) == ([], 0)


DIRECT = Destination(ONE)
REFUSALS = {
    "weight": (WEB, replace(DIRECT, weight=65536), "weight of at most 65535"),
    "local": (WEB, replace(DIRECT, forward="local"), "no option for forward=local"),
    "unknown forward": (WEB, replace(DIRECT, forward="unknown"), "no option for forward=unknown"),
    "port": (WEB, Destination(DestinationKey.at("198.51.100.1", 8080)), "would use port 80 in silence"),
    "tunnel": (WEB, Destination(ONE, "tunnel", tunnel_type="9"), "no option for 9"),
    "timeout": (WEB, Service(WEB, persistence_timeout=2678401), "at most 2678400"),
    "flag": (WEB, Service(WEB, scheduler="mh", scheduler_flags=4), "does not show flag-3"),
    "protocol": (ServiceKey("ipv4", "47", "192.0.2.1", 80), Service(ServiceKey("ipv4", "47", "192.0.2.1", 80)), "protocol"),
}


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_what_it_has_no_words_for_is_refused_before_anything(name):
    service, after, problem = REFUSALS[name]
    fake = FakeIpvsadm()
    action = Action(service, after.key if isinstance(after, Destination) else None, None, after)
    over = transport(fake)
    for refuse in (over.check, over.apply):
        with pytest.raises(NotExpressibleError, match=problem) as caught:
            refuse([Action(WEB, None, None, Service(WEB)), action])
        assert str(caught.value).startswith(str(action))
    assert fake.calls == []


def test_check_mode_foretells_a_refusal():
    heavy = {WEB: Entry(Service(WEB), {ONE: Destination(ONE, weight=65536)})}
    fake = FakeIpvsadm()
    over = transport(fake)
    said = []
    for check_mode in (True, False):
        with pytest.raises(NotExpressibleError, match="weight of at most 65535") as caught:
            reconcile(over, over.read_all, lambda have: (heavy, Policy()), check_mode)
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert over.read_all() == {}


def test_a_fwmark_service_lets_direct_servers_have_any_port():
    key = ServiceKey.marked(1)
    table = {key: Entry(Service(key), {ONE: DIRECT})}
    over = transport(FakeIpvsadm())
    over.apply(make_plan({}, table, Policy()).actions)
    assert over.read_all() == table


SIX = ServiceKey.at("tcp", "2001:db8::10", 80)
LIMITS = {
    "service": Action(SIX, None, None, Service(SIX)),
    "server": Action(
        WEB, DestinationKey.at("2001:db8::1", 80), None, Destination(DestinationKey.at("2001:db8::1", 80), "tunnel")
    ),
    "engine": Action(WEB, None, None, Service(WEB, persistence_engine="sip")),
    "tunnel": Action(WEB, ONE, None, Destination(ONE, "tunnel", tunnel_type="gre")),
}


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_what_is_dropped_in_silence_without_netlink_is_refused(name):
    fake = FakeIpvsadm()
    over = transport(fake, allowed=False)
    for refuse in (over.check, over.apply):
        with pytest.raises(NotExpressibleError, match="without netlink sockets"):
            refuse([LIMITS[name]])
    assert fake.calls == []


def test_ipv6_is_not_taken_for_missing_without_netlink():
    with pytest.raises(NotExpressibleError, match="IPv4 alone"):
        transport(FakeIpvsadm(), allowed=False).read([SIX])
    assert transport(FakeIpvsadm(), allowed=False).read([WEB]) == {}


def answering(words, code=255):
    return lambda argv: (code, "", words)


NEW_SERVICE = Action(WEB, None, None, Service(WEB))
NEW_SERVER = Action(WEB, ONE, None, DIRECT)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("Service not defined\n", errno.ESRCH),
        ("No such service\n", errno.ESRCH),
        ("No such destination\n", errno.ENOENT),
        ("Destination already exists\n", errno.EEXIST),
        ("Service already exists\n", errno.EEXIST),
        ("Memory allocation problem\n", errno.ENOMEM),
        ("Permission denied (you must be root)\n", errno.EPERM),
        (
            "Can't initialize ipvs: Permission denied (you must be root)\nAre you sure that IP Virtual Server is ...\n",
            errno.EPERM,
        ),
        ("Invalid operation.  Possibly wrong module version, address not unicast, ...\n", errno.EINVAL),
        ("Numerical result out of range\n", errno.ERANGE),
        ("Warning: IPVS version mismatch: \n  Kernel compiled with\n\nNo such destination\n", errno.ENOENT),
    ],
)
def test_refusals_have_the_kernels_numbers(words, number):
    with pytest.raises(KernelError) as caught:
        transport(answering(words)).apply([NEW_SERVER])
    assert caught.value.number == number
    assert str(caught.value).startswith("create real server 198.51.100.1:80 of tcp 192.0.2.10:80: ")


def test_an_unknown_scheduler_is_named_with_those_that_exist():
    with pytest.raises(UnknownNameError, match=r"no scheduler 'nonsense'; it has rr, wlc"):
        transport(FakeIpvsadm()).apply([Action(WEB, None, None, Service(WEB, "nonsense"))])


def test_an_unknown_engine_is_named_where_the_scheduler_is_known():
    words = "Scheduler or persistence engine not found\n"
    with pytest.raises(UnknownNameError, match=r"no persistence_engine 'foo'; it has sip"):
        transport(answering(words)).apply([Action(WEB, None, None, Service(WEB, persistence_engine="foo"))])


def test_what_was_made_before_a_refusal_is_told():
    over = transport(FakeIpvsadm())
    with pytest.raises(KernelError) as caught:
        over.apply([NEW_SERVICE, NEW_SERVER, NEW_SERVER])
    assert caught.value.made == (NEW_SERVICE, NEW_SERVER)


def test_other_words_are_passed_on():
    with pytest.raises(TransportError, match=r"create real server .*: ipvsadm -a .* failed \(2\): illegal weight specified"):
        transport(answering("illegal weight specified\n", 2)).apply([NEW_SERVER])


def test_no_ipvs_in_this_namespace():
    with pytest.raises(ModuleMissingError, match="network namespace"):
        transport(answering("Can't initialize ipvs: Protocol not available\nAre you sure\n", 2)).apply([NEW_SERVER])


def test_a_missing_program_is_named_with_the_remedy(monkeypatch):
    monkeypatch.setattr(ipvsadm.shutil, "which", lambda name, path: None)
    with pytest.raises(TransportError, match="install the package ipvsadm"):
        IpvsadmTransport(program=Ipvsadm(modules=Modules())).read_all()


def test_the_program_speaks_english(tmp_path, monkeypatch):
    script = tmp_path / "ipvsadm"
    script.write_text('#!/bin/sh\necho "$LC_ALL" "$@" >&2\nexit 3\n')
    script.chmod(0o755)
    monkeypatch.setattr(ipvsadm, "_PATH", str(tmp_path))
    with pytest.raises(TransportError, match=r"failed \(3\): C -Sn"):
        IpvsadmTransport(program=Ipvsadm(modules=Modules())).read_all()


class Changing(FakeIpvsadm):
    """Something else adds a real server between the first two listings, some times."""

    def __init__(self, times):
        super().__init__()
        self.times = times

    def __call__(self, argv):
        answer = super().__call__(argv)
        if argv[1] == "-Sn" and self.times:
            self.times -= 1
            super().__call__(["ipvsadm", "-a", "-t", "192.0.2.10:80", "-r", f"198.51.100.{self.times + 1}:80", "-g"])
        return answer


def test_a_table_that_changed_between_the_listings_is_read_again():
    fake = Changing(2)
    over = transport(fake)
    over.apply([NEW_SERVICE])
    assert len(over.read_all()[WEB].destinations) == 2
    assert fake.calls.count(["-Sn"]) == 3


def test_a_table_that_never_rests_is_an_error():
    over = transport(Changing(READ_ATTEMPTS))
    over.apply([NEW_SERVICE])
    with pytest.raises(TransportError, match="run the task again"):
        over.read_all()


def test_a_service_that_went_away_during_a_listing_is_no_error():
    fake = FakeIpvsadm()
    answers = [(1, "-A -t 192.0.2.10:80 -s wlc\n", "No such service\n")]
    assert transport(lambda argv: answers.pop() if answers else fake(argv)).read_all() == {}


def test_no_privilege_for_reading():
    with pytest.raises(KernelError, match="read the table: permission denied"):
        transport(answering("Permission denied (you must be root)\n", 1)).read_all()
