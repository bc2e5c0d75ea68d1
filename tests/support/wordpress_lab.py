# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab whose cluster serves WordPress: its visitors, its writers, and what a run of site.yml says."""

from __future__ import annotations

import json
import shlex
from typing import NamedTuple

from inventory_lab import ROOT, InventoryLab

WRITER = ROOT / "tests" / "support" / "wordpress_client.py"

# All ports that something of the cluster listens on, and some that nothing should: rpcbind, mountd, chrony's, MySQL's second, PHP's.
PORTS = (22, 80, 111, 323, 443, 2049, 3306, 8080, 9000, 20048, 33060)
# Prints the ports that accept a connection, all asked at once.
SCAN = """
import socket, sys
from concurrent.futures import ThreadPoolExecutor

def answers(port):
    try:
        socket.create_connection((sys.argv[1], port), 3).close()
        return True
    except OSError:
        return False

ports = [int(word) for word in sys.argv[2:]]
with ThreadPoolExecutor(len(ports)) as pool:
    print(*(port for port, open in zip(ports, pool.map(answers, ports)) if open))
"""


class Host(NamedTuple):
    name: str
    address: str


class WordPressLab(InventoryLab):
    def __init__(self, inventory: str, lab: str, url: str, share: Host, database: Host, real_servers: dict[str, str]) -> None:
        super().__init__(inventory, lab)
        self.url = url
        self.share, self.database = share, database
        # Those that the VIP leads to, by name.
        self.real_servers = real_servers

    def told(self, *arguments: str) -> str:
        """All that a run of site.yml says."""
        done = self.playbook("site.yml", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def secrets(self) -> list[str]:
        return [path.read_text(encoding="utf-8").split()[0] for path in (self.folder / "secrets").iterdir()]

    @property
    def password(self) -> str:
        """The administrator's."""
        return (self.folder / "secrets" / "administrator").read_text(encoding="utf-8").split()[0]

    def publish(self, title: str) -> dict[str, str]:
        """Write a post with a picture through the VIP; where both are."""
        told: dict[str, str] = json.loads(self.say("client1", self.writer("post", title), self.password + "\n"))
        return told

    def ssh(self, host: str, command: str) -> list[str]:
        return ["ssh", "-F", str(self.folder / "ssh_config"), host, command]

    def writer(self, *words: str) -> str:
        """The command by which client1 writes; it reads the password."""
        self.say("client1", "cat > /tmp/wordpress_client.py", WRITER.read_text(encoding="utf-8"))
        return shlex.join(["python3", "/tmp/wordpress_client.py", self.url, "admin", *words])

    def visit(self, url: str, *options: str) -> str | None:
        """What a visitor gets; None where that is an error."""
        said = self.run("client1", shlex.join(["curl", "--silent", "--fail", "--max-time", "20", *options, url]))
        return said.stdout if said.returncode == 0 else None

    def shows(self, published: dict[str, str]) -> bool:
        """Whether a visitor gets the post, and the picture that is in it."""
        picture = ["--output", "/dev/null", "--write-out", "%{content_type}"]
        return (
            published["picture"] in (self.visit(published["post"]) or "")
            and self.visit(published["picture"], *picture) == "image/png"
        )

    def entries(self, host: str, what: str) -> list[str]:
        """The entries of a host's log of requests that have a word."""
        return self.say(
            host, f"grep --no-filename --fixed-strings -- {shlex.quote(what)} /var/log/nginx/*.log || true"
        ).splitlines()

    def answering(self, asker: str, address: str) -> list[int]:
        """The ports of an address that answer to a host."""
        said = self.say(asker, f"python3 - {address} {' '.join(map(str, PORTS))}", SCAN)
        return [int(word) for word in said.split()]
