# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chains of nftables, against what nft prints."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import Done, HostError
from ansible_collections.lvs.cluster.plugins.module_utils.host.nftables import OwnChains, Passes, parse, refusing
from ansible_collections.lvs.cluster.plugins.module_utils.host.plan import Change
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.host.fake_runner import FakeRunner
from hypothesis import given
from hypothesis import strategies as st

LIST = "nft --stateless --numeric-protocol --handle list ruleset"
OWN, HOSTS = "inet lvs_cluster input", "inet filter input"
HEAD = "type filter hook input priority filter; policy accept;"
WEB, WEB6 = "ip daddr 10.0.0.80 tcp dport 80 accept", "ip6 daddr fd00::80 tcp dport 80 accept"
# As nftables 1.1.3 prints it.
SAVED = """\
table inet filter { # handle 1
	set admins { # handle 2
		type ipv4_addr
		flags interval
		elements = { 192.0.2.1, 198.51.100.0/24,
				203.0.113.0/24 }
	}

	chain input { # handle 4
		type filter hook input priority filter; policy drop;
		jump lvs_cluster_input # handle 21
		ct state established,related accept # handle 5
		ip saddr @admins tcp dport { 22, 443 } counter accept # handle 7
	}

	chain forward { # handle 8
		type filter hook forward priority filter; policy accept;
		ct state vmap { invalid : drop, established : accept, related : accept } # handle 10
		counter log prefix "no # handle 3 " reject with icmpx admin-prohibited # handle 11
	}

	chain lvs_cluster_input { # handle 20
		iifname "lo" accept # handle 22
		ip daddr 10.0.0.80 tcp dport 80 accept # handle 23
	}
}
table ip legacy { # handle 2
	chain last { # handle 1
		counter drop # handle 2
	}

	chain input { # handle 3
		type filter hook input priority filter + 5; policy accept;
		tcp dport 22 accept # handle 4
		goto last # handle 5
	}
}
table inet lvs_cluster { # handle 3
	chain input { # handle 1
		type filter hook input priority filter; policy accept;
		tcp dport 22 accept # handle 2
		reject with icmpx admin-prohibited # handle 3
	}
}
"""


def chain(*rules, head="type filter hook input priority filter; policy accept;", name="input", more=""):
    lines = [f"\t\t{rule} # handle {number}" for number, rule in enumerate(rules, 1)]
    return "\n".join(
        ["table inet filter { # handle 1", f"\tchain {name} {{ # handle 9", f"\t\t{head}", *lines, "\t}", more, "}", ""]
    )


def loaded(kind, *changes, saved=SAVED):
    """What nft is given in one go."""
    runner = FakeRunner({LIST: saved})
    kind(runner).apply([Change(kind.name, *change) for change in changes])
    [text] = [text for line, text in zip(runner.asked, runner.texts) if line == "nft --file -"]
    return text.splitlines()


def test_own_chains_are_read():
    read = OwnChains(FakeRunner({LIST: SAVED})).read([OWN])
    assert read == {OWN: f"{HEAD}\ntcp dport 22 accept\nreject with icmpx admin-prohibited"}


def test_an_older_nft_says_more_words():
    saved = SAVED.replace("icmpx admin", "icmpx type admin")
    assert OwnChains(FakeRunner({LIST: saved})).read([OWN])[OWN].endswith("reject with icmpx admin-prohibited")


@pytest.mark.parametrize("kind", [OwnChains, Passes])
def test_a_tool_that_is_still_to_be_installed_has_no_rules(kind):
    assert kind(FakeRunner({LIST: Done(127, "", "this host has no nft")})).read([OWN]) == {}


@pytest.mark.parametrize("kind", [OwnChains, Passes])
def test_a_tool_that_fails_is_an_error(kind):
    with pytest.raises(HostError, match="nft list ruleset: Operation not permitted"):
        kind(FakeRunner({LIST: Done(1, "", "Operation not permitted")})).read([OWN])


def test_a_refusal_shows_what_was_refused():
    runner = FakeRunner({"nft --file -": Done(1, "", "syntax error")})
    with pytest.raises(HostError, match="nft: syntax error; what was refused:\nadd table inet lvs_cluster\n"):
        OwnChains(runner).apply([Change("nft_chain", OWN, None, f"{HEAD}\nouch")])


def test_a_chain_is_filled_in_one_step():
    assert loaded(OwnChains, (OWN, None, f"{HEAD}\ntcp dport 22 accept\ndrop"), saved="") == [
        "add table inet lvs_cluster",
        f"add chain {OWN} {{ {HEAD} }}",
        f"add rule {OWN} tcp dport 22 accept",
        f"add rule {OWN} drop",
    ]


def test_a_chain_that_is_there_is_made_anew_in_the_same_step():
    lines = loaded(OwnChains, (OWN, "old", f"{HEAD}\ndrop"))
    assert lines[1:4] == [f"flush chain {OWN}", f"delete chain {OWN}", f"add chain {OWN} {{ {HEAD} }}"]


def test_the_table_goes_with_its_last_chain():
    other = SAVED.replace(
        "table inet lvs_cluster { # handle 3\n", "table inet lvs_cluster { # handle 3\n\tchain forward { # handle 9\n\t}\n"
    )
    assert loaded(OwnChains, (OWN, HEAD, None))[-1] == "delete table inet lvs_cluster"
    assert loaded(OwnChains, (OWN, HEAD, None), saved=other)[-1] == f"delete chain {OWN}"


