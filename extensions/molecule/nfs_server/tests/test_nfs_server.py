# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an NFS server gives to its clients, and to nobody else. The kernel's own client asks, without any package."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

SERVER = "192.168.239.137"
CONVERGE = "extensions/molecule/nfs_server/converge.yml"
UPLOADS = "/srv/wordpress/wp-content/uploads"


def mount(lab, host: str, path: str, version: str = "4.2"):
    options = f"addr={SERVER},vers={version},soft,timeo=50,retrans=1"
    return lab[host].run(f"mkdir -p /mnt{path} && timeout 30 mount -i -t nfs4 -o {options} {SERVER}:{path} /mnt{path}")


@contextmanager
def mounted(lab, host: str, path: str, version: str = "4.2"):
    """The folder on the client that shows the server's."""
    done = mount(lab, host, path, version)
    assert done.rc == 0, done.stderr
    try:
        yield f"/mnt{path}"
    finally:
        lab[host].check_output(f"umount -l /mnt{path}")


def refused(lab, host: str, path: str, version: str = "4.2") -> bool:
    done = mount(lab, host, path, version)
    if done.rc == 0:
        lab[host].check_output(f"umount -l /mnt{path}")
    return done.rc == 32


def write(lab, host: str, user: int, file: str):
    """Have a user, by number, write a file."""
    return lab[host].run(f"setpriv --reuid {user} --regid {user} --clear-groups sh -c 'echo picture > {file}'")


def owner(lab, host: str, file: str) -> str:
    return lab[host].check_output(f"stat --format %u:%g {file}")


def test_a_client_reads_and_cannot_write(lab):
    lab["web2"].check_output("echo from the share > /srv/wordpress/index.html")
    with mounted(lab, "web1", "/srv/wordpress") as folder:
        assert lab["web1"].check_output(f"cat {folder}/index.html") == "from the share"
        done = lab["web1"].run(f"echo changed > {folder}/index.html")
        assert "Read-only file system" in done.stderr


def test_the_user_of_php_writes_uploads_and_they_are_its_own_on_both_sides(lab):
    with mounted(lab, "web1", UPLOADS) as folder:
        assert write(lab, "web1", 33, f"{folder}/picture").rc == 0
        assert owner(lab, "web1", f"{folder}/picture") == "33:33"
    assert owner(lab, "web2", f"{UPLOADS}/picture") == "33:33"
    assert lab["web2"].check_output(f"cat {UPLOADS}/picture") == "picture"


@pytest.mark.parametrize("user", [0, 1000], ids=["root", "another"])
def test_nobody_else_writes_uploads(lab, user):
    with mounted(lab, "web1", UPLOADS) as folder:
        assert "Permission denied" in write(lab, "web1", user, f"{folder}/of-{user}").stderr


def test_the_outer_share_shows_what_the_inner_one_holds(lab):
    with mounted(lab, "web1", UPLOADS) as folder:
        assert write(lab, "web1", 33, f"{folder}/seen").rc == 0
    with mounted(lab, "web1", "/srv/wordpress") as folder:
        assert lab["web1"].check_output(f"cat {folder}/wp-content/uploads/seen") == "picture"


def test_folders_above_an_export_belong_to_root(lab):
    assert owner(lab, "web2", "/srv/wordpress/wp-content") == "0:0"


def test_whoever_asks_is_the_owner_where_all_are(lab):
    with mounted(lab, "web1", "/srv/mapped") as folder:
        for user in (0, 1000):
            assert write(lab, "web1", user, f"{folder}/of-{user}").rc == 0
            assert owner(lab, "web2", f"/srv/mapped/of-{user}") == "1234:1235"


@pytest.mark.parametrize("path", ["/srv/wordpress", UPLOADS, "/srv/mapped", "/srv", "/"])
def test_who_is_no_client_is_refused(lab, path):
    assert refused(lab, "client1", path)
    assert lab["client1"].run("findmnt --types nfs,nfs4").stdout == ""


@pytest.mark.parametrize("version", ["4.1", "4.2"])
def test_the_versions_are_spoken(lab, version):
    with mounted(lab, "web1", "/srv/wordpress", version) as folder:
        assert f"vers={version}" in lab["web1"].check_output(f"findmnt --noheadings --output OPTIONS {folder}")


def test_other_versions_are_not(lab):
    assert refused(lab, "web1", "/srv/wordpress", "4.0")
    spoken = lab["web2"].check_output("cat /proc/fs/nfsd/versions").split()
    assert "+3" not in spoken
    assert lab["web2"].check_output("cat /proc/fs/nfsd/threads") == "4"


def test_what_others_share_stays(lab):
    with mounted(lab, "web1", "/srv/own"):
        pass


def test_a_wildcard_is_refused_before_anything_changes(lab):
    bad = '{"nfs_server_exports": [{"path": "/srv/wordpress", "clients": ["*"]}]}'
    refused = lab.play(CONVERGE, "--extra-vars", bad)
    assert (refused.code, refused.changes) == (2, [])
    with mounted(lab, "web1", "/srv/wordpress"):
        pass


def test_what_a_killed_run_owes_is_made_up_for(lab):
    """Files are as they should be, and the server has not loaded them."""
    lab["web2"].check_output("exportfs -u 192.168.239.0/24:/srv/mapped; echo 0 > /proc/fs/nfsd/threads")
    lab["web2"].check_output("echo '+3' > /proc/fs/nfsd/versions; echo 4 > /proc/fs/nfsd/threads")
    lab["web2"].check_output("touch -d '-1 hour' /var/lib/nfs/etab")
    assert refused(lab, "web1", "/srv/mapped")
    again = lab.play(CONVERGE)
    assert again.code == 0, again.messages
    assert "+3" not in lab["web2"].check_output("cat /proc/fs/nfsd/versions").split()
    with mounted(lab, "web1", "/srv/mapped"):
        pass


def test_exports_are_there_after_a_reboot(lab):
    lab.reboot("web2")
    with mounted(lab, "web1", "/srv/wordpress") as folder:
        assert lab["web1"].check_output(f"cat {folder}/index.html") == "from the share"
    test_the_user_of_php_writes_uploads_and_they_are_its_own_on_both_sides(lab)


def test_what_leaves_the_inventory_is_shared_no_more(lab):
    """Last, since it leaves less."""
    gone = lab.play(CONVERGE, "--extra-vars", '{"scenario_leaves": ["/srv/mapped", "' + UPLOADS + '"]}')
    assert gone.code == 0, gone.messages
    assert {change.task for change in gone.changes} >= {"Describe the exports", "Load the exports"}
    assert "Restart the server" not in {change.task for change in gone.changes}
    assert refused(lab, "web1", "/srv/mapped")
    assert lab["web2"].check_output("cat /srv/mapped/of-1000") == "picture"
    assert lab["web2"].check_output(f"cat {UPLOADS}/picture") == "picture"
    assert lab["web2"].run("ls /etc/systemd/system | grep '^srv-'").stdout == ""
    for path in ("/srv/wordpress", "/srv/own"):
        with mounted(lab, "web1", path):
            pass
