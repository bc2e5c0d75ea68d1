# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts, networks and roles of one inventory say of each other: each contradiction is one sentence, and what is right has none."""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path

import pytest
from ansible.errors import AnsibleUndefinedVariable
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager
from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.problems import problems
from ansible_collections.lvs.cluster.plugins.plugin_utils.inventory.spelling import KNOWN
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.inventory_data import GROUPS, HOSTVARS, NETWORK, WEB
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[4]
WEB1, WEB2 = (HOSTVARS[host]["lvs_rip"] for host in ("web1", "web2"))
NFS, DB, PROXY = "192.168.239.34", "192.168.239.35", "192.168.239.36"

APPLICATION_GROUPS = {
    **GROUPS,
    "nfs_servers": ["nfs1"],
    "database_servers": ["db1"],
    "web_servers": ["app1"],
    "reverse_proxies": ["proxy1"],
}
MOUNT = {"server": NFS, "path": "/data/www", "mountpoint": "/www"}
NODE = {
    "nfs_client_mounts": [MOUNT],
    "php_fpm_listen": "127.0.0.1:9000",
    "lvs_sites": [{"name": "wordpress", "listen": "80 default_server", "fastcgi": "127.0.0.1:9000"}],
}
# A whole application, and nothing wrong with it.
APPLICATION = {
    **HOSTVARS,
    "web1": {**HOSTVARS["web1"], **NODE},
    "web2": {**HOSTVARS["web2"], **NODE},
    "nfs1": {
        "lvs_address": NFS,
        "nfs_server_exports": [
            {"path": "/data/www", "clients": [WEB1, WEB2]},
            {"path": "/data/up", "clients": ["192.168.239.0/24"], "writable": True},
        ],
        "wordpress_url": "http://10.0.0.129",
        "wordpress_db_host": DB,
        "wordpress_db_name": "wpdb",
        "wordpress_db_user": "wpuser",
        "lvs_accepts": [{"source": [WEB1, WEB2], "protocol": "tcp", "port": 2049}],
    },
    "db1": {
        "ansible_host": DB,
        "mysql_bind_address": DB,
        "mysql_databases": [{"name": "wpdb"}],
        "mysql_users": [{"name": "wpuser", "hosts": [WEB1, "192.168.239.13%", NFS], "databases": ["wpdb"]}],
        "lvs_accepts": [{"source": [WEB1, WEB2, NFS], "protocol": "tcp", "port": 3306}],
    },
    "app1": {"lvs_address": "192.168.239.40", "apache_sites": [{"name": "app", "listen": "8080"}]},
    "proxy1": {
        "lvs_address": PROXY,
        "reverse_proxy_upstreams": [
            {"name": "apps", "servers": [{"address": "192.168.239.40:8080"}, {"address": "192.0.2.1:80"}]}
        ],
        "reverse_proxy_sites": [{"name": "apps", "upstream": "apps"}],
    },
}


def look(hostvars=None, groups=None, service=None, mode="nat", network=NETWORK, **hosts):
    """:param hosts: what is different about a host; None takes a variable away"""
    changed = deepcopy(HOSTVARS if hostvars is None else hostvars)
    for host, variables in hosts.items():
        changed.setdefault(host, {}).update(variables)
        changed[host] = {name: value for name, value in changed[host].items() if value is not None}
    services = [{**WEB, **(service or {})}]
    return problems(services, {**(GROUPS if hostvars is None else APPLICATION_GROUPS), **(groups or {})}, changed, mode, network)


def application(**hosts):
    return look(APPLICATION, **hosts)


def card(*addresses, **more):
    return {"lab_cards": [{"network": "back", "addresses": list(addresses), **more}]}


RIGHT = [
    # A single director may have its VIP as the address of its card.
    {"director1": card("10.0.0.129/24", "192.168.239.152/24", name="front")},
    {"director1": {"ansible_host": "10.0.0.129"}},
    # Ways in by ssh may be shared: ports tell hosts apart.
    {"web1": {"ansible_host": "198.51.100.1", "ansible_port": 2201}, "web2": {"ansible_host": "198.51.100.1"}},
    {"web1": {"ansible_host": "192.168.239.152"}},
    {"web1": card(f"{WEB1}/24", gateway="192.168.239.1")},
    {"web1": {**card(f"{WEB1}/24", name="ens33"), "lvs_rip_interface": "ens33"}},
    {"mode": "dr", "groups": {"gateways": []}},
    {"groups": {"retired": ["old1"]}, "old1": {"lvs_rip": "192.168.239.9"}},
    # Both addresses of so small a network are hosts' (RFC 3021).
    {"mode": "tun", "network": "192.168.239.152/31"},
    {"web1": {"lvs_colour": "blue", "lvsadm": 1}},
    {
        "web1": {
            "lvs_accepts": [{"source": ["192.0.2.0/24", "fd00::/8"], "protocol": "tcp", "port": "3306"}, {"protocol": "icmp"}]
        }
    },
    {"web1": {"lvs_ssh_port": 2222}},
    {"web1": {"lvs_sites": []}},
    # Several programs on one host, and not one port twice.
    {"web1": {"lvs_sites": [], "apache_sites": [{"name": "a"}]}, "groups": {"web_servers": ["web1"]}},
    {"web1": {"apache_sites": [{"name": "a", "listen": "192.0.2.5:8080"}]}, "groups": {"web_servers": ["web1"]}},
]


