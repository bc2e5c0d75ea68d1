# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packet filter rules in chains of our own, by iptables and its relatives (iptables-save(8), iptables-restore(8)).

Rules of other owners are never touched: ours stand in chains whose names begin with LVS-, and all that the built-in chains get from
us is a jump.
"""

from __future__ import annotations

import itertools
import re
from typing import Dict, Iterable, List, Sequence, Tuple

from .commands import HostError, Runner, check
from .kind import Kind
from .plan import Change

PREFIX = "LVS-"
_Saved = Dict[Tuple[str, str], List[str]]
# What iptables-save calls these protocols depends on whether the host has /etc/protocols.
_NUMBERS = {"ipencap": "4", "ipip": "4", "ipv6": "41", "gre": "47", "132": "sctp", "icmpv6": "ipv6-icmp"}


class Chains(Kind):
    """`iptables filter LVS-IN`: its rules, one a line, as iptables-save prints them without `-A CHAIN`."""

    name = "chain"
    only_ours = True

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        found = {}
        for tool in sorted({name.split()[0] for name in names}):
            for (table, chain), rules in saved_rules(self._run, tool).items():
                if chain.startswith(PREFIX):
                    found[f"{tool} {table} {chain}"] = "\n".join(rules)
        return found

    def merge(self, have: str, want: str) -> str:
        if not want:
            return have
        # The last rule may refuse the rest, so what is added comes before it.
        *rules, last = want.splitlines()
        return "\n".join([*rules, *(rule for rule in have.splitlines() if rule not in {*rules, last}), last])

    def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            tool, table, chain = change.name.split()
            # Declaring a chain that exists empties it, in one step with filling it: the old rules hold until the new ones do.
            lines = [f":{chain} - [0:0]"]
            if change.after is None:
                lines += [f"-X {chain}"]
            else:
                lines += [f"-A {chain} {rule}" for rule in change.after.splitlines()]
            _restore(self._run, tool, table, lines)


class Jumps(Kind):
    """`iptables filter INPUT LVS-IN`: `ahead`, where no rule of another owner stands before it but those that ban somebody."""

    name = "jump"
    only_ours = True

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        found = {}
        for tool in sorted({name.split()[0] for name in names}):
            saved = saved_rules(self._run, tool)
            for (table, chain), rules in saved.items():
                if chain.startswith(PREFIX):
                    continue
                ahead = True
                for rule in rules:
                    ours = rule.startswith(f"-j {PREFIX}")
                    if ours:
                        name = f"{tool} {table} {chain} {rule.split()[1]}"
                        found[name] = "several" if name in found else "ahead" if ahead else "behind"
                    ahead = ahead and (ours or _bans(saved, table, rule))
        return found

    def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            tool, table, chain, target = change.name.split()
            times = _count(self._run, change.name) if change.before == "several" else int(change.before is not None)
            lines = [f"-D {chain} -j {target}"] * times
            if change.after is not None:
                first = 1 if tool == "arptables" else _first(saved_rules(self._run, tool), table, chain, target)
                lines.append(f"-I {chain} {first} -j {target}")
            _restore(self._run, tool, table, lines)


def saved_rules(runner: Runner, tool: str) -> _Saved:
    """The rules of each chain by table and chain."""
    done = runner([f"{tool}-save"], None)
    # In check mode the tool may be one that is still to be installed: nobody has made rules with it yet.
    if done.code == 127:
        return {}
    if done.code:
        raise HostError(f"{tool}-save: {done.error}")
    found: _Saved = {}
    table = ""
    for line in done.output.splitlines():
        if line.startswith("*"):
            table = line[1:].strip()
        elif line.startswith(":"):
            found[table, line[1:].split()[0]] = []
        elif line.startswith("-A "):
            chain, _space, rule = line[3:].partition(" ")
            found.setdefault((table, chain), []).append(_plain(rule.split()))
    return found


def _first(saved: _Saved, table: str, chain: str, target: str) -> int:
    """The number of the first rule of a chain, but for those that ban somebody."""
    others = (rule for rule in saved.get((table, chain), []) if rule != f"-j {target}")
    return 1 + sum(1 for _rule in itertools.takewhile(lambda rule: _bans(saved, table, rule), others))


def _bans(saved: _Saved, table: str, rule: str) -> bool:
    """Whether all that a rule can do is to refuse named senders, as those of fail2ban do: it lets nothing through that we refuse."""
    called = saved.get((table, rule.rpartition("-j ")[2]))
    if called is not None:
        return bool(called) and all(_refuses_senders(each) or each == "-j RETURN" for each in called)
    return _refuses_senders(rule)


def _refuses_senders(rule: str) -> bool:
    return bool(re.search(r"(?<!! )(-s \S+|--match-set \S+ src) .*-j (DROP|REJECT)\b", rule))


def _plain(words: List[str]) -> str:
    return " ".join(_NUMBERS.get(word, word) if before == "-p" else word for before, word in zip(["", *words], words))


def _restore(runner: Runner, tool: str, table: str, lines: Iterable[str]) -> None:
    if tool == "arptables":
        _one_by_one(runner, table, lines)
        return
    text = "\n".join([f"*{table}", *lines, "COMMIT", ""])
    try:
        check(runner, f"{tool}-restore", "--noflush", "--wait", text=text)
    except HostError as error:
        raise HostError(f"{error}; what was refused:\n{text}") from None


def _one_by_one(runner: Runner, table: str, lines: Iterable[str]) -> None:
    """What a restore does, for arptables, whose restore knows no --noflush and would take away the rules of others."""
    for line in lines:
        if line.startswith(":"):
            chain = line[1:].split()[0]
            # Fails where the chain exists, which the next command does not.
            runner(["arptables", "-t", table, "-N", chain], None)
            check(runner, "arptables", "-t", table, "-F", chain)
        else:
            check(runner, "arptables", "-t", table, *line.split())


def _count(runner: Runner, name: str) -> int:
    tool, table, chain, target = name.split()
    return saved_rules(runner, tool).get((table, chain), []).count(f"-j {target}")
