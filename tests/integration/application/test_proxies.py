# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both ways to the virtual hosts: through the proxy that stands alone, and through the VIP to the proxies behind the director."""

from __future__ import annotations

from collections import Counter

import pytest

VIP, PROXY, CIP = "10.0.0.129", "10.0.0.140", "10.0.0.201"
LOGS = {"vhost1": "/var/log/nginx/access.log", "vhost2": "/var/log/apache2/lvs-sites.log"}
WAYS = pytest.mark.parametrize("address", [PROXY, VIP], ids=["proxy", "VIP and proxies"])


@pytest.fixture(scope="module")
def trusted(lab) -> str:
    """The CA's certificate, on the client."""
    lab.say("client1", "cat > /tmp/ca.crt", (lab.folder / "ca" / "ca.crt").read_text(encoding="utf-8"))
    return "/tmp/ca.crt"


def ask(lab, address: str, url: str, *options: str) -> str | None:
    host = url.split("/")[2]
    known = [word for port in (80, 443) for word in ("--resolve", f"{host}:{port}:{address}")]
    said = lab.visit(url, *known, *options)
    return said if said is None else said.strip()


@WAYS
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("name", ["www.lvs.test", "bbs.lvs.test"])
def test_both_kinds_of_web_servers_answer_by_name(lab, trusted, address, scheme, name):
    url = f"{scheme}://{name}/"
    answers = Counter(ask(lab, address, url, "--cacert", trusted) for _time in range(12))
    assert set(answers) == {f"{name} on vhost1", f"{name} on vhost2"}
    # By their weights; behind the VIP two proxies count for themselves.
    assert answers[f"{name} on vhost1"] == 8


@WAYS
def test_the_certificate_is_for_these_names_and_of_this_ca(lab, trusted, address):
    assert ask(lab, address, "https://www.lvs.test/") is None
    assert ask(lab, address, "https://other.lvs.test/", "--cacert", trusted) is None


@WAYS
def test_logs_behind_a_proxy_name_the_client_whatever_it_says(lab, trusted, address):
    url = f"https://www.lvs.test/?from-{address}"
    for _turn in range(6):
        assert ask(lab, address, url, "--cacert", trusted, "--header", "X-Forwarded-For: 192.0.2.66")
    for host, log in LOGS.items():
        entries = lab.say(host, f"grep --fixed-strings from-{address} {log}").splitlines()
        assert {line.split()[0] for line in entries} == {CIP}


def test_a_web_server_that_stops_costs_no_request(lab):
    lab.say("vhost1", "systemctl stop nginx")
    try:
        for address in (PROXY, VIP):
            assert {ask(lab, address, "http://www.lvs.test/") for _time in range(6)} == {"www.lvs.test on vhost2"}
    finally:
        lab.say("vhost1", "systemctl start nginx")