@pytest.mark.parametrize("right", RIGHT)
def test_what_is_right_has_no_problems(right):
    assert look(**right) == []


def test_a_whole_application_has_no_problems():
    assert application() == []


APPLICATION_RIGHT = [
    {"web1": {"nfs_client_mounts": [{**MOUNT, "path": "/data/www/deeper/"}, {**MOUNT, "path": "/data/up", "writable": True}]}},
    {"web1": {"nfs_client_mounts": [{**MOUNT, "server": "elsewhere.example"}]}},
    {"web1": {"nfs_client_mounts": [{**MOUNT, "version": "4.1"}]}},
    {"nfs1": {"lvs_firewall": "none", "lvs_accepts": None}},
    {"nfs1": {"wordpress_db_host": f"{DB}:3306"}},
    {"nfs1": {"wordpress_db_host": "db.example", "wordpress_db_name": "other"}},
    {"db1": {"mysql_bind_address": "0.0.0.0"}},
    {"web1": {"php_fpm_listen": "/run/php", "lvs_sites": [{"name": "x", "fastcgi": "/run/php"}]}},
    {"web1": {"php_fpm_listen": None}},
    {
        "proxy1": {
            "reverse_proxy_upstreams": [{"name": "apps", "servers": [{"address": f"{WEB1}:80"}, {"address": "unix:/run/x"}]}]
        }
    },
    {
        "proxy1": {
            "reverse_proxy_upstreams": [{"name": "apps", "servers": [{"address": "127.0.0.1:8080"}]}],
            "nginx_sites": [{"name": "sorry", "listen": "127.0.0.1:8080"}],
        }
    },
]


@pytest.mark.parametrize("right", APPLICATION_RIGHT)
def test_what_fits_together_has_no_problems(right):
    assert application(**right) == []


