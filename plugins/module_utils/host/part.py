# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A part that a host plays in the cluster (director, real server, ...): what it declares, and how a host takes it up or leaves it."""

from __future__ import annotations

import json
import os
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from ..ipvs.backends import open_transport
from .commands import HostError, Runner, run
from .drained import forget_drained, without_drained
from .engine import Engine, Outcome, Wants
from .files import Files
from .firewall import Chains, Jumps
from .firewalld import Policies
from .kernel import Modules, Sysctls
from .kind import Kind
from .network import Addresses, Decapsulators, Links, Routes, Rules
from .nftables import OwnChains, Passes
from .plan import Change
from .record import Ledger
from .table import Services
from .units import DRAWN_IN, RUNNING, Units

# What a change of the network's configuration can take away.
_NETWORK_KINDS = ("link", "route", "rule", "address")
# What a service that loads a whole rule set can take away, and the services that do.
_FILTER_KINDS = ("nft_pass", "nft_chain", "chain")
_FILTERS = ("netfilter-persistent", "iptables", "ip6tables", "nftables", "firewalld")
_UNIT_FOLDERS = ("etc/systemd/system", "usr/lib/systemd/system", "lib/systemd/system")
_HOOKS = ".service.d/"
# Names of records and units that belong to a part or to all of them.
_TAKEN = ("program",)
_TAKEN_ENDS = ("-files", "-units", "-network", "-firewalld")
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
        # The first may load all of firewalld's rules anew, and older ones then take the chains of iptables along.
        Policies(runner, root),
        Passes(runner),
        OwnChains(runner),
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
        if name in _TAKEN or name.endswith(_TAKEN_ENDS):
            raise HostError(
                f"a part cannot be called {name}: this name, or its end, is that of a record or a unit of another part; choose another one"
            )
        self._name = name
        self._run = runner
        self._root = root
        self._declaration = f"{DECLARATIONS}/{name}.json"
        self._files = Engine([Files(root)], Ledger(f"{name}-files", root))
        self._program = Engine([Files(root)], Ledger("program", root))
        self._unit_kind = Units(runner)
        self._units = Engine([self._unit_kind], Ledger(f"{name}-units", root))
        # Starting a unit runs the program, which takes the same lock: so it guards the runtime only.
        lock = os.path.join(root, "run/lvs-cluster.lock")
        kinds = runtime_kinds(runner, root)
        self._runtime = Engine(kinds, Ledger(name, root), lock, self._heir)
        self._without_policies = Engine(
            [kind for kind in kinds if kind.name != Policies.name], Ledger(name, root), lock, self._heir
        )

    def take_up(
        self, wants: Wants, description: str, program: Mapping[str, str], prune: bool = True, check_mode: bool = False
    ) -> Outcome:
        """Have the part now and at each boot."""
        unit = _unit_name(self._name)
        files = {self._declaration: "0644\n" + json.dumps({"wants": wants}, indent=1, sort_keys=True) + "\n"}
        units, drawn = {unit: RUNNING}, []
        if any(wants.get(kind) for kind in _NETWORK_KINDS):
            files.update({f"{UNITS}lvs-{self._name}-network{end}": f"0644\n{text}" for end, text in _watch(self._name)})
            drawn.append(f"lvs-{self._name}-network.path")
            units[drawn[0]] = DRAWN_IN
            if os.path.isdir(os.path.join(self._root, DISPATCHER.lstrip("/"))):
                files[f"{DISPATCHER}/60-lvs-{self._name}"] = f"0755\n{_told(self._name)}"
        if any(not name.startswith("arptables ") for kind in _FILTER_KINDS for name in wants.get(kind, {})):
            hooks = _hooks(self._name, self._filters())
            files.update({f"{UNITS}{file}": f"0644\n{text}" for file, text in hooks})
            drawn += [file for file, _text in hooks if file.startswith("lvs-")]
        files[f"{UNITS}{unit}"] = "0644\n" + _unit(self._name, description, drawn)
        if wants.get("sysctl"):
            # The unit sets them, too; this is for whoever has all settings set again.
            files[f"/etc/sysctl.d/60-lvs-{self._name}.conf"] = "0644\n" + _settings(wants["sysctl"])
        changes = self._program.bring({"file": program}, check_mode=check_mode).changes
        # Files of units that are needed no more go after the units.
        kept = self._files.bring({"file": files}, prune=False, check_mode=check_mode)
        changes += kept.changes
        if wants.get(Services.name) and not check_mode:
            # Who says anew what is wanted has the last word.
            forget_drained(self._root)
        runtime = self._runtime.bring(wants, prune, check_mode)
        changes += runtime.changes
        self._unit_kind.lost(os.path.basename(change.name) for change in kept.changes if change.before is None)
        started = self._units.bring({"unit": units}, check_mode=check_mode).changes
        changes += started
        # Units that change are read again for that.
        if any(change.name.startswith(UNITS) for change in kept.changes) and not started and not check_mode:
            self._unit_kind.read_files_again()
        if kept.left_over:
            changes += [change for change in self._files.bring({"file": files}, check_mode=check_mode).changes if change.retreat]
        return Outcome(changes, runtime.left_over)

    def leave(self, check_mode: bool = False) -> Outcome:
        """Give back what taking up made; the program goes with the last part."""
        changes = self._runtime.bring({}, check_mode=check_mode).changes
        changes += self._units.bring({}, check_mode=check_mode).changes
        files = self._files.bring({}, check_mode=check_mode).changes
        changes += files
        if any(_HOOKS in change.name for change in files) and not check_mode:
            # Their units are others', and go on.
            self._unit_kind.read_files_again()
        if not self._other_parts():
            changes += self._program.bring({}, check_mode=check_mode).changes
        return Outcome(changes, [])

    def start(self) -> List[Change]:
        return self._runtime.bring(without_drained(self._declared(), self._root)).changes

    def stop(self) -> List[Change]:
        return (self._without_policies if self._going_down() else self._runtime).bring({}, forget=False).changes

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

    def _going_down(self) -> bool:
        # firewalld loads its policies itself when the host starts again. To give them up, and to have them again, it would have to load
        # everything anew each time, and new connections wait meanwhile.
        return (
            bool(self._declared().get(Policies.name))
            and self._run(["systemctl", "is-system-running"], None).output.strip() == "stopping"
        )

    def _filters(self) -> List[str]:
        """The services that the host has of those that load a whole rule set."""
        return [
            name
            for name in _FILTERS
            if any(os.path.exists(os.path.join(self._root, folder, f"{name}.service")) for folder in _UNIT_FOLDERS)
        ]

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


