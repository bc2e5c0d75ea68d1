# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the cluster's hosts hold is broken, item by item; a check names each and touches none, a run repairs each and nothing else.

The list of what can be broken is not written here: it is what the hosts themselves declare.
"""

from __future__ import annotations

import itertools
import json
import shlex

import pytest
from whole_cluster import HOSTS, MODES, representative, whole

# Not asked for again: a kernel module that is loaded stays, and a broken file or unit is told by its path.
UNBREAKABLE = {"module"}


def declared(lab) -> list[tuple[str, str, str, str]]:
    """Host, kind, name and value of every item that a host of the cluster declares."""
    found = []
    for host in HOSTS:
        for path in lab[host].run("ls /etc/lvs-cluster/*.json").stdout.split():
            wants = json.loads(lab[host].check_output(f"cat {path}"))["wants"]
            found += [
                (host, kind, name, value) for kind in wants for name, value in wants[kind].items() if kind not in UNBREAKABLE
            ]
            part = path.rpartition("/")[2].partition(".")[0]
            found += [
                (host, "file", path, ""),
                (host, "file", f"/etc/systemd/system/lvs-{part}.service", ""),
                (host, "unit", f"lvs-{part}.service", ""),
            ]
            if "sysctl" in wants:
                found.append((host, "file", f"/etc/sysctl.d/60-lvs-{part}.conf", ""))
        found.append((host, "file", "/usr/local/sbin/lvs-host", ""))
    return found


def edits(kind: str, name: str, value: str) -> str | None:
    """A command that gives an item another value; None where it has only one."""
    if kind == "sysctl":
        # Also a name that stands for every interface: one of them is changed.
        path = "/proc/sys/" + (name if "/" in name else name.replace(".", "/")).replace("*", "lo")
        return f"echo {3 if int(value) == 2 else 1 - min(int(value), 1)} > {path}"
    if kind == "ipvs":
        return _edit_table(name, json.loads(value))
    if kind == "chain":
        tool, table, chain = name.split()
        return f"{tool} -t {table} -I {chain} 1 -j RETURN"
    if kind == "jump":
        tool, table, entry, _chain = name.split()
        return f"{tool} -t {table} -I {entry} 1 -j {name.split()[3]}"
    if kind == "file":
        return f"printf '\n#\n' >> {name}"
    if kind == "unit":
        return f"systemctl disable --quiet {name}"
    if kind == "link":
        return f"ip link set {name} down"
    if kind == "route":
        return f"ip route replace {name} dev lo advmss 500"
    return None


def removals(kind: str, name: str, value: str) -> str | None:
    """A command that takes an item away; None where that takes others along."""
    if kind == "ipvs":
        service, _arrow, server = name.partition(" > ")
        return f"ipvsadm -d {_service(service)} -r {server}" if server else None
    if kind == "address":
        return f"ip address delete {name}"
    if kind == "rule":
        priority, _space, rest = name.partition(" ")
        return f"ip rule delete priority {priority} {rest}"
    if kind == "route":
        return f"ip route delete {name}"
    if kind == "chain":
        tool, table, chain = name.split()
        return f"{tool} -t {table} -F {chain}"
    if kind == "jump":
        tool, table, entry, chain = name.split()
        return f"{tool} -t {table} -D {entry} -j {chain}"
    if kind == "file":
        # The program is needed to stop and start units meanwhile.
        return None if name.startswith("/usr") else f"rm {name}"
    return None


def _service(name: str) -> str:
    protocol, _space, address = name.partition(" ")
    return {"tcp": "-t", "udp": "-u", "sctp": "--sctp-service"}[protocol] + " " + address


def _edit_table(name: str, fields: dict) -> str:
    service, _arrow, server = name.partition(" > ")
    if not server:
        # Every field of a service at once: persistence brings its own netmask.
        return f"ipvsadm -E {_service(service)} -s sh -b sh-port -p 77 -M 255.255.255.0"
    method = {"masquerade": "-m", "direct": "-g", "tunnel": "-i"}[fields["forward"]]
    return f"ipvsadm -e {_service(service)} -r {server} {method} -w {fields['weight'] + 4} -x 9 -y 7"


# One field of each service, and one of each real server, given to ipvsadm after the rest of their specification.
FIELDS = {
    "scheduler and weight": ("-s lc", "-m -w 7"),
    "scheduler flag and upper threshold": ("-s rr -b flag-1", "-m -w 1 -x 9"),
    "persistence and lower threshold": ("-s rr -p 77", "-m -w 1 -x 9 -y 7"),
    "netmask and forwarding method": ("-s rr -p 77 -M 255.255.255.0", "-g -w 1"),
}


def edits_of_one_field(field: str, kind: str, name: str) -> str | None:
    if kind != "ipvs":
        return None
    service, _arrow, server = name.partition(" > ")
    of_service, of_server = FIELDS[field]
    return f"ipvsadm -e {_service(service)} -r {server} {of_server}" if server else f"ipvsadm -E {_service(service)} {of_service}"


def broken(lab, how) -> set[tuple[str, str, str]]:
    """Break everything that can be broken in one way, and say what that was."""
    done = set()
    commands: dict[str, list[str]] = {host: [] for host in HOSTS}
    for host, kind, name, value in declared(lab):
        command = how(kind, name, value)
        if command:
            commands[host].append(command)
            done.add((host, kind, name.replace("*", "lo").replace("/", ".") if kind == "sysctl" else name))
            if command.startswith("rm /etc/systemd/"):
                # A unit without its file is none, whatever systemd remembers.
                done.add((host, "unit", name.rpartition("/")[2]))
    for host in HOSTS:
        # The way in stays open while the packet filter is broken: a rule of nobody's lets us through.
        script = "\n".join(["set -e", *commands[host]])
        lab[host].check_output(f"sh -c {shlex.quote(script)}")
    return done


def named(items) -> set[tuple[str, str, str]]:
    return {(item.host, item.kind, item.name.replace("/", ".") if item.kind == "sysctl" else item.name) for item in items}


def edits_and_removals():
    """Every other item gets another value, the others go. Files stay: a unit without its file cannot be disabled."""
    ways = itertools.cycle([(edits, removals), (removals, edits)])

    def break_in_turns(kind: str, name: str, value: str) -> str | None:
        first, second = (edits, edits) if kind in ("file", "unit") else next(ways)
        return first(kind, name, value) or second(kind, name, value)

    return break_in_turns


@representative
def test_what_is_broken_in_one_way_or_the_other_is_named_and_repaired(lab, cluster):
    cluster.be("nat")
    lost = broken(lab, edits_and_removals())
    assert len(lost) > 40
    break_web_servers(lab)
    checked, repaired = named_and_repaired(cluster, "nat", lost)
    web_servers_named(checked, repaired)


@whole
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("how", [edits, removals])
def test_what_is_broken_is_named_by_a_check_and_repaired_by_a_run(lab, cluster, mode, how):
    cluster.be(mode)
    lost = broken(lab, how)
    assert len(lost) > 20
    named_and_repaired(cluster, mode, lost)


@whole
@pytest.mark.parametrize("field", FIELDS)
def test_each_field_of_the_table_is_compared(lab, cluster, field):
    cluster.be("nat")
    lost = broken(lab, lambda kind, name, _value: edits_of_one_field(field, kind, name))
    assert len(lost) == 3
    named_and_repaired(cluster, "nat", lost)


def named_and_repaired(cluster, mode: str, lost: set[tuple[str, str, str]]):
    """A check and a run, which both say what was lost."""
    checked = cluster.site(mode, "--check")
    assert named(checked.items) == lost
    repaired = cluster.site(mode)
    assert repaired.code == 0, repaired.messages
    assert named(repaired.items) == lost
    assert cluster.serves(mode)
    assert cluster.site(mode).changes == []
    return checked, repaired


WEB = {
    "web server stopped": ("web2", "systemctl stop nginx"),
    "web server disarmed": ("web2", "systemctl disable --quiet nginx"),
    "page changed": ("web2", "echo other > /var/www/lvs/index.html"),
    "site changed": ("web1", "echo '# edited' >> /etc/nginx/conf.d/lvs-sites.conf"),
}


BROKEN_WEB = {
    ("web1", "Describe the sites to nginx"),
    ("web1", "Reload nginx's configuration"),
    ("web2", "Have nginx active, now and after a reboot"),
    ("web2", "Write the sites' first pages"),
}


def break_web_servers(lab) -> None:
    for host, breaking in WEB.values():
        lab[host].check_output(breaking)


def web_servers_named(*runs) -> None:
    for run in runs:
        assert set(run.changes) >= BROKEN_WEB
        # What follows from that is the role's affair, on no other host.
        assert {change.host for change in run.changes if "nginx" in change.task} == {"web1", "web2"}


@whole
def test_drift_of_the_web_servers_is_repaired(lab, cluster):
    cluster.be("nat")
    break_web_servers(lab)
    checked, repaired = named_and_repaired(cluster, "nat", set())
    web_servers_named(checked, repaired)


@whole
def test_stopped_units_are_started_again(lab, cluster):
    cluster.be("nat")
    units = [f"lvs-{part}.service" for part in ("director", "gateway", "firewall")]
    lab["director1"].check_output("systemctl stop " + " ".join(units))
    repaired = lab.play("site.yml")
    assert {item.host for item in repaired.items} == {"director1"}
    assert {("director1", "unit", unit) for unit in units} <= named(repaired.items)
    assert cluster.serves("nat")
