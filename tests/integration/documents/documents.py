# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every how-to's cluster, and how to look at one."""

from __future__ import annotations


class EveryDocument:
    def test_a_second_run_changes_nothing(self, cluster):
        assert cluster.site().changed == []

    def test_a_check_foretells_nothing(self, cluster):
        assert cluster.site("--check").changed == []

    def test_the_proof_holds(self, cluster):
        cluster.play("playbooks/prove.yml")

    def test_hosts_have_their_names_and_know_the_others(self, cluster):
        hosts = known(cluster)
        assert len(hosts) > 3
        for host, address in hosts.items():
            assert cluster.say(host, "uname -n").strip() == host
            assert address in cluster.say(host, "cat /etc/hosts")


def known(cluster) -> dict[str, str]:
    """The inventory's hosts as the block in the client's /etc/hosts has them."""
    [client] = cluster.hosts("clients")
    block = cluster.say(client, "sed -n '/BEGIN lvs.cluster/,/END lvs.cluster/p' /etc/hosts | grep -v '^#'")
    hosts = cluster.hosts("lab")
    return {line.split()[1]: line.split()[0] for line in block.splitlines() if line.split()[1] in hosts}


def table(cluster, director: str) -> list[list[str]]:
    """What `ipvsadm -Ln` shows, without its counters: services, and real servers with how they are reached and their weight."""
    lines = [line.split() for line in cluster.say(director, "ipvsadm -Ln").splitlines()[3:]]
    return [words[1:4] if words[0] == "->" else words for words in lines]


def get(cluster, host: str, url: str, number: int = 1, options: str = "") -> list[str]:
    """What so many requests bring, one after the other, each with a connection of its own."""
    return cluster.say(
        host, f"for i in $(seq {number}); do curl --silent --show-error --fail --max-time 5 {options} {url}; done"
    ).splitlines()


def answers_through(cluster, director: str, client: str, vip: str) -> int:
    """How many packets of the answers to four requests pass the director, which the requests do."""

    def counted() -> tuple[int, int]:
        # TCP VIP Conns InPkts OutPkts InBytes OutBytes
        words = cluster.say(director, f"ipvsadm -Ln --stats --exact | grep 'TCP *{vip}'").split()
        return int(words[3]), int(words[4])

    before = counted()
    get(cluster, client, f"http://{vip}/", 4)
    # The kernel adds up every two seconds. A request has more than four packets: by then all of them are counted but the last ones.
    cluster.until(lambda: counted()[0] - before[0] > 4 * 4, 10)
    return counted()[1] - before[1]


class Capture:
    """The first so many packets that tcpdump(8) sees on a card."""

    def __init__(self, cluster, host: str, card: str, number: int, expression: str):
        """Returns once it listens."""
        self._cluster, self._host, self._unit = cluster, host, f"capture-{card}"
        cluster.say(
            host,
            f"systemd-run --quiet --collect --unit={self._unit} --property=StandardOutput=truncate:/tmp/{self._unit} "
            f"--property=StandardError=journal timeout 30 tcpdump -i {card} -nn -l -c {number} '{expression}'",
        )
        cluster.until(lambda: cluster.run(host, f"ss --packet --processes | grep '{card}.*tcpdump'").returncode == 0)

    def lines(self) -> list[str]:
        self._cluster.until(lambda: self._cluster.run(self._host, f"systemctl is-active {self._unit}").returncode != 0)
        return self._cluster.say(self._host, f"cat /tmp/{self._unit}").splitlines()
