# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seed, recipe, marks and preflight: the lab's pure parts."""

from __future__ import annotations

import dataclasses
import io
import tarfile

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.lab import boot, image, preflight, recipe, seed
from ansible_collections.lvs.cluster.plugins.module_utils.lab.commands import LabError, Result, must
from ansible_collections.lvs.cluster.plugins.module_utils.lab.model import mac, parse_host
from ansible_collections.lvs.cluster.plugins.module_utils.lab.realm import Marks, marked

HOST = parse_host(
    "director1",
    {
        "cards": [
            {"network": "front", "addresses": ["10.0.0.128/24", "fd00::128/64"], "gateway": "10.0.0.1"},
            {"network": "back", "name": "ens37"},
        ]
    },
)


def unpacked(host=HOST):
    packed = seed.archive(seed.files("lab", host, "ssh-ed25519 AAAA lab", "PRIVATE\n"))
    assert len(packed) % 512 == 0
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        return {entry.name: (entry.mode, tar.extractfile(entry).read().decode() if entry.isfile() else None) for entry in tar}


def test_a_seed_holds_what_makes_the_host():
    files = unpacked()
    assert files["etc/hostname"] == (0o644, "director1\n")
    assert files["etc/network/interfaces.d/lab"][1] == (
        "auto front\n"
        "iface front inet static\n    address 10.0.0.128/24\n    gateway 10.0.0.1\n"
        "iface front inet6 static\n    address fd00::128/64\n"
        "auto ens37\niface ens37 inet manual\n"
    )
    assert (
        files["etc/systemd/network/10-lab-1.link"][1]
        == f"[Match]\nMACAddress={mac('lab', 'director1', 1)}\n\n[Link]\nName=ens37\n"
    )
    assert "etc/sysctl.d/90-lab-router.conf" not in files
    assert "net.ipv4.ip_forward = 1" in unpacked(dataclasses.replace(HOST, forwarding=True))["etc/sysctl.d/90-lab-router.conf"][1]


def test_a_host_of_networkmanager_has_its_cards_as_connections():
    files = unpacked(dataclasses.replace(HOST, manager="NetworkManager"))
    folder = "etc/NetworkManager/system-connections"
    assert files[f"{folder}/front.nmconnection"] == (
        0o600,
        "[connection]\nid=front\ntype=ethernet\ninterface-name=front\n\n"
        "[ipv4]\nmethod=manual\naddress1=10.0.0.128/24\ngateway=10.0.0.1\n\n"
        "[ipv6]\nmethod=manual\naddress1=fd00::128/64\n",
    )
    assert files[f"{folder}/ens37.nmconnection"][1].endswith("[ipv4]\nmethod=disabled\n\n[ipv6]\nmethod=link-local\n")
    assert "etc/network/interfaces.d/lab" not in files


def test_a_seed_keeps_its_secrets():
    files = unpacked()
    assert files["etc/ssh/ssh_host_ed25519_key"] == (0o600, "PRIVATE\n")
    assert files["root/.ssh/authorized_keys"] == (0o600, "ssh-ed25519 AAAA lab\n")
    assert files["root/.ssh"][0] == files["root"][0] == 0o700


def test_the_sign_of_a_complete_seed_comes_last():
    assert list(unpacked())[-1] == "etc/lab-seeded"


@pytest.mark.parametrize(
    "change",
    [
        {"memory": 256},
        {"disk": 8},
        {"forwarding": True},
        {"manager": "NetworkManager"},
        {"cards": HOST.cards[:1]},
        {"name": "director2"},
    ],
)
def test_a_changed_host_has_another_definition(change):
    before = boot.definition("lab", HOST, "trixie-1", "key")
    assert before == boot.definition("lab", dataclasses.replace(HOST), "trixie-1", "key")
    assert before != boot.definition("lab", dataclasses.replace(HOST, **change), "trixie-1", "key")
    assert before != boot.definition("lab", HOST, "trixie-2", "key")
    assert before != boot.definition("lab", HOST, "trixie-1", "other key")


def test_a_changed_recipe_has_another_name_and_an_unchanged_one_the_same():
    one = recipe.parse_recipe({"release": "trixie", "repository": ["nginx", "ipvsadm"]})
    assert one.name == recipe.parse_recipe({"repository": ["ipvsadm", "nginx", "nginx"]}).name
    others = [{"release": "bookworm"}, {"packages": ("vim",)}, {"repository": ()}, {"mirror": "file:/mirror"}]
    assert len({one.name} | {dataclasses.replace(one, **other).name for other in others}) == 5


def test_the_recipes_files_decide_its_name(monkeypatch):
    before = recipe.Recipe("trixie").name
    monkeypatch.setattr(recipe, "FILES", {**recipe.FILES, "etc/motd": "hello"})
    assert recipe.Recipe("trixie").name != before


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"release": "sid"}, "lab_release is 'sid': use one of trixie, bookworm"),
        (
            {"repository": ["nginx; reboot"]},
            "repository: 'nginx; reboot' is no name of a Debian package: write it as apt-cache shows it",
        ),
        ({"colour": "red"}, "a recipe has no colour: use release, packages, repository, mirror"),
    ],
)
def test_a_recipe_that_is_none_is_refused(data, text):
    with pytest.raises(LabError) as refused:
        recipe.parse_recipe(data)
    assert str(refused.value) == text