def _unit(name: str, description: str, drawn: Sequence[str]) -> str:
    watched = "".join(f"Wants={unit}\n" for unit in drawn)
    # A firewall service that replaces all rules has to be first, and so have the settings of sysctl.d.
    filters = " ".join(f"{name}.service" for name in _FILTERS)
    return f"""{HEADER}[Unit]
Description={description}
Wants=network-online.target
{watched}After=network-online.target systemd-sysctl.service
After={filters}

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


def _hooks(name: str, filters: Sequence[str]) -> List[Tuple[str, str]]:
    """What has ours done again after one of the host's own services has loaded its rules in place of all others, or taken them away.

    Whatever is queued for lvs-PART waits for the service, since it comes after it; and nothing is done where lvs-PART does not run.
    """
    again = f"try-reload-or-restart lvs-{name}.service"
    later = f"-systemctl --no-block {again}"
    found = []
    for service in filters:
        unit, extra = "", ""
        if service == "nftables":
            extra = f"ExecReload={later}\n"
        if service == "firewalld":
            unit = f"[Unit]\nWants=lvs-{name}-firewalld.service\n\n"
            # It counts as started before it has loaded its rules, and answers when it has.
            extra = "ExecStartPost=-firewall-cmd --quiet --state\n"
        text = f"{HEADER}{unit}[Service]\n{extra}ExecStartPost={later}\nExecStopPost={later}\n"
        found.append((f"{service}{_HOOKS}lvs-{name}.conf", text))
    if "firewalld" in filters:
        # `firewall-cmd --reload` is nothing that systemd hears of.
        match = ",".join(f"{key}='{value}'" for key, value in _RELOADED)
        found.append(
            (
                f"lvs-{name}-firewalld.service",
                f"""{HEADER}[Unit]
Description=Have what lvs-{name} declares again when firewalld has loaded its rules anew
Requisite=firewalld.service
After=firewalld.service
PartOf=firewalld.service lvs-{name}.service

[Service]
ExecStart=/bin/sh -c "busctl monitor --json=short --match=\\"{match}\\" | while read -r signal; do systemctl {again}; done"
Restart=always
""",
            )
        )
    return found


_RELOADED = (("type", "signal"), ("interface", "org.fedoraproject.FirewallD1"), ("member", "Reloaded"))
