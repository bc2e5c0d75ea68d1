# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the whole lab takes, application and all, and what WordPress then does. Prints figures; judges nothing.

In a lab of its own, all in one run. All hosts share this machine's processors: a second real server brings no further one.
Usage: application.py
"""

from __future__ import annotations

import os
import statistics

from bench_lab import SUPPORT, BenchLab, report

NAME, VIP = "blog.lvs.test", "10.0.0.129"
RIPS = {"web1": "192.168.239.148", "web2": "192.168.239.137"}
PAGES, AT_ONCE, ROUNDS = 40, 4, 3
# On a real server: the site as it is, and the same from a folder of its own disk.
# The share knows no root: what PHP may read is read by PHP's user.
LOCAL = (
    "install --directory --owner=www-data /srv/local && runuser --user=www-data -- cp --recursive /wordpress/. /srv/local"
    " && mount --bind /srv/local /wordpress && systemctl reload 'php*-fpm.service'"
)
SHARED = "umount /wordpress && systemctl reload 'php*-fpm.service'"


def main() -> None:
    report("processors of this machine", os.cpu_count() or 0, "")
    with BenchLab("bench-application", "lab") as lab:
        report("site.yml for the whole lab, on bare hosts", lab.play("site.yml"), "s", "aim: under 480 s")
        report("site.yml again", lab.play("site.yml"), "s", "aim: under 60 s")
        rate(lab, VIP)  # what is compiled once is compiled
        weigh(lab, "web2", 0)
        one = front_pages(lab)
        weigh(lab, "web2", 1)
        two = front_pages(lab)
        report("front pages a second, one real server", one, "/s", f"{AT_ONCE} visitors at once")
        report("front pages a second, two real servers", two, "/s", f"{two / one:.2f} times as many")
        report("an ordinary page a second, two real servers", 400 / rate(lab, VIP, 400, "page"), "/s", "no PHP, no share")
        latency(lab)


def front_pages(lab: BenchLab) -> float:
    return PAGES / statistics.median(rate(lab, VIP) for _round in range(ROUNDS))


def rate(
    lab: BenchLab, address: str, number: int = PAGES, name: str = NAME, at_once: int = AT_ONCE, asker: str = "client1"
) -> float:
    """The seconds that so many requests take."""
    script = (SUPPORT / "request_rate.py").read_text(encoding="utf-8")
    return float(lab.say(asker, f"python3 - {address} 80 {number} {name} {at_once}", script))


def weigh(lab: BenchLab, host: str, weight: int) -> None:
    lab.say("director1", f"ipvsadm -e -t {VIP}:80 -r {RIPS[host]}:80 -m -w {weight}")


def latency(lab: BenchLab) -> None:
    """Of one page after the other, asked on the real server itself."""
    seconds = {}
    for where, change in (("the share", "true"), ("a local copy", LOCAL)):
        lab.say("web1", change)
        page(lab)
        seconds[where] = statistics.median(page(lab) for _round in range(ROUNDS))
    lab.say("web1", SHARED)
    shared, local = seconds["the share"], seconds["a local copy"]
    report("a front page with its code in the share", 1000 * shared, "ms")
    report(
        "a front page with its code on the server's own disk",
        1000 * local,
        "ms",
        f"the share costs {100 * (shared / local - 1):.0f} %",
    )


def page(lab: BenchLab) -> float:
    return rate(lab, "127.0.0.1", PAGES // 2, at_once=1, asker="web1") / (PAGES // 2)


if __name__ == "__main__":
    main()
