# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host on a folder: its addresses and units in memory, its settings and files below a root."""

from __future__ import annotations

import json

from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import Done

SETTINGS = {"net/ipv4/ip_forward": "0", "net/ipv4/vs/conntrack": "0", "net/ipv4/conf/all/send_redirects": "1"}


class SimulatedHost:
    """A runner that knows `ip address` and `systemctl`. To start a unit means to mark it: the module has made the rest."""

    def __init__(self, root):
        self.root = root
        self.addresses = {"127.0.0.1/8 dev lo"}
        self.units = {}
        # Units that systemd goes on with when their files are gone, until it reads all files again.
        self.remembered = set()
        self.asked = []
        self.put("proc/sys/kernel/random/boot_id", "first\n")
        for name, value in SETTINGS.items():
            self.put(f"proc/sys/{name}", value)
        for folder in ("etc/systemd/system", "etc/sysctl.d", "usr/local/lib", "usr/local/sbin", "run", "var/lib"):
            (root / folder).mkdir(parents=True)

    def put(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def setting(self, name):
        return (self.root / "proc/sys" / name).read_text().strip()

    def everything(self):
        """All that somebody could see; a lock has no meaning of its own."""
        files = {
            str(path.relative_to(self.root)): path.read_text().strip() if path.is_file() else None
            for path in self.root.rglob("*")
            if path.name != "lvs-cluster.lock"
        }
        return files, sorted(self.addresses), dict(self.units)

    def __call__(self, argv, text=None):
        self.asked.append(" ".join(argv))
        if argv[0] == "systemctl":
            return self._systemctl(*argv[1:])
        if tuple(argv[:2]) == ("ip", "address"):
            name = " ".join(argv[3:6])
            if (argv[2] == "add") is (name in self.addresses):
                return Done(2, "", "RTNETLINK answers: File exists or not")
            (self.addresses.add if argv[2] == "add" else self.addresses.discard)(name)
        if " ".join(argv) == "ip -json address show":
            return Done(0, json.dumps([self._address(name) for name in sorted(self.addresses)]), "")
        return Done(0, "", "")

    def _systemctl(self, verb, *options):
        unit = options[-1] if options else ""
        if verb == "enable":
            self.units.setdefault(unit, False)
        if verb == "start":
            self.units[unit] = True
            self.remembered.add(unit)
        if verb == "daemon-reload":
            self.remembered = {name for name in self.remembered if self._file(name).exists()}
        if verb == "disable":
            self.units.pop(unit, None)
        if verb == "show":
            file = self._file(unit)
            active = "active" if self.units.get(unit) else "inactive"
            if not file.exists() and unit not in self.remembered:
                return Done(0, f"LoadState=not-found\nUnitFileState=\nActiveState={active}\n", "")
            on_its_own = not file.exists() or "[Install]" in file.read_text()
            enabled = ("enabled" if unit in self.units else "disabled") if on_its_own else "static"
            return Done(0, f"LoadState=loaded\nUnitFileState={enabled}\nActiveState={active}\n", "")
        return Done(0, "", "")

    def _file(self, unit):
        return self.root / "etc/systemd/system" / unit

    @staticmethod
    def _address(name):
        address, _dev, card = name.split()
        local, length = address.split("/")
        return {"ifname": card, "addr_info": [{"local": local, "prefixlen": int(length)}]}
