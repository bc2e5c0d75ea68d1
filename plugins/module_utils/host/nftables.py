# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packet filter rules on hosts that keep a rule set in nftables, by nft(8).

A packet has to get past every chain of a hook: one that refuses it is enough. So a table of our own refuses what is not wanted, and
where a chain of the host's own would refuse what is wanted, it gets a jump to a chain of ours that lets it through.
"""

from __future__ import annotations

import re
from typing import Dict, Iterable, List, Mapping, NamedTuple, Sequence, Tuple

from .commands import HostError, Runner
from .kind import Kind
from .plan import Change

TABLE = "inet lvs_cluster"
# What the chains of ours in tables of others are called, with the name of the chain that they are for.
PREFIX = "lvs_cluster_"
# Tables that programs write as a whole, or read back in their own way: a rule of somebody else would not last, or confuse them.
_FIREWALLD = "inet firewalld"
_IPTABLES = re.compile("(ip|ip6) filter (INPUT|FORWARD)")

# What a rule may do before it refuses.
_ASIDE = re.compile(r"^((counter( packets \d+ bytes \d+)?|log( (prefix|level|flags|group) (\"[^\"]*\"|\S+))*) )*")


class Rule(NamedTuple):
    text: str
    handle: str


class Chain(NamedTuple):
    # `type filter hook input priority filter; policy accept;`, or empty for one that is jumped to.
    head: str
    rules: List[Rule]


Chains = Dict[str, Chain]


class OwnChains(Kind):
    """`inet lvs_cluster input`: its type, hook, priority and policy, then its rules, one a line, as nft prints them."""

    name = "nft_chain"
    only_ours = True

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        return {
            name: "\n".join([chain.head, *(rule.text for rule in chain.rules)])
            for name, chain in listed(self._run).items()
            if name.startswith(f"{TABLE} ")
        }

    def merge(self, have: str, want: str) -> str:
        # The last rule may refuse the rest, so what is added comes before it.
        head, *rules, last = want.splitlines()
        return "\n".join([head, *rules, *(rule for rule in have.splitlines()[1:] if rule not in {*rules, last}), last])

    def apply(self, changes: Sequence[Change]) -> None:
        # In one step: the old rules hold until all of the new ones do.
        lines = [f"add table {TABLE}"]
        gone = [change.name for change in changes if change.after is None]
        for change in changes:
            if change.before is not None:
                lines += [f"flush chain {change.name}", f"delete chain {change.name}"]
            if change.after is not None:
                head, *rules = change.after.splitlines()
                lines += [f"add chain {change.name} {{ {head} }}", *(f"add rule {change.name} {rule}" for rule in rules)]
        if gone and not set(self.read(gone)) - set(gone):
            lines.append(f"delete table {TABLE}")
        _load(self._run, lines)


class Passes(Kind):
    """`inet filter input`, a chain of the host's own that refuses: `ahead`, then the rules that let through, one a line.

    Wanted by the name of the hook: `input` stands for each chain there that refuses what it does not know.
    """

    name = "nft_pass"
    only_ours = True

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    def expand(self, wanted: Mapping[str, str]) -> Mapping[str, str]:
        chains = listed(self._run) if wanted else {}
        found = {}
        for hook, text in wanted.items():
            for name in refusing(chains, hook):
                if _IPTABLES.fullmatch(name):
                    raise HostError(
                        f"nftables: chain {name.split()[2]} of table {' '.join(name.split()[:2])} belongs to iptables, and refuses what "
                        "it does not know: set lvs_firewall to iptables for this host, or have that chain accept by default"
                    )
                found[name] = "\n".join(["ahead", *_of_family(name.split()[0], text.splitlines())])
        return found

    def read(self, names: Iterable[str]) -> Dict[str, str]:
        chains = listed(self._run)
        found = {}
        for name, chain in chains.items():
            table, base = name.rsplit(" ", 1)
            ours = chains.get(f"{table} {PREFIX}{base}")
            jumps = [at for at, rule in enumerate(chain.rules) if rule.text == f"jump {PREFIX}{base}"]
            if ours or jumps:
                place = {(0,): "ahead", (): "no jump"}.get(tuple(jumps), "behind" if len(jumps) == 1 else "several")
                found[name] = "\n".join([place, *(rule.text for rule in ours.rules)]) if ours else place
        return found

    def merge(self, have: str, want: str) -> str:
        rules = want.splitlines()
        return "\n".join([*rules, *(rule for rule in have.splitlines()[1:] if rule not in rules)])

    def apply(self, changes: Sequence[Change]) -> None:
        chains = listed(self._run)
        lines = []
        for change in changes:
            table, base = change.name.rsplit(" ", 1)
            ours = f"{table} {PREFIX}{base}"
            for rule in chains[change.name].rules if change.name in chains else []:
                if rule.text == f"jump {PREFIX}{base}":
                    lines.append(f"delete rule {change.name} handle {rule.handle}")
            lines += [f"add chain {ours}", f"flush chain {ours}"]
            if change.after is None:
                lines.append(f"delete chain {ours}")
            else:
                _ahead, *rules = change.after.splitlines()
                lines += [f"add rule {ours} {rule}" for rule in rules]
                lines.append(f"insert rule {change.name} jump {PREFIX}{base}")
        _load(self._run, lines)


def listed(runner: Runner) -> Chains:
    """All chains of the host by family, table and name."""
    done = runner(["nft", "--stateless", "--numeric-protocol", "--handle", "list", "ruleset"], None)
    # In check mode the tool may be one that is still to be installed: nobody has made rules with it yet.
    if done.code == 127:
        return {}
    if done.code:
        raise HostError(f"nft list ruleset: {done.error}")
    return parse(done.output)


def parse(text: str) -> Chains:
    found: Chains = {}
    table, chain = "", ""
    for line in text.splitlines():
        words, depth = line.strip(), len(line) - len(line.lstrip("\t"))
        if depth == 0 and words.startswith("table "):
            table, chain = " ".join(words.split()[1:3]), ""
        elif depth == 1:
            chain = f"{table} {words.split()[1]}" if words.startswith("chain ") else ""
            if chain:
                found[chain] = Chain("", [])
        elif depth == 2 and chain:
            rule, _hash, handle = words.rpartition(" # handle ")
            if words.startswith("type "):
                found[chain] = Chain(words, [])
            elif handle:
                # Before nft 1.0 a word more.
                found[chain].rules.append(Rule(rule.replace(" icmpx type ", " icmpx "), handle))
    return found


def refusing(chains: Mapping[str, Chain], hook: str) -> List[str]:
    """The chains of others at a hook that refuse what they do not know."""
    return [
        name
        for name, chain in chains.items()
        if chain.head.startswith(f"type filter hook {hook} ")
        and name.split()[0] in ("inet", "ip", "ip6")
        and not name.startswith((f"{TABLE} ", f"{_FIREWALLD} "))
        and (chain.head.endswith("policy drop;") or _ends_refusing(chains, name, ()))
    ]


def _ends_refusing(chains: Mapping[str, Chain], name: str, above: Tuple[str, ...]) -> bool:
    """Whether the last rule of a chain refuses whatever comes to it."""
    if name in above or name not in chains or not chains[name].rules:
        return False
    last = _ASIDE.sub("", chains[name].rules[-1].text)
    jump = re.fullmatch(r"(?:jump|goto) (\S+)", last)
    if jump:
        return _ends_refusing(chains, f"{name.rsplit(' ', 1)[0]} {jump[1]}", (*above, name))
    return bool(re.match(r"(drop|reject)\b", last))


def _of_family(family: str, rules: Sequence[str]) -> List[str]:
    """The rules that a table of one family can have."""
    if family == "inet":
        return list(rules)
    version, other = ("ipv4", "ip6 ") if family == "ip" else ("ipv6", "ip ")
    kept = [rule for rule in rules if not rule.startswith((other, f"meta nfproto {'ipv6' if family == 'ip' else 'ipv4'} "))]
    return [rule[len(f"meta nfproto {version} ") :] if rule.startswith(f"meta nfproto {version} ") else rule for rule in kept]


def _load(runner: Runner, lines: Sequence[str]) -> None:
    text = "\n".join([*lines, ""])
    done = runner(["nft", "--file", "-"], text)
    if done.code:
        raise HostError(f"nft: {done.error}; what was refused:\n{text}")
