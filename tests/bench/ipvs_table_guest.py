# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures on the host itself, one figure a call, and prints JSON. Needs the collection's and Ansible's module_utils beside it.

Usage: ipvs_table_guest.py COMMAND SERVICES REAL_SERVERS
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import time
from pathlib import Path

BEGAN = time.monotonic()
# From so many services on the declaration is in a file: a lab host has no room for Ansible's copies of the options.
FROM_A_FILE = 10000
HERE = Path(__file__).resolve().parent
HEADER = struct.Struct("=IHHII")
REQUEST, DUMP, DONE, GET_SERVICE, GET_DEST = 1, 0x300, 3, 4, 8


def services(count, real_servers, weight=1):
    """Each with real servers of its own. `weight` is that of one in the middle of the table."""

    def real_server(number):
        network, host = divmod(number, 250)
        address = f"172.{16 + (network >> 8)}.{network & 255}.{1 + host}"
        return {"address": address, "forward": "masquerade", "weight": 1 + number % 9}

    found = [
        {
            "address": f"10.{one >> 8}.{one & 255}.1",
            "port": 80,
            "scheduler": "wrr",
            "real_servers": [real_server(number) for number in range(one * real_servers, (one + 1) * real_servers)],
        }
        for one in range(count)
    ]
    if weight != 1:
        found[count // 2]["real_servers"][real_servers // 2]["weight"] = weight
    return found


def bare_dump():
    """The answers of the kernel, walked through for their ends and not looked at: the least that any client has to do."""
    from ansible_collections.lvs.cluster.plugins.module_utils.ipvs import wire
    from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.family import IpvsFamily
    from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.netlink import open_socket

    family = IpvsFamily(load_module=False)
    family.dump(GET_SERVICE, b"")
    number, sock = family._number, open_socket()

    def dump(command, attributes, keep=None):
        sock.send(wire.pack_message(number, REQUEST | DUMP, 1, command, attributes))
        while True:
            data = sock.recv(1 << 16)
            start = 0
            while start < len(data):
                length, kind = HEADER.unpack_from(data, start)[:2]
                if kind == DONE:
                    return
                if keep is not None:
                    keep.append(data[start + 20 : start + length])
                start += (length + 3) & ~3

    began = time.monotonic()
    answers = []
    dump(GET_SERVICE, b"", answers)
    for answer in answers:
        # The attributes that a service is known by come first: 8 + 8 + 20 + 8 bytes within the nest.
        dump(GET_DEST, struct.pack("=HH", 4 + 44, 1) + answer[4:48])
    return {"seconds": time.monotonic() - began}


def read():
    """The same, made into values that can be compared."""
    from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.backends import open_transport

    began = time.monotonic()
    open_transport("netlink", load_module=False).read_all()
    return {"seconds": time.monotonic() - began}


def write_file(declared):
    path = HERE / "table.json"
    path.write_text(json.dumps({"services": declared}))
    return path


def module(declared):
    """The module as Ansible runs it; what it does itself is between the reading of its options and the handing over of its result."""
    from ansible.module_utils import basic
    from ansible_collections.lvs.cluster.plugins.modules import ipvs_table

    options = {"services": declared}
    if len(declared) >= FROM_A_FILE:
        options = {"file": str(write_file(declared))}
    arguments = {"ANSIBLE_MODULE_ARGS": {**options, "max_delete": -1}}
    del declared, options
    basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = json.dumps(arguments).encode(), "legacy"
    moments = {"ready": time.monotonic()}
    told = {}

    class Timed(basic.AnsibleModule):
        def __init__(self, *positional, **named):
            super().__init__(*positional, **named)
            moments["begin"] = time.monotonic()

        def exit_json(self, **result):
            moments["end"] = time.monotonic()
            told.update(changed=result["changed"], operations=result["operations_total"])
            super().exit_json(**result)

    ipvs_table.AnsibleModule = Timed
    stdout = os.dup(1)
    os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
    try:
        ipvs_table.main()
    except SystemExit as ended:
        if ended.code not in (None, 0):
            raise RuntimeError("the module failed") from None
    finally:
        sys.stdout.flush()
        os.dup2(stdout, 1)
    return {
        "seconds": moments["end"] - moments["begin"],
        "around": time.monotonic() - BEGAN - (moments["end"] - moments["begin"]),
        **told,
    }


def own_process(*words):
    """A figure with the peak memory of the process that made it, in MiB."""
    process = subprocess.Popen([sys.executable, str(Path(__file__)), *words], stdout=subprocess.PIPE)
    output = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{words} ended with {status}")
    return {**json.loads(output), "peak": usage.ru_maxrss / 1024}


def ipvsadm(*arguments, **options):
    return subprocess.run(["ipvsadm", *arguments], check=True, text=True, **options)


def median(runs):
    runs = sorted(runs, key=lambda run: run["seconds"])
    return runs[len(runs) // 2]


def series(count, real_servers):
    """All figures of one size. What is short is measured several times, in turn, so that the noise of the machine is shared."""
    size = [str(count), str(real_servers)]
    found = {}
    ipvsadm("-C")
    found["create"] = own_process("same", *size)
    assert found["create"]["operations"] == count * (1 + real_servers)
    rules = ipvsadm("-Sn", stdout=subprocess.PIPE).stdout
    runs = {"bare": [], "read": [], "nothing": [], "weight": []}
    for turn in range(5 if count < FROM_A_FILE else 1):
        for name in ("bare", "read"):
            runs[name].append(own_process(name, *size))
        runs["nothing"].append(own_process("same", *size))
        assert not runs["nothing"][-1]["changed"]
        # There and back, and there again.
        runs["weight"].append(own_process("weight", *size, str(50 + turn)))
        assert runs["weight"][-1]["operations"] == 1
        own_process("same", *size)
    found.update({name: median(each) for name, each in runs.items()})
    began = time.monotonic()
    ipvsadm("-Sn", stdout=subprocess.DEVNULL)
    found["list"] = {"seconds": time.monotonic() - began}
    ipvsadm("-C")
    began = time.monotonic()
    ipvsadm("-R", input=rules)
    found["restore"] = {"seconds": time.monotonic() - began}
    ipvsadm("-C")
    # A second time for both, the other way round.
    began = time.monotonic()
    ipvsadm("-R", input=rules)
    found["restore"]["seconds"] = min(found["restore"]["seconds"], time.monotonic() - began)
    ipvsadm("-C")
    again = own_process("same", *size)
    found["create"] = min(found["create"], again, key=lambda run: run["seconds"])
    ipvsadm("-C")
    return found


def shell_loop(count, real_servers):
    """Of one ipvsadm a change, as in a shell script."""
    lines = []
    for service in services(count, real_servers):
        name = f"-t {service['address']}:80"
        lines.append(f"ipvsadm -A {name} -s wrr")
        lines += (f"ipvsadm -a {name} -r {each['address']}:80 -m -w {each['weight']}" for each in service["real_servers"])
    ipvsadm("-C")
    began = time.monotonic()
    subprocess.run(["sh", "-e"], input="\n".join(lines), text=True, check=True)
    seconds = time.monotonic() - began
    ipvsadm("-C")
    return {"seconds": seconds, "entries": len(lines)}


def main():
    command, count, real_servers = sys.argv[1], *(int(word) for word in sys.argv[2:4])
    actions = {
        "series": lambda: series(count, real_servers),
        "shell": lambda: shell_loop(count, real_servers),
        "bare": bare_dump,
        "read": read,
        "same": lambda: module(services(count, real_servers)),
        "weight": lambda: module(services(count, real_servers, int(sys.argv[4]))),
        "file": lambda: str(write_file(services(count, real_servers))),
        "empty": lambda: own_process("same", "0", "0"),
    }
    json.dump(actions[command](), sys.stdout)


if __name__ == "__main__":
    main()