def test_half_an_image_is_never_found_and_is_cleared_away(tmp_path):
    wanted = recipe.Recipe("trixie")
    half = tmp_path / f"{image.UNFINISHED}{wanted.name}"
    half.mkdir()
    (half / "root-6G.img").write_text("half")
    (tmp_path / wanted.name).mkdir()
    assert image.find(tmp_path, wanted) is None

    def run(argv):
        assert not half.joinpath("root-6G.img").exists()
        return Result(1, "", "no network")

    with pytest.raises(LabError, match="no network"):
        image.build(tmp_path, wanted, "lab", run, lambda step: None)
    assert not half.exists()
    assert image.find(tmp_path, wanted) is None


def test_a_finished_image_is_found_without_running_anything(tmp_path):
    wanted = recipe.Recipe("trixie")
    (tmp_path / wanted.name).mkdir()
    (tmp_path / wanted.name / image.MANIFEST).write_text("{}")
    assert image.build(tmp_path, wanted, "lab", lambda argv: pytest.fail("ran something"), print) == tmp_path / wanted.name


def test_processes_are_known_by_their_marks(tmp_path):
    lines = {
        "10": ["/bin/boot", "umid=web1", *Marks("lab", "web1", "d1").words()],
        "11": ["/bin/boot", *Marks("lab", "web2", "d2").words()],
        "12": ["/bin/boot", *Marks("lab2", "web1", "d3").words()],
        "13": ["grep", "lvs_lab=lab"],
        "14": ["unshare", "--", "env", *Marks("lab").words(), "mmdebstrap"],
        "self": ["/bin/boot", *Marks("lab", "web1", "d1").words()],
    }
    for name, words in lines.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "cmdline").write_bytes(b"\0".join(word.encode() for word in words) + b"\0")
    assert set(marked("lab", proc=tmp_path)) == {10, 11, 14}
    assert marked("lab", "web1", proc=tmp_path) == {10: Marks("lab", "web1", "d1")}


GOOD = preflight.Machine("x86_64", 0, (), True, 16000, 50000)
NEED = preflight.Need(hosts=5, memory=512, images=1, folder="/root/.cache/lvs.cluster/labs/lab", longest=9)


def test_a_good_machine_has_no_objections():
    assert preflight.objections(GOOD, NEED) == ()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"architecture": "aarch64"},
            "This machine is aarch64, and user-mode Linux runs on x86_64 alone: use the playbooks on hosts of your own.",
        ),
        (
            {"user": 1000},
            "The lab makes a network namespace and mounts, which takes root: run this as root, for example with sudo.",
        ),
        (
            {"tun": False},
            "/dev/net/tun cannot be opened: load the module with `modprobe tun`, or hand the device to this container.",
        ),
        ({"missing": ("ip", "nc")}, "Commands are missing (ip, nc): run `apt-get install iproute2 netcat-openbsd`."),
        (
            {"memory": 900},
            "5 hosts need about 1250 MiB of memory, and 900 MiB are available: end something, or take hosts out of the inventory.",
        ),
        (
            {"disk": 1000},
            "The lab needs about 4800 MiB of disk under /root/.cache/lvs.cluster/labs/lab, and 1000 MiB are free: "
            "make room, or set lab_cache_dir to a larger disk.",
        ),
    ],
)
def test_each_objection_is_one_sentence_with_a_remedy(change, text):
    assert preflight.objections(dataclasses.replace(GOOD, **change), NEED) == (text,)


def test_a_path_too_long_for_a_socket_is_named_before_ssh_fails_on_it():
    (text,) = preflight.objections(GOOD, dataclasses.replace(NEED, folder="/x" * 60))
    assert "set lab_cache_dir to a shorter path" in text


def test_a_lab_that_runs_needs_no_more_memory():
    running = dataclasses.replace(NEED, hosts=0, images=0)
    assert preflight.objections(dataclasses.replace(GOOD, memory=10, disk=0), running) == ()


def test_a_failed_command_is_reported_with_its_words():
    with pytest.raises(LabError, match="`ip link` ended with 2 and said: no such device"):
        must(lambda argv: Result(2, "", "no such device\n"), ("ip", "link"))


@pytest.mark.parametrize(("turn", "processor"), [(0, "2"), (1, "3"), (2, "7"), (3, "2")])
def test_hosts_take_turns_on_the_processors_that_may_be_used(turn, processor):
    assert boot.bound(turn, {7, 2, 3}) == ("taskset", "--cpu-list", processor)


def test_a_host_is_the_same_on_another_processor():
    moved = dataclasses.replace(HOST, turn=1)
    assert boot.definition("lab", moved, "image", "key") == boot.definition("lab", HOST, "image", "key")
