# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast ipvs_table is, beside the kernel's own dump, ipvsadm, and tasks in a loop. Prints figures; judges nothing.

Everything is measured on one lab host, which is made for it. A figure of the module is what it does itself, from the reading of its
options to its result; what Ansible adds on the host is shown apart. Usage: ipvs_table.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import ansible
import yaml

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
LAB = "bench-ipvs"
INVENTORY = HERE / "ipvs_table_lab"
ENVIRONMENT = {**os.environ, "LVS_LAB": LAB, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
SSH = ["ssh", "-F", str(CACHE / "lvs.cluster" / "labs" / LAB / "ssh_config"), "director"]
FOLDER = "/root/bench"
SIZE = (1000, 10)
TASKS = 10


def main() -> None:
    try:
        play("playbooks/lab_up.yml")
        prepare()
        measure()
    finally:
        play("playbooks/lab_down.yml")


def measure() -> None:
    middle = guest("series", *SIZE)
    print("1,000 services with 10 real servers each")
    show("bare netlink dump", middle["bare"])
    show("  made into values", middle["read"], middle["bare"], "bare dump")
    show("nothing to do", middle["nothing"], middle["bare"], "bare dump, aim 2.0")
    show("", middle["nothing"], middle["read"], "the dump made into values")
    show("one weight", middle["weight"], middle["nothing"], "nothing to do, aim 1.2")
    show("create all", middle["create"], middle["restore"], "ipvsadm -R, aim 1.0")
    show("ipvsadm -R", middle["restore"])
    show("ipvsadm -Sn", middle["list"])
    peak = max(middle[name]["peak"] for name in ("nothing", "weight", "create"))
    line("peak memory", f"{peak:8.0f} MiB  (aim 150)")
    line("  of which without any service", f"{guest('empty', 0, 0)['peak']:8.0f} MiB")

    print("What Ansible adds to it")
    line(
        "on the host: start, options, result",
        f"{middle['nothing']['around']:8.2f} s    (with all that was created {middle['create']['around']:.2f} s)",
    )
    guest("file", *SIZE)
    create, nothing = tasks(yaml.safe_load(TABLE), "create", "again")
    line("as a task with a file: create, again", f"{create:8.2f} s    {nothing:8.2f} s")

    print("How it grows with the number of real servers")
    print(f"  {'':10}{'bare dump':>12}{'nothing':>12}{'one weight':>12}{'create':>12}{'ipvsadm -R':>12}{'peak':>12}")
    for services, real_servers in ((100, 10), SIZE, (10000, 10)):
        found = middle if (services, real_servers) == SIZE else guest("series", services, real_servers)
        seconds = "".join(f"{found[name]['seconds']:10.2f} s" for name in ("bare", "nothing", "weight", "create", "restore"))
        print(
            f"  {services * real_servers:<10,}{seconds}{max(found[name]['peak'] for name in ('nothing', 'create')):8.0f} MiB",
            flush=True,
        )

    print("  (the last one from a file)")

    print("The same 10,000 real servers by other means, extrapolated from fewer")
    shell = guest("shell", 20, 10)
    each = shell["seconds"] / shell["entries"]
    line(f"ipvsadm in a shell loop, from {shell['entries']}", f"{each * 11000:8.0f} s    ({1000 * each:.1f} ms each)")
    (loop,) = tasks(yaml.safe_load(LOOP), "loop")
    each = loop / TASKS
    line(f"a loop of ipvs_realserver, from {TASKS}", f"{each * 10000:8.0f} s    ({1000 * each:.0f} ms each)")


TABLE = f"""
- {{name: create, lvs.cluster.ipvs_table: {{file: {FOLDER}/table.json}}}}
- {{name: again, lvs.cluster.ipvs_table: {{file: {FOLDER}/table.json}}}}
"""
LOOP = f"""
- {{name: service, lvs.cluster.ipvs_service: {{address: 192.0.2.10, port: 80}}}}
- name: loop
  lvs.cluster.ipvs_realserver: {{service_address: 192.0.2.10, service_port: 80, address: "198.51.100.{{{{ item }}}}", weight: 9}}
  loop: "{{{{ range(1, {1 + TASKS}) | list }}}}"
"""


def prepare() -> None:
    """The modules as Ansible would carry them over, but where they can be run a thousand times."""
    ssh("apt-get -qq -y install ipvsadm && modprobe ip_vs")
    below = f"{FOLDER}/ansible_collections/lvs/cluster/plugins"
    library = Path(ansible.__file__).parent
    for target, folder, names in (
        (below, ROOT / "plugins", ["modules", "module_utils"]),
        (f"{FOLDER}/ansible", library, ["module_utils", "release.py"]),
        (FOLDER, HERE, ["ipvs_table_guest.py"]),
    ):
        archive = subprocess.run(
            ["tar", "-c", "--exclude=__pycache__", "-C", str(folder), *names], check=True, capture_output=True
        ).stdout
        ssh(f"mkdir -p {target} && tar -x -C {target}", archive)
    # Ansible carries an empty one over, too.
    ssh(f": > {FOLDER}/ansible/__init__.py")
    guest("empty", 0, 0)


def tasks(listed: list[dict[str, Any]], *names: str) -> list[float]:
    """How long each of the named tasks of a playbook takes, from its start to that of the next one."""
    book = ROOT / ".cache" / "bench-ipvs.yml"
    book.write_text(yaml.safe_dump([{"hosts": "director", "gather_facts": False, "tasks": listed}], sort_keys=False))
    ssh("ipvsadm -C")
    environment = {**ENVIRONMENT, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}
    done = subprocess.run(
        ["ansible-playbook", str(book), "-i", str(INVENTORY)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
    )
    book.unlink()
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    report = json.loads(done.stdout[done.stdout.index("{") :])
    durations = {task["task"]["name"]: task["task"]["duration"] for task in report["plays"][0]["tasks"]}
    return [between(durations[name]["start"], durations[name]["end"]) for name in names]


def between(start: str, end: str) -> float:
    return (datetime.fromisoformat(end.rstrip("Z")) - datetime.fromisoformat(start.rstrip("Z"))).total_seconds()


def show(what: str, found: dict[str, float], other: dict[str, float] | None = None, aim: str = "") -> None:
    ratio = f"= {found['seconds'] / other['seconds']:.2f} x {aim}" if other else ""
    line(what, f"{found['seconds']:8.3f} s    {ratio}")


def line(what: str, value: str) -> None:
    print(f"  {what:40} {value}".rstrip(), flush=True)


def guest(command: str, *numbers: int) -> dict[str, Any]:
    words = " ".join([command, *map(str, numbers)])
    found: dict[str, Any] = json.loads(ssh(f"cd {FOLDER} && PYTHONPATH={FOLDER} python3 ipvs_table_guest.py {words}"))
    return found


def ssh(command: str, archive: bytes = b"") -> str:
    done = subprocess.run([*SSH, command], input=archive, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"{command}: {done.stdout.decode()}{done.stderr.decode()}")
    return done.stdout.decode()


def play(playbook: str) -> None:
    done = subprocess.run(
        ["ansible-playbook", playbook, "-i", str(INVENTORY)],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


if __name__ == "__main__":
    main()
