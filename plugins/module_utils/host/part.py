# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A part that a host plays in the cluster (director, real server, ...): what it declares, and how a host takes it up or leaves it."""

from __future__ import annotations

import json
import os
from typing import Dict, List, Mapping, Optional, Tuple

from ..ipvs.backends import open_transport
from .commands import HostError, Runner, run
from .engine import Engine, Outcome, Wants
from .files import Files
from .firewall import Chains, Jumps
from .kernel import Modules, Sysctls
from .kind import Kind
from .network import Addresses, Decapsulators, Links, Routes, Rules
from .plan import Change
from .record import Ledger
from .table import Services
from .units import DRAWN_IN, RUNNING, Units

# What a change of the network's configuration can take away.
_NETWORK_KINDS = ("link", "route", "rule", "address")
DECLARATIONS = "/etc/lvs-cluster"
UNITS = "/etc/systemd/system/"
PROGRAM = "/usr/local/sbin/lvs-host"
# Where NetworkManager, on hosts that have it, looks for programs to tell of its doings.
DISPATCHER = "/etc/NetworkManager/dispatcher.d"
LIBRARY = "/usr/local/lib/lvs-cluster"
HEADER = "# Managed by Ansible (lvs.cluster): changes made here are lost.\n"


def runtime_kinds(runner: Runner = run, root: str = "/") -> List[Kind]:
    """What boot brings back, in the order in which it comes.

    Rules and routes are there before the VIPs, and so is the table: no client meets a VIP that does not yet know what to do.
    """
    return [
        Modules(runner, root),
        Sysctls(root),
        Links(runner),
        Decapsulators(runner),
        Chains(runner),
        Jumps(runner),
        Routes(runner),
        Rules(runner),
        Services(open_transport("auto", True)),
        Addresses(runner),
    ]


class Host:
    """The host as one part of the cluster sees it."""

    def __init__(self, name: str, runner: Runner = run, root: str = "/") -> None:
        self._name = name
        self._root = root
        self._declaration = f"{DECLARATIONS}/{name}.json"
        self._files = Engine([Files(root)], Ledger(f"{name}-files", root))
        self._program = Engine([Files(root)], Ledger("program", root))
        self._unit_kind = Units(runner)
        self._units = Engine([self._unit_kind], Ledger(f"{name}-units", root))
        # Starting a unit runs the program, which takes the same lock: so it guards the runtime only.
        lock = os.path.join(root, "run/lvs-cluster.lock")
        self._runtime = Engine(runtime_kinds(runner, root), Ledger(name, root), lock, self._heir)

    def take_up(
        self, wants: Wants, description: str, program: Mapping[str, str], prune: bool = True, check_mode: bool = False
    ) -> Outcome:
        """Have the part now and at each boot."""
        unit = _unit_name(self._name)
        files = {
            self._declaration: "0644\n" + json.dumps({"wants": wants}, indent=1, sort_keys=True) + "\n",
            f"{UNITS}{unit}": "0644\n" + _unit(self._name, description, wants),
        }
        units = {unit: RUNNING}
        if any(wants.get(kind) for kind in _NETWORK_KINDS):
            files.update({f"{UNITS}lvs-{self._name}-network{end}": f"0644\n{text}" for end, text in _watch(self._name)})
            units[f"lvs-{self._name}-network.path"] = DRAWN_IN
            if os.path.isdir(os.path.join(self._root, DISPATCHER.lstrip("/"))):
                files[f"{DISPATCHER}/60-lvs-{self._name}"] = f"0755\n{_told(self._name)}"
        if wants.get("sysctl"):
            # The unit sets them, too; this is for whoever has all settings set again.
            files[f"/etc/sysctl.d/60-lvs-{self._name}.conf"] = "0644\n" + _settings(wants["sysctl"])
        changes = self._program.bring({"file": program}, check_mode=check_mode).changes
        # Files of units that are needed no more go after the units.
        kept = self._files.bring({"file": files}, prune=False, check_mode=check_mode)
        changes += kept.changes
        if any(change.name.startswith(UNITS) for change in kept.changes) and not check_mode:
            self._unit_kind.read_files_again()
        runtime = self._runtime.bring(wants, prune, check_mode)
        changes += runtime.changes
        changes += self._units.bring({"unit": units}, check_mode=check_mode).changes
        if kept.left_over:
            changes += [change for change in self._files.bring({"file": files}, check_mode=check_mode).changes if change.retreat]
        return Outcome(changes, runtime.left_over)

    def leave(self, check_mode: bool = False) -> Outcome:
        """Give back what taking up made; the program goes with the last part."""
        changes = self._runtime.bring({}, check_mode=check_mode).changes
        changes += self._units.bring({}, check_mode=check_mode).changes
        changes += self._files.bring({}, check_mode=check_mode).changes
        if not self._other_parts():
            changes += self._program.bring({}, check_mode=check_mode).changes
        return Outcome(changes, [])

    def start(self) -> List[Change]:
        return self._runtime.bring(self._declared()).changes

    def stop(self) -> List[Change]:
        return self._runtime.bring({}, forget=False).changes

    def differences(self) -> List[Change]:
        return self._runtime.bring(self._declared(), check_mode=True).changes

    def parts(self) -> List[str]:
        """All parts that the host plays."""
        folder = os.path.join(self._root, DECLARATIONS.lstrip("/"))
        names = os.listdir(folder) if os.path.isdir(folder) else []
        return sorted(name[: -len(".json")] for name in names if name.endswith(".json"))

    def _heir(self, change: Change) -> Optional[Ledger]:
        # Two parts may want one setting. Only settings: everything else carries the part's own name or purpose.
        if change.kind != Sysctls.name:
            return None
        for name in self._other_parts():
            # One that was stopped has nothing to go on with, and would keep what it inherits.
            if not self._unit_kind.read([_unit_name(name)]).get(_unit_name(name), "").endswith(", active"):
                continue
            wants = Sysctls(self._root).expand(self._declared(name).get(Sysctls.name, {}))
            if wants.get(change.name) == change.before:
                return Ledger(name, self._root)
        return None

    def _declared(self, name: str = "") -> Wants:
        path = os.path.join(self._root, DECLARATIONS.lstrip("/"), f"{name or self._name}.json")
        try:
            with open(path, encoding="utf-8") as file:
                wants: Dict[str, Dict[str, str]] = json.load(file)["wants"]
        except FileNotFoundError:
            raise HostError(f"this host has no part {name or self._name}: there is no {path}") from None
        except (ValueError, KeyError) as error:
            raise HostError(f"{path} is damaged ({error}): run the playbook site.yml again, which writes it anew") from error
        return wants

    def _other_parts(self) -> List[str]:
        return [name for name in self.parts() if name != self._name]


