# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each role makes of its variables, worked out by Ansible itself with the role's defaults and a scenario."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.plugin_utils import parts
from jinja2 import Environment

ROOT = Path(__file__).parents[3]
SERVERS = [{"host": "web1", "address": "192.168.239.148", "port": 80, "weight": 1, "forward": "masquerade"}]
NAT = {
    "name": "web", "mode": "nat", "protocol": "tcp", "address": "10.0.0.129", "vips": ["10.0.0.129"], "port": 80, "scheduler": "rr",
    "real_servers": SERVERS,
}  # fmt: skip
DR = {**NAT, "mode": "dr", "real_servers": [{**SERVERS[0], "forward": "direct"}]}
FULL = {**NAT, "mode": "fullnat"}
ACCEPTS = [{"destination": "10.0.0.129", "protocol": "tcp", "port": 80}]
FORWARDS = [{"source": "192.168.239.148", "protocol": "tcp", "source_port": 80}]
SCENARIO = {
    "director_services": [FULL],
    "director_vip_interface": "front",
    "director_snat_address": "192.168.239.152",
    "realserver_services": [NAT, DR],
    "realserver_name": "web1",
    "realserver_dip": "192.168.239.152",
    "realserver_arp": "arptables",
    "nat_gateway_network": "192.168.239.0/24",
    "nat_gateway_outer_interface": "front",
    "firewall_accepts": ACCEPTS,
    "firewall_forwards": FORWARDS,
    "firewall_ssh_port": 2222,
    "firewall_routes": True,
    # As `systemctl is-active firewalld.service nftables.service` answers on a host that has only iptables.
    "__firewall_services": {"stdout_lines": ["inactive", "inactive"]},
}
ROLES = ("director", "realserver", "nat_gateway", "firewall")


def task(role):
    """What the role gives to host_part."""
    tasks = yaml.safe_load((ROOT / "roles" / role / "tasks" / "main.yml").read_text(encoding="utf-8"))
    [given] = [each["lvs.cluster.host_part"] for each in tasks if "lvs.cluster.host_part" in each]
    return given


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The arguments of host_part in each role, as Ansible templates them."""
    folder = tmp_path_factory.mktemp("wants")
    files = [
        file for role in ROLES for file in (ROOT / "roles" / role).glob("*/main.yml") if file.parent.name in ("defaults", "vars")
    ]
    files.sort(key=lambda file: file.parent.name)
    (folder / "scenario.yml").write_text(yaml.safe_dump(SCENARIO))
    (folder / "play.yml").write_text(
        json.dumps(
            [
                {
                    "hosts": "localhost",
                    "connection": "local",
                    "gather_facts": False,
                    "vars_files": [*map(str, files), str(folder / "scenario.yml")],
                    "vars": {"made": {role: task(role) for role in ROLES}},
                    "tasks": [
                        {
                            "ansible.builtin.copy": {
                                "content": "{{ made | to_json }}",
                                "dest": str(folder / "made.json"),
                                "mode": "0600",
                            }
                        }
                    ],
                }
            ]
        )
    )
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
        "ANSIBLE_HOME": str(folder),
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }
    command = [sys.executable, "-m", "ansible", "playbook", str(folder / "play.yml"), "-i", "localhost,"]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / "made.json").read_text())


def test_the_director(made):
    given = made["director"]
    defaults = yaml.safe_load((ROOT / "roles/director/defaults/main.yml").read_text(encoding="utf-8"))
    settings = defaults["director_settings"]
    tracking = defaults["director_tracking_settings"]
    assert given["wants"] == parts.director([FULL], "front", settings, snat_address="192.168.239.152", tracking=tracking)
    assert (given["name"], given["state"], given["prune"]) == ("director", "present", True)
    declared = {*(f"net.ipv4.vs.{name}" for name in settings), *(f"net.netfilter.{name}" for name in tracking)}
    assert declared <= set(given["wants"]["sysctl"])


def test_the_real_server(made):
    given = made["realserver"]
    assert given["wants"] == parts.realserver([NAT, DR], "web1", "192.168.239.152", arp="arptables")
    assert (given["name"], given["state"], given["prune"]) == ("realserver", "present", True)


def test_the_gateway(made):
    given = made["nat_gateway"]
    assert given["wants"] == parts.gateway("192.168.239.0/24", "front")
    assert (given["name"], given["state"], given["prune"]) == ("gateway", "present", True)


@pytest.mark.parametrize(
    ("wanted", "running", "backend"),
    [
        ("auto", ["active", "active"], "firewalld"),
        ("auto", ["active", "inactive"], "firewalld"),
        ("auto", ["inactive", "active"], "nftables"),
        ("auto", ["failed", "inactive"], "iptables"),
        ("nftables", ["active", "active"], "nftables"),
        ("iptables", ["active", "active"], "iptables"),
        ("firewalld", ["inactive", "active"], "firewalld"),
    ],
)
def test_which_packet_filter_a_host_has(wanted, running, backend):
    variables = yaml.safe_load((ROOT / "roles/firewall/vars/main.yml").read_text(encoding="utf-8"))
    template = Environment(autoescape=False).from_string(variables["__firewall_backend"])
    template.environment.filters["zip"] = zip
    assert template.render(firewall_backend=wanted, __firewall_services={"stdout_lines": running}) == backend


def test_the_packet_filter(made):
    given = made["firewall"]
    assert given["wants"] == parts.firewall(ACCEPTS, FORWARDS, ssh_port=2222, routes=True)
    assert (given["name"], given["state"], given["prune"]) == ("firewall", "present", True)