ONE_OWNER = "an address belongs to one host only, change one of them"
CASES = [
    # Addresses and networks.
    (
        {"client1": card("10.0.0.129/24")},
        f"client1: lab_cards: 10.0.0.129 is also lvs_services[0].vip: {ONE_OWNER}",
    ),
    (
        {"web1": {"ansible_host": "10.0.0.129"}},
        f"web1: ansible_host: 10.0.0.129 is also lvs_services[0].vip: {ONE_OWNER}",
    ),
    ({"client1": card(f"{WEB1}/24")}, f"client1: lab_cards: {WEB1} is also web1: lvs_rip: {ONE_OWNER}"),
    (
        {
            "groups": {"directors": ["director1", "director2"]},
            "director2": {"lvs_dip": "192.168.239.153", "lvs_vip_interface": "front", "ansible_host": "10.0.0.129"},
        },
        f"director2: ansible_host: 10.0.0.129 is also lvs_services[0].vip: {ONE_OWNER}",
    ),
    (
        {"web1": {"lvs_rip": "192.168.239.255"}},
        f"web1: lvs_rip: 192.168.239.255 is the broadcast address of lvs_back_network {NETWORK}: write the host's own address",
    ),
    (
        {"director1": {"lvs_dip": "192.168.239.0"}},
        f"director1: lvs_dip: 192.168.239.0 is the network of lvs_back_network {NETWORK}: write the host's own address",
    ),
    (
        {"network": "0.0.0.0/0"},
        "lvs_back_network: 0.0.0.0/0 is everything: write the inner network only, such as 192.168.239.0/24",
    ),
    (
        {"web1": {"lvs_back_network6": "fd00:b::/64"}, "web2": {"lvs_back_network6": "fd00:b::/48"}},
        "web2: lvs_back_network6: fd00:b::/48 overlaps fd00:b::/64, which is lvs_back_network6 elsewhere: "
        "write the same network for all hosts",
    ),
    (
        {"groups": {"gateways": []}},
        "gateways: the inventory has no gateway, and lvs_services[0] is a service of mode nat, whose real servers have no other way out: "
        "put the director into the group gateways",
    ),
    (
        {"groups": {"retired": ["web2"]}},
        "web2: is in group retired, and a real server of lvs_services[0]: take it out of group retired, or out of all the others",
    ),
    (
        {"groups": {"retired": ["director1"]}},
        "director1: is in group retired, and in group directors and in group gateways: "
        "take it out of group retired, or out of all the others",
    ),
    # The lab's cards.
    (
        {"web1": {**card(f"{WEB1}/24", name="ens33"), "lvs_rip_interface": "ens3"}},
        "web1: lvs_rip_interface: lab_cards has no card 'ens3' (did you mean ens33?): name one of ens33",
    ),
    (
        {"director1": card("192.168.239.152/24")},
        "director1: lvs_vip_interface: lab_cards has no card 'front': name one of back",
    ),
    (
        {"web1": card("192.168.239.147/24")},
        f"web1: lvs_rip: {WEB1} is on no card of lab_cards, which has 192.168.239.147: correct one of them",
    ),
    (
        {"web1": card(f"{WEB1}/24", gateway="192.168.238.1")},
        "web1: lab_cards: gateway 192.168.238.1 is no address of 192.168.239.0/24: name a router there",
    ),
    (
        {"web1": card(f"{WEB1}/24", gateway="192.168.239.255")},
        "web1: lab_cards: gateway 192.168.239.255 is no address of 192.168.239.0/24: name a router there",
    ),
    (
        {"web1": card(f"{WEB1}/24", gateway=WEB1)},
        f"web1: lab_cards: gateway {WEB1} is the host's own address: name the router's, or leave it out",
    ),
    # Names.
    ({"web1": {"lvs_wieght": 3}}, "web1: lvs_wieght: there is no such variable (did you mean lvs_weight?): rename it"),
    (
        {host: {"lvs_backnetwork": NETWORK} for host in ("web1", "web2")},
        "web1, web2: lvs_backnetwork: there is no such variable (did you mean lvs_back_network?): rename it",
    ),
    # What else is let through.
    (
        {"web1": {"lvs_accepts": {"port": 80}}},
        "web1: lvs_accepts: {'port': 80} is no list: write one such as [{source: 192.168.239.0/24, protocol: tcp, port: 3306}]",
    ),
    (
        {"web1": {"lvs_accepts": ["ssh"]}},
        "web1: lvs_accepts[0]: 'ssh' is no dictionary: write one such as {source: 192.168.239.0/24, protocol: tcp, port: 3306}",
    ),
    (
        {"web1": {"lvs_accepts": [{"from": "192.0.2.1"}]}},
        "web1: lvs_accepts[0]: there is no such key as 'from': use source, destination, protocol, port",
    ),
    (
        {"web1": {"lvs_accepts": [{"protocol": "tcp"}, {"source": ["192.0.2.1", "192.0.2.300"]}]}},
        "web1: lvs_accepts[1]: source '192.0.2.300' is no address and no network: write one such as 192.168.239.0/24",
    ),
    (
        {"web1": {"lvs_accepts": [{"protocol": "tcp", "port": 65536}]}},
        "web1: lvs_accepts[0]: port 65536 is no port: write one of 1 to 65535",
    ),
    (
        {"web1": {"lvs_accepts": [{"port": 80}]}},
        "web1: lvs_accepts[0]: port 80 of which protocol: write protocol, tcp or udp",
    ),
    ({"web1": {"lvs_ssh_port": "ssh"}}, "web1: lvs_ssh_port: 'ssh' is no port: write the one that sshd listens on, 1 to 65535"),
    # Who listens where.
    (
        {"web1": {"lvs_sites": [{"name": "x", "listen": "8080"}]}},
        "web1: lvs_sites: no site listens on port 80, where services send clients: correct listen, or the services' real_port",
    ),
    (
        {"web1": {"apache_sites": [{"name": "a"}]}, "groups": {"web_servers": ["web1"]}},
        "web1: apache_sites: Apache is to listen on port 80, and so is nginx (lvs_sites): set lvs_sites to []",
    ),
    (
        {
            "app1": {"apache_sites": [{"name": "a"}], "nginx_sites": [{"name": "n", "listen": "192.0.2.1:80 default_server"}]},
            "groups": {"web_servers": ["app1"]},
        },
        "app1: apache_sites: Apache is to listen on port 80, and so is nginx (nginx_sites): "
        "take another port in one of apache_sites and nginx_sites",
    ),
]
NODES = ("web1", "web2")


