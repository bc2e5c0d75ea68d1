# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which web server answers for which name, what it is told of the client, and what TLS is worth."""

from __future__ import annotations

import json
import shlex
from collections import Counter

import pytest

CONVERGE = "extensions/molecule/reverse_proxy/converge.yml"
PROXY = "10.0.0.128"
CLIENT = "10.0.0.201"


def answers(lab, name, number, query="", client="client1"):
    """Who answered, of so many requests for a name."""
    command = f"curl --silent --show-error --fail --max-time 20 --header 'Host: {name}' 'http://{PROXY}/?n=[1-{number}]{query}'"
    return Counter(lab[client].check_output(command).splitlines())


def headers(lab, client, *options, url="http://echo.example/"):
    """What the web server was told."""
    names = " ".join(
        f"--resolve {name}:{port}:{PROXY}" for name in ("echo.example", "secure.example", "given.example") for port in (80, 443)
    )
    return json.loads(lab.get(client, url, names, *options))


def trust(lab, name):
    """Have the client know a certificate of the controller."""
    text = (lab.ssh_config.parent / name).read_text(encoding="utf-8")
    lab["client1"].check_output(f"printf %s {shlex.quote(text)} > /tmp/trusted.crt")


def test_requests_follow_the_weights_and_names_select_virtual_hosts(lab):
    assert answers(lab, "www.one.example", 20) == {"web1 one": 15, "web2 one": 5}
    assert answers(lab, "www.two.example", 20) == {"web1 two": 15, "web2 two": 5}


def test_a_dead_server_is_skipped_and_no_request_fails(lab):
    assert answers(lab, "one-is-dead.example", 6) == {"web2 one": 6}


def test_the_backup_answers_when_nobody_else_does(lab):
    assert answers(lab, "all-are-dead.example", 3) == {"sorry": 3}


def test_a_server_that_dies_is_done_without_and_one_that_returns_is_used_again(lab):
    lab["web1"].check_output("systemctl stop nginx")
    lab["web2"].check_output("systemctl stop apache2")
    try:
        assert answers(lab, "www.one.example", 3) == {"sorry": 3}
    finally:
        lab["web2"].check_output("systemctl start apache2")
        lab["web1"].check_output("systemctl start nginx")
    lab.until(lambda: answers(lab, "www.one.example", 8) == {"web1 one": 6, "web2 one": 2})


def test_other_ways_to_choose_a_server(lab):
    """By a key, all requests with it go to one server, and keys are spread. By address, all of a client."""
    users = [answers(lab, "by-user.example", 3, f"&user={user}") for user in "abcdefgh"]
    assert all(len(one) == 1 for one in users)
    assert {name for one in users for name in one} == {"web1 one", "web2 one"}
    assert len(answers(lab, "by-client.example", 6)) == 1
    assert sum(answers(lab, "by-chance.example", 6).values()) == 6


def test_the_web_server_hears_of_the_client_and_of_the_name(lab):
    told = headers(lab, "client1")
    assert {name: told[name] for name in told if name.startswith(("X-", "Host"))} == {
        "Host": "echo.example",
        "X-Real-IP": CLIENT,
        "X-Forwarded-For": CLIENT,
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "echo.example",
        "X-Forwarded-Port": "80",
    }


