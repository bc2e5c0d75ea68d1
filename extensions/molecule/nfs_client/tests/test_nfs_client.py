# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What programs of a real server find in their folders, while the NFS server is there, is away, and is back."""

from __future__ import annotations

from contextlib import contextmanager

CONVERGE = "extensions/molecule/nfs_client/converge.yml"
SHARE, OTHER = "/web/wordpress", "/srv/other"
UPLOADS = f"{SHARE}/wp-content/uploads"
# Silence, as of a host without power: the worst that a client meets.
SILENCE = "INPUT -p tcp --dport 2049 -j DROP"


def read(lab, folder: str = SHARE):
    return lab["web1"].run(f"timeout 60 cat {folder}/index.html")


def reads(lab, folder: str = SHARE) -> bool:
    return read(lab, folder).stdout == "from the share"


def upload(lab, name: str, user: int = 33):
    return lab["web1"].run(
        f"timeout 60 setpriv --reuid {user} --regid {user} --clear-groups sh -c 'echo picture > {UPLOADS}/{name}'"
    )


def mounts(lab, kind: str = "nfs4") -> dict[str, str]:
    """Mount points with their options."""
    found = lab["web1"].run(f"findmnt --noheadings --raw --types {kind} --output TARGET,OPTIONS").stdout
    return dict(line.split() for line in found.splitlines())


@contextmanager
def away(lab):
    """The server is silent."""
    lab["web2"].check_output(f"iptables -I {SILENCE}")
    try:
        yield
    finally:
        lab["web2"].check_output(f"iptables -D {SILENCE}")


def test_a_share_is_read_and_not_written(lab):
    assert reads(lab)
    assert reads(lab, OTHER)
    assert "Read-only file system" in lab["web1"].run(f"touch {SHARE}/file").stderr


def test_the_user_of_php_writes_uploads_and_they_are_its_own_on_both_sides(lab):
    assert upload(lab, "picture").rc == 0
    assert lab["web1"].check_output(f"stat --format %u:%g {UPLOADS}/picture") == "33:33"
    assert lab["web2"].check_output("stat --format %u:%g /srv/wordpress/wp-content/uploads/picture") == "33:33"
    assert "Permission denied" in upload(lab, "of-root", user=0).stderr


def test_options_are_those_that_were_asked_for(lab):
    assert reads(lab)
    assert reads(lab, OTHER)
    assert upload(lab, "picture").rc == 0
    found = mounts(lab)
    for point, access, version in ((SHARE, "ro", "4.2"), (UPLOADS, "rw", "4.2"), (OTHER, "ro", "4.1")):
        assert {access, f"vers={version}", "hard", "timeo=100", "nconnect=2", "nosuid", "nodev"} <= set(found[point].split(","))
        assert ("sync" in found[point].split(",")) == (access == "rw")


def test_a_program_waits_while_the_server_is_away_and_goes_on(lab):
    assert reads(lab)
    assert upload(lab, "long").rc == 0
    with away(lab):
        lab.begin(
            "web1",
            "writer",
            f"setpriv --reuid 33 --clear-groups dd if=/dev/zero of={UPLOADS}/long bs=64k count=4 conv=fsync status=none",
        )
        lab.until(lambda: lab["web1"].run("ps -o stat= -C dd").stdout.startswith("D"))
    lab.end("web1", "writer", 90)
    assert lab["web2"].check_output("stat --format %s /srv/wordpress/wp-content/uploads/long") == str(4 * 65536)


def test_a_host_boots_while_the_server_is_silent_and_has_its_shares_when_it_is_back(lab):
    """It also goes down with them mounted. Nobody restarts anything on it."""
    assert reads(lab)
    assert upload(lab, "before").rc == 0
    with away(lab):
        lab.reboot("web1")
        assert set(mounts(lab, "autofs")) >= {SHARE, OTHER}
        assert read(lab).rc not in (0, 124)
    lab.until(lambda: reads(lab), 60)
    lab.until(lambda: upload(lab, "after").rc == 0)
    assert lab["web2"].check_output("stat --format %u:%g /srv/wordpress/wp-content/uploads/after") == "33:33"


def test_a_server_that_starts_anew_is_found_again(lab):
    """Also after more attempts in a short time than systemd would allow without being told."""
    lab["web2"].check_output("systemctl stop nfs-server")
    try:
        lab["web1"].check_output("systemctl stop web-wordpress.mount")
        refused = lab["web1"].run(f"for i in 1 2 3 4 5 6 7; do cat {SHARE}/index.html && exit; done; exit 9")
        assert refused.rc == 9
    finally:
        lab["web2"].check_output("systemctl start nfs-server")
    assert reads(lab)
    lab.until(lambda: upload(lab, "again").rc == 0, 60)