def _unit_name(part: str) -> str:
    return f"lvs-{part}.service"


def _settings(sysctls: Mapping[str, str]) -> str:
    return HEADER + "".join(f"{name} = {sysctls[name]}\n" for name in sorted(sysctls))


def _unit(name: str, description: str, wants: Wants) -> str:
    watched = f"Wants=lvs-{name}-network.path\n" if any(wants.get(kind) for kind in _NETWORK_KINDS) else ""
    # A firewall service that replaces all rules has to be first, and so have the settings of sysctl.d.
    return f"""{HEADER}[Unit]
Description={description}
Wants=network-online.target
{watched}After=network-online.target systemd-sysctl.service
After=netfilter-persistent.service iptables.service nftables.service firewalld.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={PROGRAM} start {name}
ExecReload={PROGRAM} start {name}
ExecStop={PROGRAM} stop {name}

[Install]
WantedBy=multi-user.target
"""


def _watch(name: str) -> List[Tuple[str, str]]:
    """Units that have ours done again after whatever configures the network has done its work: it may take away what it did not make.

    systemd-networkd, ifupdown and NetworkManager each note in /run what they have done, so nothing of theirs has to be changed.
    For systemd-networkd that are two places: a card that is configured once more (`networkctl reconfigure`) leaves `state` as it is.
    The service does not wait for ours: a path that changes while it runs starts nothing, whereas a reload asked for during a reload
    is done after it (systemd: src/core/job.c, job_type_allows_late_merge).
    """
    path = f"""{HEADER}[Unit]
Description=Watch over the network for lvs-{name}
PartOf=lvs-{name}.service

[Path]
PathChanged=/run/systemd/netif/state
PathChanged=/run/systemd/netif/links
PathChanged=/run/network/ifstate
PathChanged=/run/NetworkManager/devices
"""
    service = f"""{HEADER}[Unit]
Description=Have what lvs-{name} declares again after a change of the network
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=systemctl --no-block try-reload-or-restart lvs-{name}.service
"""
    return [(".path", path), (".service", service)]


def _told(name: str) -> str:
    # Of a card that it puts back to what its connection says (`nmcli device reapply`) NetworkManager notes nothing in /run.
    return f"#!/bin/sh\n{HEADER}exec systemctl --no-block try-reload-or-restart lvs-{name}.service\n"