def mounts(**changes):
    return {host: {"nfs_client_mounts": [{**MOUNT, **changes}]} for host in NODES}


APPLICATION_CASES = [
    # Shares.
    (
        mounts(path="/data/wwww"),
        "web1, web2: nfs_client_mounts[0]: nfs1 does not export /data/wwww (did you mean /data/www?): "
        "list it in nfs_server_exports of nfs1, or correct server and path",
    ),
    (
        {"nfs1": {"nfs_server_exports": None}},
        "web1, web2: nfs_client_mounts[0]: nfs1 does not export anything: "
        "list it in nfs_server_exports of nfs1, or correct server and path",
    ),
    (
        {"groups": {"nfs_servers": []}},
        "web1, web2: nfs_client_mounts[0]: nfs1 is not in group nfs_servers, whose hosts export: put it there",
    ),
    (
        {"nfs1": {"nfs_server_exports": [{"path": "/data/www", "clients": [WEB1]}]}},
        f"web2: nfs_client_mounts[0]: nfs1 exports /data/www, and not to web2: list one of {WEB2} "
        "as clients in nfs_server_exports of nfs1",
    ),
    (
        mounts(writable=True),
        "web1, web2: nfs_client_mounts[0]: nfs1 exports /data/www read-only: set writable there, or leave it out here",
    ),
    (
        {host: {"nfs_client_version": "3"} for host in NODES},
        "web1, web2: nfs_client_mounts[0]: nfs1 does not speak NFS 3: "
        "list it in nfs_server_versions of nfs1, or set version to 4.2",
    ),
    (
        {"nfs1": {"lvs_accepts": [{"source": WEB1, "protocol": "tcp", "port": 2049}]}},
        "web2: nfs_client_mounts[0]: nfs1 does not let web2 in at tcp 2049: list that in lvs_accepts of nfs1",
    ),
    # The database.
    (
        {
            "nfs1": {"wordpress_db_name": "wpbd"},
            "db1": {"mysql_users": [{"name": "wpuser", "hosts": ["192.168.239.%"], "databases": ["wpbd"]}]},
        },
        "nfs1: wordpress_db_name: db1 has no database 'wpbd' (did you mean wpdb?): list it in mysql_databases of db1, or correct the name",
    ),
    (
        {"nfs1": {"wordpress_db_user": None}},
        "nfs1: wordpress_db_user: db1 has no user 'wordpress': list one in mysql_users of db1, or correct the name",
    ),
    (
        {"db1": {"mysql_users": [{"name": "wpuser", "hosts": ["192.168.239.0/24"], "databases": ["other"]}]}},
        "nfs1: wordpress_db_user: wpuser has no rights on wpdb: list it as databases of wpuser in mysql_users of db1",
    ),
    (
        {"db1": {"mysql_users": [{"name": "wpuser", "hosts": [WEB1, NFS], "databases": ["wpdb"]}]}},
        f"db1: mysql_users: lets web2 in under no user of WordPress: list one of {WEB2} as hosts of that user",
    ),
    (
        {"db1": {"mysql_bind_address": None}},
        f"db1: mysql_bind_address: 127.0.0.1 is no address of db1 that others reach, and nfs1 needs its database: write one of {DB}",
    ),
    (
        {"db1": {"lvs_accepts": [{"source": [WEB1, NFS], "protocol": "tcp", "port": 3306}]}},
        "db1: lvs_accepts: does not let web2 in at tcp 3306: list that, for WordPress needs the database",
    ),
    (
        {"nfs1": {"wordpress_db_host": f"{DB}:3307"}, "db1": {"lvs_firewall": "none"}},
        "nfs1: wordpress_db_host: db1 listens on port 3306, not on 3307: correct one",
    ),
    # PHP and proxies.
    (
        {host: {"php_fpm_listen": "127.0.0.1:9001"} for host in ("web1",)},
        "web1: lvs_sites[0]: fastcgi 127.0.0.1:9000 is where PHP of web1 does not answer, which listens on 127.0.0.1:9001: "
        "write the same in both",
    ),
    (
        {"web1": {"lvs_sites": [{"name": "x", "fastcgi": f"{WEB2}:9000"}]}},
        f"web1: lvs_sites[0]: fastcgi {WEB2}:9000 is where PHP of web2 does not answer, which listens on 127.0.0.1:9000: "
        "write the same in both",
    ),
    (
        {"proxy1": {"reverse_proxy_sites": [{"name": "a", "upstream": "app"}]}},
        "proxy1: reverse_proxy_sites[0]: nothing in reverse_proxy_upstreams is called 'app' (did you mean apps?): "
        "add it, or correct upstream",
    ),
    (
        {"app1": {"apache_sites": [{"name": "app", "listen": "8081"}]}},
        "proxy1: reverse_proxy_upstreams[0]: 192.168.239.40:8080 is app1, where only port 8081 is listened on: correct one of them",
    ),
]