@pytest.mark.parametrize(
    ("text", "refuses"),
    [
        (chain(), False),
        (chain("tcp dport 22 accept"), False),
        (chain(head="type filter hook input priority filter; policy drop;"), True),
        (chain("tcp dport 22 accept", "drop"), True),
        (chain("counter packets 3 bytes 180 drop"), True),
        (chain('counter log prefix "no way: " level warn reject with tcp reset'), True),
        # Some are refused, and the rest is not.
        (chain("ip saddr 192.0.2.0/24 drop"), False),
        (chain("drop", "accept"), False),
        (chain("jump end", more="\tchain end { # handle 1\n\t\treject # handle 2\n\t}"), True),
        (chain("jump end", more="\tchain end { # handle 1\n\t\taccept # handle 2\n\t}"), False),
        (chain("goto loop", more="\tchain loop { # handle 1\n\t\tjump loop # handle 2\n\t}"), False),
        (chain("jump gone"), False),
        # Not where packets for the host pass.
        (chain("drop", head="type filter hook output priority filter; policy accept;"), False),
        (chain("drop", head="type nat hook input priority 100; policy accept;"), False),
        (chain("drop").replace("inet filter", "arp filter"), False),
        # Ours, and firewalld's, which is told by itself.
        (chain("drop").replace("inet filter", "inet lvs_cluster"), False),
        (chain("drop").replace("inet filter", "inet firewalld"), False),
    ],
)
def test_which_chains_refuse_what_they_do_not_know(text, refuses):
    assert bool(refusing(parse(text), "input")) is refuses


def test_a_hook_stands_for_each_chain_that_refuses():
    runner = FakeRunner({LIST: SAVED})
    rules = "\n".join(
        [WEB, WEB6, "meta nfproto ipv4 tcp dport 81 accept", "meta nfproto ipv6 tcp dport 82 accept", "tcp dport 22 accept"]
    )
    assert Passes(runner).expand({"input": rules, "forward": WEB6}) == {
        HOSTS: f"ahead\n{rules}",
        # A table of one family has its own rules only, and does not say the family again.
        "ip legacy input": "\n".join(["ahead", WEB, "tcp dport 81 accept", "tcp dport 22 accept"]),
        "inet filter forward": f"ahead\n{WEB6}",
    }


def test_nothing_is_asked_where_nothing_is_to_pass():
    runner = FakeRunner()
    assert Passes(runner).expand({}) == {}
    assert runner.asked == []


def test_a_chain_of_iptables_that_refuses_is_named_with_the_remedy():
    saved = chain(head="type filter hook forward priority filter; policy drop;", name="FORWARD").replace(
        "inet filter", "ip filter"
    )
    sentence = "nftables: chain FORWARD of table ip filter belongs to iptables, and refuses .* set lvs_firewall to iptables for this host"
    with pytest.raises(HostError, match=sentence):
        Passes(FakeRunner({LIST: saved})).expand({"forward": WEB})
    assert Passes(FakeRunner({LIST: saved})).expand({"input": WEB}) == {}


@pytest.mark.parametrize(
    ("before", "place"),
    [
        ("jump lvs_cluster_input # handle 21\n", "ahead"),
        ("tcp dport 1 accept # handle 30\n\t\tjump lvs_cluster_input # handle 21\n", "behind"),
        ("jump lvs_cluster_input # handle 21\n\t\tjump lvs_cluster_input # handle 31\n", "several"),
        ("tcp dport 1 accept # handle 30\n", "no jump"),
    ],
)
def test_where_the_jump_stands(before, place):
    saved = SAVED.replace("jump lvs_cluster_input # handle 21\n", before)
    rules = f'iifname "lo" accept\n{WEB}'
    assert Passes(FakeRunner({LIST: saved})).read([HOSTS]) == {HOSTS: f"{place}\n{rules}"}


def test_what_is_to_pass_gets_a_chain_and_a_jump_in_one_step():
    assert loaded(Passes, ("ip legacy input", None, f"ahead\n{WEB}")) == [
        "add chain ip legacy lvs_cluster_input",
        "flush chain ip legacy lvs_cluster_input",
        f"add rule ip legacy lvs_cluster_input {WEB}",
        "insert rule ip legacy input jump lvs_cluster_input",
    ]


def test_all_jumps_go_before_there_is_one():
    saved = SAVED.replace("tcp dport { 22, 443 } counter accept", "accept # handle 40\n\t\tjump lvs_cluster_input")
    lines = loaded(Passes, (HOSTS, "several", f"ahead\n{WEB}"), saved=saved)
    assert lines[:2] == [f"delete rule {HOSTS} handle 21", f"delete rule {HOSTS} handle 7"]
    assert lines[-1] == f"insert rule {HOSTS} jump lvs_cluster_input"


def test_what_is_to_pass_no_more_leaves_no_chain():
    assert loaded(Passes, (HOSTS, "ahead", None)) == [
        f"delete rule {HOSTS} handle 21",
        "add chain inet filter lvs_cluster_input",
        "flush chain inet filter lvs_cluster_input",
        "delete chain inet filter lvs_cluster_input",
    ]


RULE = st.sampled_from([f"ip saddr 10.0.0.{number} accept" for number in range(4)])
rule_lists = st.lists(RULE, unique=True)


@given(have=rule_lists, want=rule_lists)
def test_while_a_cluster_changes_over_both_ways_get_through(have, want):
    for kind, head, end in ((OwnChains, [HEAD], ["reject"]), (Passes, ["ahead"], [])):
        old, new = ("\n".join([*head, *rules, *end]) for rules in (have, want))
        merged = kind(FakeRunner()).merge(old, new)
        lines = merged.splitlines()
        assert set(lines) == {*head, *have, *want, *end}
        assert len(lines) == len(set(lines))
        assert lines[: len(head) + len(want)] == [*head, *want]
        assert lines[len(lines) - len(end) :] == end
        assert kind(FakeRunner()).merge(merged, new) == merged
