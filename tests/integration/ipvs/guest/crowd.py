# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several processes at once on one table: each has to get what it asked for, or to say why not."""

from __future__ import annotations

import multiprocessing
import random
import time
import traceback

from ipvs.errors import ContendedError, NotAppliedError
from ipvs.executor import reconcile
from ipvs.ipvsadm_table import IpvsadmTransport
from ipvs.model import Destination, DestinationKey, Service, ServiceKey
from ipvs.netlink_table import NetlinkTransport
from ipvs.params import real_server_intent, service_intent
from ipvs.table_intent import table_intent
from kernel import NETLINK, assert_equal, entry, seen, table

VIP = "192.0.2.10"
SHARED = ServiceKey.at("tcp", VIP, 80)
PROCESSES = 5
ROUNDS = 7


class Hesitant(NetlinkTransport):
    """So that others come between a look and a change, and back: on the one CPU of the host they rarely would."""

    def read(self, keys):
        return hesitate(super().read, keys)

    def read_all(self):
        return hesitate(super().read_all)


def hesitate(read, *arguments):
    time.sleep(random.uniform(0, 0.005))
    found = read(*arguments)
    time.sleep(random.uniform(0, 0.005))
    return found


def transport(number):
    """The last one goes another way."""
    return IpvsadmTransport() if number == PROCESSES - 1 else Hesitant()


def crowd(work):
    """What each process returned; anything but a refusal that is meant for a person is a failure."""
    with multiprocessing.Pool(PROCESSES) as pool:
        told = pool.map(guarded, [(work, number) for number in range(PROCESSES)], chunksize=1)
    problems = [problem for _counts, problem in told if problem]
    assert not problems, problems[0]
    return [counts for counts, _problem in told]


def guarded(task):
    work, number = task
    try:
        return work(number, transport(number)), ""
    except Exception:  # a process of the pool has no other way to tell where it failed
        return None, traceback.format_exc()


def add_service(way, **options):
    intent = service_intent({"state": "present", "address": VIP, "port": 80, **options})
    return reconcile(way, lambda: way.read([intent.key]), intent.goal, check_mode=False)


def add_real_server(way, **options):
    intent = real_server_intent({"state": "present", "service_address": VIP, "service_port": 80, **options})
    return reconcile(way, lambda: way.read([intent.service]), intent.goal, check_mode=False)


def own_real_server(number, way):
    address = f"198.51.100.{number + 1}"
    for weight in range(1, ROUNDS):
        add_service(way, scheduler="wlc")
        assert add_real_server(way, address=address, weight=weight).plan.changed
        assert not add_real_server(way, address=address, weight=weight).plan.changed
    return 0


def own_service(number, way):
    for weight in range(1, ROUNDS):
        options = {"address": f"192.0.2.{number + 1}", "port": 80, "scheduler": "wrr" if weight % 2 else "wlc"}
        servers = [{"address": f"198.51.100.{one}", "weight": weight} for one in range(1, 1 + weight)]
        intent = table_intent(
            {"services": [{**options, "real_servers": servers}], "scope": {"addresses": [options["address"]]}, "max_delete": -1}
        )
        reconcile(way, way.read_all, intent.goal, check_mode=False)
    return 0


def same_real_server(number, way):
    params = {"state": "present", "service_address": VIP, "service_port": 80, "address": "198.51.100.1"}
    return sum(is_crossed(way, SHARED, real_server_intent({**params, "weight": 1000 * number + one})) for one in range(1, ROUNDS))


def come_and_go(number, way):
    intents = [service_intent({"state": state, "address": VIP, "port": 80}) for state in ("present", "absent")]
    return sum(is_crossed(way, SHARED, intents[(number + one) % 2]) for one in range(ROUNDS))


def is_crossed(way, key, intent):
    """Whether others came between, so that it took more than one attempt."""
    goals = []

    def goal(have):
        goals.append(intent.goal(have))
        return goals[-1]

    try:
        reconcile(way, lambda: way.read([key]), goal, check_mode=False)
    except (ContendedError, NotAppliedError):
        # What a person is told who loses too often.
        pass
    return len(goals) > 1


def check_each_its_own_real_server_of_one_service():
    crowd(own_real_server)
    expected = [Destination(DestinationKey.at(f"198.51.100.{number + 1}", 80), weight=ROUNDS - 1) for number in range(PROCESSES)]
    assert_equal(seen(), table(entry(Service(SHARED, "wlc"), expected)), "the kernel has", "wanted")


def check_each_its_own_service_by_ownership():
    crowd(own_service)
    last = ROUNDS - 1
    expected = table(
        *(
            entry(
                Service(ServiceKey.at("tcp", f"192.0.2.{number + 1}", 80), "wrr" if last % 2 else "wlc"),
                [Destination(DestinationKey.at(f"198.51.100.{one}", 80), weight=last) for one in range(1, 1 + last)],
            )
            for number in range(PROCESSES)
        )
    )
    assert_equal(seen(), expected, "the kernel has", "wanted")


def check_all_the_same_real_server():
    add_service(NETLINK)
    assert sum(crowd(same_real_server)), "they never met"
    (destination,) = seen()[SHARED].destinations.values()
    assert destination == Destination(DestinationKey.at("198.51.100.1", 80), weight=destination.weight)
    # The last word of one of them.
    assert 1 <= destination.weight % 1000 < ROUNDS
    assert destination.weight // 1000 < PROCESSES


def check_all_the_same_service_that_comes_and_goes():
    assert sum(crowd(come_and_go)), "they never met"
    assert seen() in ({}, table(entry(Service(SHARED))))
