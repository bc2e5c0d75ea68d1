# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates, rendered by Ansible's own templar with a role's defaults and a scenario."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROLES = Path(__file__).parents[3] / "roles"


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