def test_only_a_trusted_proxy_says_who_the_client_is(lab):
    """web2 is one."""
    said = "--header 'X-Forwarded-For: 203.0.113.7' --header 'X-Forwarded-Proto: https' --header 'X-Real-IP: 203.0.113.8'"
    told = headers(lab, "client1", said)
    assert [told[name] for name in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP")] == [CLIENT, "http", CLIENT]
    told = headers(lab, "web2", said)
    assert [told[name] for name in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP")] == [
        "203.0.113.7",
        "https",
        "203.0.113.7",
    ]


def test_logs_behind_the_proxy_name_the_client(lab):
    assert answers(lab, "www.one.example", 4) == {"web1 one": 3, "web2 one": 1}
    for host, log in (("web1", "nginx/access.log"), ("web2", "apache2/lvs-sites.log")):
        assert lab[host].check_output(f"tail --lines=1 /var/log/{log}").split()[0] == CLIENT


def test_connections_to_web_servers_are_kept(lab):
    assert len({headers(lab, "client1")["client_port"] for _time in range(4)}) == 1


def test_a_certificate_of_our_ca_is_trusted_through_it_and_for_its_names_alone(lab):
    trust(lab, "ca/ca.crt")
    for url in ("https://secure.example/", f"https://{PROXY}/"):
        assert headers(lab, "client1", "--cacert /tmp/trusted.crt", url=url)["X-Forwarded-Proto"] == "https"
    resolve = f"--resolve secure.example:443:{PROXY} --resolve www.one.example:443:{PROXY} --silent"
    assert lab["client1"].run(f"curl {resolve} https://secure.example/").rc == 60
    assert lab["client1"].run(f"curl {resolve} --cacert /tmp/trusted.crt https://www.one.example/").rc == 60


def test_a_certificate_that_was_given_is_used(lab):
    trust(lab, "given.crt")
    assert headers(lab, "client1", "--cacert /tmp/trusted.crt", url="https://given.example/")["Host"] == "given.example"


def test_who_comes_without_tls_is_sent_to_it(lab):
    command = f"curl --silent --output /dev/null --write-out '%{{http_code}} %{{redirect_url}}' --header 'Host: secure.example' 'http://{PROXY}/a?b=c'"
    assert lab["client1"].check_output(command) == "301 https://secure.example/a?b=c"


def test_keys_are_roots_alone(lab):
    modes = lab["director1"].check_output(
        "stat --format='%a %U' /etc/nginx/lvs-tls /etc/nginx/lvs-tls/secure.key /etc/nginx/lvs-tls/given.key"
    )
    assert modes.split() == ["700", "root", "600", "root", "600", "root"]


@pytest.mark.parametrize(
    ("host", "names"), [("web1", ("www.one.example", "two.example")), ("web2", ("www.one.example", "two.example"))]
)
def test_virtual_hosts_of_both_web_servers_answer_by_name(lab, host, names):
    """And to any other name the first one."""
    address = {"web1": "192.168.239.148", "web2": "192.168.239.137"}[host]
    assert [lab.get("client1", f"http://{address}", f"--header 'Host: {name}'") for name in names] == [
        f"{host} one",
        f"{host} two",
    ]
    assert lab.get("client1", f"http://{address}") == f"{host} one"
    assert lab.get("client1", f"http://{address}/test.html") == f"{host} test"


def test_a_configuration_that_nginx_does_not_take_is_not_put_in_place(lab):
    director = lab["director1"]
    before = director.check_output("md5sum /etc/nginx/conf.d/*")
    refused = lab.play(CONVERGE, "--limit", "director1", "--extra-vars", "next_upstream=nonsense")
    assert refused.code != 0
    assert "failed to validate" in refused.messages
    assert director.check_output("md5sum /etc/nginx/conf.d/*") == before
    assert answers(lab, "www.one.example", 4) == {"web1 one": 3, "web2 one": 1}


def test_a_broken_configuration_of_apache_is_not_loaded(lab):
    web2 = lab["web2"]
    web2.check_output("echo Nonsense > /etc/apache2/conf-enabled/broken.conf")
    try:
        assert lab.play(CONVERGE, "--limit", "web2").code != 0
        assert lab.get("client1", "http://192.168.239.137") == "web2 one"
    finally:
        web2.check_output("rm /etc/apache2/conf-enabled/broken.conf")


def test_other_weights_are_loaded_without_a_restart(lab):
    """Last, since they stay."""
    director = lab["director1"]
    master = director.check_output("cat /run/nginx.pid")
    assert lab.play(CONVERGE, "--limit", "director1", "--extra-vars", '{"first_weight": 1}').code == 0
    assert answers(lab, "www.one.example", 4) == {"web1 one": 2, "web2 one": 2}
    assert director.check_output("cat /run/nginx.pid") == master
