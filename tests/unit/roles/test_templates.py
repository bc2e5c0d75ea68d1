# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates, rendered by Ansible's own templar with a role's defaults and a scenario."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROLES = Path(__file__).parents[3] / "roles"
SERVERS = [
    {"host": "web2", "address": "192.168.239.137", "port": 8080, "weight": 0, "forward": "masquerade"},
    {"host": "web1", "address": "192.168.239.148", "port": 8080, "weight": 3, "forward": "masquerade"},
]
WEB = {"name": "web", "protocol": "tcp", "address": "10.0.0.129", "port": 80, "scheduler": "wrr", "real_servers": SERVERS}
DNS = {**WEB, "name": "dns", "protocol": "udp", "port": 53, "scheduler": "rr", "real_servers": SERVERS[:1]}
DIRECTOR = {"director_services": [WEB, DNS], "director_vip_interface": "front", "director_interfaces": ["eth0.5"]}
GATEWAY = {"nat_gateway_network": "192.168.239.0/24", "nat_gateway_outer_interface": "front"}


def trusted(value):
    if isinstance(value, dict):
        return {key: trusted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [trusted(each) for each in value]
    return trust_as_template(value) if isinstance(value, str) else value


def render(role, template, **scenario):
    variables = {"ansible_managed": "Ansible managed"}
    for part in ("defaults", "vars"):
        file = ROLES / role / part / "main.yml"
        if file.exists():
            variables.update(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    text = (ROLES / role / "templates" / template).read_text(encoding="utf-8")
    templar = Templar(loader=DataLoader(), variables={**trusted(variables), **scenario})
    return templar.template(trust_as_template(text))


def directives(text):
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_rules_of_the_director():
    assert directives(render("director", "etc/lvs-director.rules.j2", **DIRECTOR)) == [
        "-A -t 10.0.0.129:80 -s wrr",
        "-a -t 10.0.0.129:80 -r 192.168.239.137:8080 -m -w 0",
        "-a -t 10.0.0.129:80 -r 192.168.239.148:8080 -m -w 3",
        "-A -u 10.0.0.129:53 -s rr",
        "-a -u 10.0.0.129:53 -r 192.168.239.137:8080 -m -w 0",
    ]


def test_rules_can_hold_thresholds():
    limited = {**WEB, "real_servers": [{**SERVERS[0], "upper_threshold": 10, "lower_threshold": 5}]}
    rendered = render("director", "etc/lvs-director.rules.j2", director_services=[limited])
    assert directives(rendered)[1] == "-a -t 10.0.0.129:80 -r 192.168.239.137:8080 -m -w 0 -x 10 -y 5"


def test_settings_of_the_director():
    assert directives(render("director", "etc/sysctl.d/60-lvs-director.conf.j2", **DIRECTOR)) == [
        "net.ipv4.ip_forward = 1",
        "net.ipv4.conf.all.send_redirects = 0",
        "net.ipv4.conf.default.send_redirects = 0",
        "net.ipv4.conf.*.send_redirects = 0",
        "net/ipv4/conf/eth0.5/send_redirects = 0",
    ]


def test_modules_of_the_director_are_loaded_before_its_table():
    script = render("director", "usr/local/sbin/lvs-director.j2", **DIRECTOR)
    assert script.index("modprobe --all ip_vs ") < script.index('apply_rules "$rules"')


def test_a_vip_that_services_share_is_one_address():
    script = render("director", "usr/local/sbin/lvs-director.j2", **DIRECTOR)
    assert script.count("10.0.0.129/32 dev front") == 1


def test_rule_of_the_gateway():
    script = render("nat_gateway", "usr/local/sbin/lvs-nat-gateway.j2", **GATEWAY)
    assert '"$1" POSTROUTING -s 192.168.239.0/24 ! -d 192.168.239.0/24 -o front \\' in script
    script = render("nat_gateway", "usr/local/sbin/lvs-nat-gateway.j2", nat_gateway_network="192.168.239.0/24")
    assert '"$1" POSTROUTING -s 192.168.239.0/24 ! -d 192.168.239.0/24 \\' in script


def test_route_of_a_real_server():
    script = render("realserver", "usr/local/sbin/lvs-realserver.j2", realserver_dip="192.168.239.152")
    assert "\ndip=192.168.239.152\n" in script


def test_sites():
    shuyan = {"name": "shuyan", "listen": "192.168.239.148:80", "server_names": ["www.shuyan.com"], "root": "/web/one"}
    assert directives(render("nginx", "etc/nginx/conf.d/lvs-sites.conf.j2", nginx_sites=[shuyan, {"name": "plain"}])) == [
        "server {",
        "    listen 192.168.239.148:80;",
        "    server_name www.shuyan.com;",
        "    root /web/one;",
        "    index index.html index.htm;",
        "}",
        "server {",
        "    listen 80;",
        "    server_name _;",
        "    root /var/www/plain;",
        "    index index.html index.htm;",
        "}",
    ]


@pytest.mark.parametrize(
    ("role", "unit"), [("director", "lvs-director"), ("realserver", "lvs-realserver"), ("nat_gateway", "lvs-nat-gateway")]
)
def test_units_start_reload_and_stop_the_script(role, unit):
    lines = directives(render(role, f"etc/systemd/system/{unit}.service.j2"))
    for directive, verb in (("ExecStart", "start"), ("ExecReload", "start"), ("ExecStop", "stop")):
        assert f"{directive}=/usr/local/sbin/{unit} {verb}" in lines
    assert {"Type=oneshot", "RemainAfterExit=yes", "WantedBy=multi-user.target"} <= set(lines)


@pytest.mark.parametrize("script", sorted(ROLES.glob("*/templates/usr/local/sbin/*.j2")), ids=lambda path: path.stem)
def test_scripts_are_shell(script):
    role = script.relative_to(ROLES).parts[0]
    text = render(role, script.relative_to(ROLES / role / "templates"), **DIRECTOR, **GATEWAY, realserver_dip="192.168.239.152")
    assert text.startswith("#!/bin/sh\n#\n# Ansible managed")
    assert "{{" not in text
    checked = subprocess.run(["sh", "-n"], input=text, text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
