# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates, rendered by Ansible's own templar with a role's defaults and a scenario."""

from __future__ import annotations

import base64
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
    for part in ("defaults/main.yml", "vars/Debian.yml", "vars/main.yml"):
        file = ROLES / role / part
        if file.exists():
            variables.update(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    text = (ROLES / role / "templates" / template).read_text(encoding="utf-8")
    templar = Templar(loader=DataLoader(), variables={**trusted(variables), **scenario})
    # As the module template does it.
    return templar.template(trust_as_template(text), escape_backslashes=False)


def directives(text):
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", ";"))]


def block(text, start):
    """The lines from one that begins so to the brace that ends it."""
    lines = directives(text)
    begin = next(number for number, line in enumerate(lines) if line.strip().startswith(start))
    indent = lines[begin][: len(lines[begin]) - len(lines[begin].lstrip())]
    end = next(number for number, line in enumerate(lines) if number > begin and line == f"{indent}}}")
    return [line.strip() for line in lines[begin : end + 1]]


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


BLOG = {"name": "blog", "kind": "wordpress", "root": "/data/wordpress", "fastcgi": "unix:/run/php/lvs.sock"}


def sites(*described, **variables):
    return render("nginx", "etc/nginx/conf.d/lvs-sites.conf.j2", nginx_sites=list(described), **variables)


def test_wordpress_is_run_and_what_no_visitor_needs_is_refused():
    lines = directives(sites({**BLOG, "client_max_body_size": "8M"}))
    assert {
        "    client_max_body_size 8M;",
        "        fastcgi_pass unix:/run/php/lvs.sock;",
        "    index index.php index.html;",
    } <= set(lines)
    refused = [line.strip() for line, after in zip(lines, lines[1:]) if after.strip() == "deny all;"]
    assert refused == [
        "location ~ /\\.(?!well-known/) {",
        "location ~* ^/wp-content/(?:uploads|files|upgrade)/.*\\.(?:php[0-9]*|phtml|phar)(?:/|$) {",
        "location ~* ^/wp-(?:config|salts)\\.php {",
        "location = /xmlrpc.php {",
    ]
    # The first expression that fits is taken, so PHP comes after them.
    assert lines.index("    location ~ \\.php$ {") > lines.index("    " + refused[2])


def test_xmlrpc_answers_if_it_is_asked_for():
    assert "xmlrpc" not in sites({**BLOG, "xmlrpc": True})


def test_php_without_wordpress():
    text = sites({"name": "php", "kind": "php", "fastcgi": "192.168.239.148:9000"})
    assert "fastcgi_pass 192.168.239.148:9000;" in block(text, "location ~ \\.php$")
    assert "client_max_body_size 64M;" in text
    assert "uploads" not in text


def test_sites_believe_only_the_proxies_that_they_are_told_to_believe():
    assert "X-Forwarded-For" not in sites(BLOG)
    text = sites(BLOG, nginx_trusted_proxies=["192.168.239.152", "10.0.0.0/24"])
    assert block(text, "geo $realip_remote_addr")[1:-1] == ["default 0;", "192.168.239.152 1;", "10.0.0.0/24 1;"]
    assert {"set_real_ip_from 10.0.0.0/24;", "real_ip_header X-Forwarded-For;", "real_ip_recursive on;"} <= set(
        block(text, "server {")
    )
    assert "fastcgi_param HTTPS $lvs_sites_https if_not_empty;" in text


def test_static_sites_behind_a_proxy_need_no_word_of_its_scheme():
    assert "geo" not in sites({"name": "plain"}, nginx_trusted_proxies=["192.168.239.152"])


def pool(host=250, **variables):
    """Of a host with so many MiB of memory."""
    memory = {"content": base64.b64encode(f"MemTotal:       {host * 1024} kB\n".encode()).decode()}
    text = render("php_fpm", "etc/php/fpm/pool.d/lvs.conf.j2", __php_fpm_meminfo=memory, **variables)
    return dict(line.split(" = ") for line in directives(text) if " = " in line)


def test_a_pool_is_as_large_as_its_memory_and_never_smaller_than_its_floor():
    made = pool(php_fpm_memory_mb=400, php_fpm_child_mb=40)
    dynamic = [made[f"pm.{name}"] for name in ("max_children", "start_servers", "min_spare_servers", "max_spare_servers")]
    assert dynamic == ["10", "2", "1", "5"]
    assert pool(php_fpm_memory_mb=10)["pm.max_children"] == "2"
    # Half of the host's.
    assert [pool(host)["pm.max_children"] for host in (100, 250, 4000)] == ["2", "3", "50"]


def test_a_little_memory_more_or_less_at_the_next_boot_changes_nothing():
    """What a kernel keeps for itself differs by some MiB."""
    made = [
        render("php_fpm", "etc/php/fpm/pool.d/lvs.conf.j2", __php_fpm_meminfo={"content": base64.b64encode(line).decode()})
        for line in (b"MemTotal: 239480 kB\n", b"MemTotal: 237176 kB\n")
    ]
    assert made[0] == made[1]


def test_php_takes_uploads_as_large_as_nginx_lets_through():
    made = pool(php_fpm_upload_limit="8M")
    assert (made["php_admin_value[post_max_size]"], made["php_admin_value[upload_max_filesize]"]) == ("8M", "8M")
    default = yaml.safe_load((ROLES / "php_fpm/defaults/main.yml").read_text(encoding="utf-8"))["php_fpm_upload_limit"]
    assert f"client_max_body_size {default};" in sites(BLOG)


def test_a_socket_is_the_web_servers_and_a_port_is_that_of_whom_it_names():
    made = pool(php_fpm_listen="unix:/run/php/lvs.sock", php_fpm_web_group="nginx")
    assert (made["listen"], made["listen.group"], made["listen.mode"]) == ("/run/php/lvs.sock", "nginx", "0660")
    assert "listen.allowed_clients" not in made
    made = pool(php_fpm_listen="0.0.0.0:9000", php_fpm_allowed_clients=["192.168.239.137", "127.0.0.1"])
    assert (made["listen"], made["listen.allowed_clients"]) == ("0.0.0.0:9000", "192.168.239.137,127.0.0.1")


def test_php_waits_for_an_address_that_is_not_the_hosts_own():
    unit = "etc/systemd/system/php-fpm.service.d/lvs.conf.j2"
    waits = [
        listen
        for listen in (
            "unix:/run/a.sock",
            "127.0.0.1:9000",
            "localhost:9000",
            "[::1]:9000",
            "192.168.239.148:9000",
            "0.0.0.0:9000",
        )
        if directives(render("php_fpm", unit, php_fpm_listen=listen))
    ]
    assert waits == ["192.168.239.148:9000", "0.0.0.0:9000"]


def test_caches_of_php():
    lines = directives(render("php_fpm", "etc/php/fpm/conf.d/90-lvs.ini.j2", php_fpm_opcache_mb=32))
    assert {"opcache.memory_consumption = 32", "realpath_cache_size = 4096K", "opcache.revalidate_freq = 2"} <= set(lines)


def test_the_configuration_of_wordpress_escapes_what_php_would_read():
    text = render(
        "wordpress",
        "wp-config.php.j2",
        wordpress_db_password='it\'s \\ "so"',
        wordpress_settings={"WP_DEBUG": True, "WP_POST_REVISIONS": 5},
    )
    assert text.startswith("<?php #\n")
    assert r"""define('DB_PASSWORD', 'it\'s \\ "so"');""" in text
    assert "define('WP_DEBUG', true);" in text
    assert "define('WP_POST_REVISIONS', 5);" in text
    assert "define('DISALLOW_FILE_MODS', true);" in text


def proxy(upstreams=(), described=(), **variables):
    return render(
        "reverse_proxy",
        "etc/nginx/conf.d/lvs-proxy.conf.j2",
        reverse_proxy_upstreams=list(upstreams),
        reverse_proxy_sites=list(described),
        **variables,
    )


def test_upstreams():
    """The document's three servers."""
    servers = [
        {"address": "192.168.10.11:80", "weight": 2},
        {"address": "192.168.10.12:80", "fail_timeout": 1, "max_fails": 3},
        {"address": "127.0.0.1:80", "backup": True},
    ]
    assert block(proxy([{"name": "webservers", "servers": servers}]), "upstream webservers {") == [
        "upstream webservers {",
        "zone webservers 64k;",
        "server 192.168.10.11:80 weight=2;",
        "server 192.168.10.12:80 max_fails=3 fail_timeout=1s;",
        "server 127.0.0.1:80 backup;",
        "}",
    ]


def test_the_method_comes_before_the_servers_and_keepalive_after_them():
    [given] = [
        {
            "name": "x",
            "method": "hash $request_uri consistent",
            "keepalive": 8,
            "servers": [{"address": "192.0.2.1:80", "down": True}],
        }
    ]
    assert block(proxy([given]), "upstream x {")[2:-1] == [
        "hash $request_uri consistent;",
        "server 192.0.2.1:80 down;",
        "keepalive 8;",
    ]


def test_what_web_servers_are_told_is_the_proxys_word():
    lines = block(proxy(described=[{"name": "a", "upstream": "x"}]), "location / {")
    assert {
        "proxy_pass http://x;",
        "proxy_set_header Host $http_host;",
        "proxy_set_header X-Real-IP $remote_addr;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header X-Forwarded-Proto $scheme;",
    } <= set(lines)
    text = proxy(described=[{"name": "a", "upstream": "x"}], reverse_proxy_trusted_proxies=["10.0.0.9"])
    assert {"set_real_ip_from 10.0.0.9;", "proxy_set_header X-Forwarded-Proto $lvs_proxy_scheme;"} <= set(block(text, "server {"))


def test_tls_and_the_way_to_it():
    site = {"name": "a", "upstream": "x", "server_names": ["www.a"], "tls_listen": ["8443"], "redirect": True}
    lines = directives(proxy(described=[site]))
    assert "    return 301 https://$host:8443$request_uri;" in lines
    assert [line.strip() for line in lines if "listen" in line] == ["listen 80;", "listen 8443 ssl;"]
    assert "    ssl_certificate /etc/nginx/lvs-tls/a.crt;" in lines


def test_apache():
    described = [
        {"name": "one", "listen": "192.0.2.1:80", "server_names": ["www.one", "one"]},
        {"name": "two", "listen": "8080", "root": "/web/two"},
    ]
    text = render(
        "apache", "etc/apache2/sites-enabled/lvs-sites.conf.j2", apache_sites=described, apache_trusted_proxies=["192.0.2.9"]
    )
    lines = [line.strip() for line in directives(text)]
    assert [line for line in lines if line.startswith(("Listen", "<Virtual", "ServerName w", "ServerAlias", "DocumentRoot"))] == [
        "Listen 192.0.2.1:80",
        "Listen 8080",
        "<VirtualHost 192.0.2.1:80>",
        "ServerName www.one",
        "ServerAlias one",
        'DocumentRoot "/var/www/one"',
        "<VirtualHost *:8080>",
        'DocumentRoot "/web/two"',
    ]
    assert "RemoteIPInternalProxy 192.0.2.9" in lines
