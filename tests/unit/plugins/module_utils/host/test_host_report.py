# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes into the module that takes up a part, and what comes out."""

from __future__ import annotations

import re

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.host import part
from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import Done, HostError, check, run
from ansible_collections.lvs.cluster.plugins.module_utils.host.engine import Outcome
from ansible_collections.lvs.cluster.plugins.module_utils.host.plan import Change
from ansible_collections.lvs.cluster.plugins.module_utils.host.report import KINDS, result, wanted


def test_items_become_text():
    given = {"sysctl": {"net.ipv4.ip_forward": 1}, "decapsulator": {6080: "gue"}, "route": {}}
    assert wanted(given) == {"sysctl": {"net.ipv4.ip_forward": "1"}, "decapsulator": {"6080": "gue"}, "route": {}}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"sysctls": {}}, f"wants.sysctls: there is no such kind: use {', '.join(KINDS)}"),
        ({"file": {}}, f"wants.file: there is no such kind: use {', '.join(KINDS)}"),
        ({"address": ["10.0.0.129/32"]}, "wants.address: ['10.0.0.129/32'] is no dictionary: write names with values"),
        *(
            ({kind: {name: "x"}}, f"wants.{kind}: {name!r} is no name of this kind: write one such as {example}")
            for kind, name, example in (
                # It would be emptied.
                ("chain", "iptables filter INPUT", "iptables filter LVS-IN"),
                ("chain", "nft filter LVS-IN", "iptables filter LVS-IN"),
                ("chain", "LVS-IN", "iptables filter LVS-IN"),
                ("jump", "iptables filter LVS-IN", "iptables filter INPUT LVS-IN"),
                ("jump", "iptables filter INPUT DOCKER", "iptables filter INPUT LVS-IN"),
                ("policy", "public", "lvs-in"),
                # firewalld takes no longer ones.
                ("policy", "lvs-a-name-that-is-long", "lvs-in"),
                ("nft_pass", "output", "input"),
                ("nft_chain", "inet filter input", "inet lvs_cluster input"),
                ("rule", "from all lookup 1", "4242 from 192.168.239.148 lookup 4242"),
                ("address", "10.0.0.129 dev front", "10.0.0.129/32 dev front"),
                ("decapsulator", "gue", "6080"),
            )
        ),
        ({"address": None}, "wants.address: None is no dictionary: write names with values"),
    ],
)
def test_what_cannot_be_wanted_is_said(given, sentence):
    with pytest.raises(HostError, match=f"^{re.escape(sentence)}$"):
        wanted(given)


def test_kinds_are_those_of_the_engine():
    assert [kind.name for kind in part.runtime_kinds()] == list(KINDS)


def test_the_result():
    changes = [
        Change("sysctl", "b", "0", "1"),
        Change("chain", "iptables filter LVS-IN", None, "-i lo -j ACCEPT\n-j REJECT"),
        Change("sysctl", "a", "1", None, retreat=True),
    ]
    assert result(Outcome(changes, ["address x"])) == {
        "changed": True,
        "changes": [
            {"kind": "sysctl", "name": "b", "before": "0", "after": "1"},
            {"kind": "chain", "name": "iptables filter LVS-IN", "before": None, "after": "-i lo -j ACCEPT\n-j REJECT"},
            {"kind": "sysctl", "name": "a", "before": "1", "after": None},
        ],
        "left_over": ["address x"],
        "diff": [
            {"before_header": header, "after_header": header, "before": before, "after": after}
            for header, before, after in (
                ("chain iptables filter LVS-IN", "", "-i lo -j ACCEPT\n-j REJECT\n"),
                ("sysctl a", "1\n", ""),
                ("sysctl b", "0\n", "1\n"),
            )
        ],
    }


def test_no_changes_are_no_change():
    assert result(Outcome([], [])) == {"changed": False, "changes": [], "left_over": [], "diff": []}


def test_commands_run_without_a_shell():
    assert run(["echo", "$HOME; ls"]) == Done(0, "$HOME; ls\n", "")
    assert run(["cat"], "text") == Done(0, "text", "")
    # Whoever reads from the terminal of the one who runs Ansible would wait for ever.
    assert run(["cat"]) == Done(0, "", "")
    assert run(["sh", "-c", "echo $LC_ALL; echo why >&2; exit 3"]) == Done(3, "C\n", "why")


def test_a_command_that_the_host_does_not_have():
    assert run(["lvs-no-such-command"]) == Done(127, "", "this host has no lvs-no-such-command")
    with pytest.raises(HostError, match="lvs-no-such-command -x: this host has no lvs-no-such-command"):
        check(run, "lvs-no-such-command", "-x")
