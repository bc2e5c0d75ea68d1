# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A runner that is a host with firewalld, as busctl shows it: what firewalld keeps in files, and what it has loaded."""

from __future__ import annotations

import copy
import json

from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import Done

PATH = "/org/fedoraproject/FirewallD1"
NAME = "org.fedoraproject.FirewallD1"
# What busctl says where firewalld does not run: systemd 257 with dbus-daemon, and dbus-broker.
STOPPED = f'Call failed: Name "{NAME}" does not exist'


class FakeFirewalld:
    def __init__(self, root):
        self.running = True
        self.files = root / "etc/firewalld/policies"
        self.files.mkdir(parents=True)
        self.lasting = {}
        self.loaded = {}
        self.reloads = 0
        self.version = "2.3.1"
        # Cards by zone.
        self.zones = {"public": []}

    def __call__(self, argv, text=None):
        if argv[0] == "firewall-offline-cmd":
            assert not self.running
            self._forget(argv[1].partition("=")[2])
            return Done(0, "", "")
        assert argv[:7] == ["busctl", "--json=short", "--auto-start=no", "--timeout=90", "call", "--", NAME]
        if not self.running:
            return Done(1, "", STOPPED)
        path, interface, method, *arguments = argv[7:]
        try:
            data = getattr(self, f"_{method}")(path, interface, *arguments)
        except KeyError as error:
            return Done(1, "", f"Call failed: INVALID_POLICY: {error.args[0]}")
        return Done(0, json.dumps({"type": "v", "data": [data]}) if data is not None else "", "")

    def _Get(self, path, interface, _type, name, what):  # noqa: N802
        assert (path, interface, name, what) == (PATH, "org.freedesktop.DBus.Properties", NAME, "version")
        return {"type": "s", "data": self.version}

    def _getActiveZones(self, path, interface):  # noqa: N802
        assert (path, interface) == (PATH, f"{NAME}.zone")
        return {zone: {"interfaces": cards} if cards else {} for zone, cards in self.zones.items()}

    def _getPolicyByName(self, path, interface, _type, name):  # noqa: N802 as firewalld calls it
        assert (path, interface) == (f"{PATH}/config", f"{NAME}.config")
        assert self.lasting[name]
        return f"{PATH}/config/policy/{name}"

    def _getSettings(self, path, interface):  # noqa: N802
        assert interface == f"{NAME}.config.policy"
        return self.lasting[path.rpartition("/")[2]]

    def _getPolicySettings(self, path, interface, _type, name):  # noqa: N802
        assert (path, interface) == (PATH, f"{NAME}.policy")
        return self.loaded[name]

    def _addPolicy(self, path, interface, _type, name, *settings):  # noqa: N802
        assert (path, interface) == (f"{PATH}/config", f"{NAME}.config")
        assert name not in self.lasting
        self.lasting[name] = {"masquerade": {"type": "b", "data": False}, **_settings(settings)}
        (self.files / f"{name}.xml").write_text("new")

    def _update(self, path, _interface, _type, *settings):
        name = path.rpartition("/")[2]
        self.lasting[name].update(_settings(settings))
        (self.files / f"{name}.xml.old").write_text("old")

    def _remove(self, path, _interface):
        self._forget(path.rpartition("/")[2])

    def _setPolicySettings(self, path, _interface, _type, name, *settings):  # noqa: N802
        self.loaded[name].update(_settings(settings))

    def _reload(self, path, interface):
        assert (path, interface) == (PATH, NAME)
        self.reloads += 1
        self.loaded = copy.deepcopy(self.lasting)

    def _forget(self, name):
        del self.lasting[name]
        (self.files / f"{name}.xml").rename(self.files / f"{name}.xml.old")


def _settings(words):
    """`2 target s CONTINUE rich_rules as 1 RULE` as busctl prints it."""
    count, *words = words
    found = {}
    for _number in range(int(count)):
        key, kind, *words = words
        size = int(words.pop(0)) if kind == "as" else 1
        values, words = words[:size], words[size:]
        found[key] = {"type": kind, "data": values if kind == "as" else int(values[0]) if kind == "i" else values[0]}
    assert not words
    return found