def test_a_run_while_the_server_is_silent_changes_nothing(lab):
    with away(lab):
        again = lab.play(CONVERGE)
    assert (again.code, again.changes) == (0, []), again.messages


def test_a_share_whose_folder_came_later_than_who_looked_is_armed_by_the_next_run(lab):
    """Outside, the share is mounted and stays so; it does not ask for what failed within it again."""
    folder = "/srv/wordpress/wp-content"
    web1, unit = lab["web1"], r"'web-wordpress-wp\x2dcontent-uploads.automount'"
    web1.check_output(f"systemctl stop {unit}")
    lab["web2"].check_output(f"mv {folder} {folder}-later")
    try:
        lab.until(lambda: web1.run(f"ls {SHARE}/wp-content").rc != 0, 90)
        web1.run(f"systemctl start {unit}")
        assert web1.check_output(f"systemctl show --property=ActiveState --value {unit}") == "failed"
        waits = lab.play(CONVERGE, "--limit", "web1")
        assert (waits.code, waits.changes) == (0, []), waits.messages
    finally:
        lab["web2"].check_output(f"mv {folder}-later {folder}")
    lab.until(lambda: web1.run(f"ls {SHARE}/wp-content").rc == 0, 90)
    armed = lab.play(CONVERGE, "--limit", "web1")
    assert armed.code == 0, armed.messages
    assert len(armed.changes) == 1
    assert upload(lab, "late").rc == 0
    again = lab.play(CONVERGE, "--limit", "web1")
    assert (again.code, again.changes) == (0, [])


def test_a_mount_point_of_others_is_refused(lab):
    lab["web1"].check_output("echo '192.0.2.1:/x /srv/by-hand nfs noauto 0 0' >> /etc/fstab")
    try:
        mounts = '{"nfs_client_mounts": [{"server": "192.0.2.1", "path": "/x", "mountpoint": "/srv/%s"}]}'
        for name, said in (("by-hand", "/etc/fstab /srv/by-hand"), ("own", "unit /etc/systemd/system/srv-own.mount")):
            refused = lab.play(CONVERGE, "--extra-vars", mounts % name)
            assert (refused.code, refused.changes) == (2, [])
            assert said in refused.messages
    finally:
        lab["web1"].check_output("sed -i '/by-hand/d' /etc/fstab")


def test_other_options_are_there_when_somebody_looks(lab):
    assert reads(lab, OTHER)
    changed = lab.play(CONVERGE, "--extra-vars", '{"nfs_client_connections": 1}')
    assert changed.code == 0, changed.messages
    assert reads(lab, OTHER)
    assert "nconnect" not in mounts(lab)[OTHER]
    assert reads(lab)
    lab.until(lambda: upload(lab, "anew").rc == 0)


def test_what_leaves_the_inventory_leaves_the_host(lab):
    """Last, since it leaves less; while a file is open in it."""
    web1 = lab["web1"]
    assert reads(lab, OTHER)
    lab.begin("web1", "holder", f"timeout 300 tail --follow {OTHER}/index.html")
    lab.until(lambda: web1.run("cat /run/holder").stdout == "from the share")
    leaves = '{"scenario_leaves": ["/srv/other", "/srv/wordpress/wp-content/uploads"], "nfs_client_connections": 1}'
    gone = lab.play(CONVERGE, "--extra-vars", leaves)
    assert gone.code == 0, gone.messages
    assert web1.run("systemctl is-active holder").stdout.strip() == "active"
    web1.check_output("systemctl stop holder")
    assert reads(lab)
    assert set(mounts(lab)) == {SHARE}
    assert set(mounts(lab, "autofs")) & {OTHER, UPLOADS} == set()
    assert web1.run("cd /etc/systemd/system && ls -d *.wants/*mount [sw]*mount").stdout.split() == [
        "multi-user.target.wants/srv-own.mount",
        "remote-fs.target.wants/web-wordpress.automount",
        "srv-own.mount",
        "web-wordpress.automount",
        "web-wordpress.mount",
    ]
    assert set(mounts(lab, "tmpfs")) >= {"/srv/own"}
    assert web1.run("systemctl --failed --no-legend").stdout == ""