@pytest.mark.parametrize(("wrong", "sentence"), CASES, ids=[f"{at}-{case[1].split(': ')[1]}" for at, case in enumerate(CASES)])
def test_each_contradiction_is_one_sentence(wrong, sentence):
    assert look(**wrong) == [sentence]


@pytest.mark.parametrize(
    ("wrong", "sentence"), APPLICATION_CASES, ids=[f"{at}-{case[1].split(': ')[1]}" for at, case in enumerate(APPLICATION_CASES)]
)
def test_each_contradiction_of_an_application_is_one_sentence(wrong, sentence):
    assert application(**wrong) == [sentence]


class Later(dict):
    """Variables that only facts of the host can tell."""

    def __getitem__(self, key):
        raise AnsibleUndefinedVariable("'ansible_facts' is undefined")


@pytest.mark.parametrize("host", ["nfs1", "db1", "proxy1"])
def test_what_cannot_be_known_yet_is_no_contradiction(host):
    hostvars = {**APPLICATION, host: Later(APPLICATION[host])}
    assert problems([WEB], APPLICATION_GROUPS, hostvars, "nat", NETWORK) == []


class Secret(dict):
    def __getitem__(self, key):
        assert key != "password", "a password was worked out, and may have been made by that"
        return super().__getitem__(key)


def test_no_password_is_worked_out():
    users = [Secret(user, password="secret") for user in APPLICATION["db1"]["mysql_users"]]
    hostvars = {**APPLICATION, "db1": {**APPLICATION["db1"], "mysql_users": users}}
    assert problems([WEB], APPLICATION_GROUPS, hostvars, "nat", NETWORK) == []


ADDRESS = st.integers(1, 60).map(lambda last: f"192.168.239.{last}")


@given(cards=st.dictionaries(st.sampled_from(["director1", "web1", "web2", "client1", "client2"]), ADDRESS, min_size=1))
def test_two_hosts_with_one_address_are_told_and_nobody_else(cards):
    hostvars = {
        host: {**HOSTVARS.get(host, {}), "lab_cards": [{"network": "back", "addresses": [f"{text}/24"]}]}
        for host, text in cards.items()
    }
    for host, text in cards.items():
        hostvars[host].update({name: text for name in ("lvs_rip", "lvs_dip") if name in hostvars[host]})
    found = problems([WEB], GROUPS, {**HOSTVARS, **hostvars}, "tun", None)
    doubles = {text for text in cards.values() if list(cards.values()).count(text) > 1}
    assert {match[1] for sentence in found for match in re.finditer(r" (\S+) is also ", sentence)} == doubles


@given(
    export=st.sampled_from(["/data", "/data/www", "/data/ww", "/srv"]),
    mount=st.sampled_from(["/data", "/data/www", "/data/www/a", "/data/www2", "/srv/x"]),
)
def test_a_share_is_found_where_a_folder_around_it_is_exported(export, mount):
    found = application(
        nfs1={"nfs_server_exports": [{"path": export, "clients": [NETWORK]}]},
        web1={"nfs_client_mounts": [{**MOUNT, "path": mount}]},
        web2={"nfs_client_mounts": []},
    )
    inside = mount == export or mount.startswith(f"{export}/")
    assert (found == []) == inside
    assert inside or f"nfs1 does not export {mount}" in found[0]


def test_every_variable_that_is_documented_or_read_is_known():
    """Or its name, which is like another's, would be refused."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "docs/inventory.md", *(ROOT / "playbooks").glob("*.yml"))]
    named = {name for text in texts for name in re.findall(r"\blvs_[a-z0-9_]+", text)}
    # The collection's own name in file names, and a fact.
    assert named - {"lvs_cluster", "lvs_parts"} <= set(KNOWN)


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "inventories").iterdir()))
def test_the_inventories_that_come_along_have_no_problems(name):
    loader = DataLoader()
    inventory = InventoryManager(loader, sources=[str(ROOT / "inventories" / name)])
    hostvars = HostVars(inventory, VariableManager(loader, inventory), loader)
    groups = inventory.get_groups_dict()
    if "directors" not in groups:
        pytest.skip("no cluster")
    first = hostvars[groups["directors"][0]]
    assert problems(first["lvs_services"], groups, hostvars, first["lvs_mode"], first.get("lvs_back_network", "")) == []
