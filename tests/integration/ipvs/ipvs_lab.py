# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A director on a real kernel, and two ways to it: scripts on the host for the many cases, playbooks for what people type."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
INVENTORY = HERE / "inventory"
LAB = "ipvs"
FOLDER = "/root/lvs"


class Run(NamedTuple):
    """How a playbook went: the host, the task's name and what it returned, task by task. A loop's have `results`."""

    code: int
    tasks: list[tuple[str, str, dict[str, Any]]]

    def __getitem__(self, name: str) -> dict[str, Any]:
        """What a task of this name returned."""
        return next(result for _host, task, result in self.tasks if task == name)

    @property
    def changed(self) -> list[str]:
        return [name for _host, name, result in self.tasks if result["changed"]]


class Director:
    """The host under test."""

    vip = "10.0.0.80"

    def __init__(self, release: str) -> None:
        self.environment = {
            **os.environ,
            "LVS_LAB": LAB,
            "LVS_LAB_RELEASE": release,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        }
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        self.ssh_config = Path(cache) / "lvs.cluster" / "labs" / LAB / "ssh_config"
        # Where the clients are.
        self.outside = ["nsenter", f"--net=/run/netns/lvs-{LAB}"]
        self.checked = lru_cache(None)(self._checked)

    def lab(self, playbook: str) -> None:
        environment = {**self.environment, "ANSIBLE_STDOUT_CALLBACK": "default"}
        command = ["ansible-playbook", str(ROOT / "playbooks" / playbook), "-i", str(INVENTORY)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def ssh(self, command: str, **options: Any) -> str:
        argv = ["ssh", "-F", str(self.ssh_config), "-o", "ConnectTimeout=5", "director", command]
        done = subprocess.run(argv, capture_output=True, check=False, **{"stdin": subprocess.DEVNULL, **options})
        assert done.returncode == 0, f"{command}: {done.stdout.decode()}{done.stderr.decode()}"
        return done.stdout.decode().strip()

    def copy_code(self) -> None:
        """The modules' own package, with the scripts beside it."""
        paths = ["-C", str(ROOT / "plugins/module_utils"), "ipvs", "-C", str(HERE), "guest"]
        archive = subprocess.run(["tar", "-c", "--exclude=__pycache__", *paths], check=True, capture_output=True).stdout
        self.ssh(f"mkdir -p {FOLDER} && tar -x -C {FOLDER} && cp {FOLDER}/guest/* {FOLDER}", input=archive, stdin=None)

    def forget_ip_vs(self) -> None:
        """As after a boot: the kernel module is not loaded."""
        self.ssh(
            "ipvsadm -C; lsmod | sed -n 's/^\\(ip_vs_[a-z_]*\\) .*/\\1/p' | xargs -r rmmod; rmmod ip_vs; test ! -e /proc/net/ip_vs"
        )

    def script(self, name: str, *arguments: str) -> Any:
        return json.loads(self.ssh(" ".join(["cd", FOLDER, "&&", "python3", f"{name}.py", *arguments])))

    def _checked(self, script: str) -> dict[str, dict[str, Any]]:
        report: dict[str, dict[str, Any]] = self.script("run", script)
        return report

    def prove(self, script: str, check: str) -> None:
        """Fail as the check on the host did. All checks of a script are run at the first question."""
        problem = self.checked(script)[check]["problem"]
        assert not problem, problem

    def start(self, playbook: Path, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["ansible-playbook", str(playbook), "-i", str(INVENTORY), *arguments],
            env=self.environment,
            cwd=ROOT,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def finish(self, running: subprocess.Popen[str], good: bool = True) -> Run:
        output, errors = running.communicate(timeout=300)
        assert "{" in output, output + errors
        # Warnings may stand before the report.
        report = json.loads(output[output.index("{") :])
        tasks = [
            (host, task["task"]["name"], result)
            for play in report["plays"]
            for task in play["tasks"]
            for host, result in task["hosts"].items()
        ]
        assert (running.returncode == 0) == good, json.dumps([each for each in tasks if each[2].get("failed")], indent=1) + errors
        return Run(running.returncode, tasks)

    def play(self, playbook: Path, *arguments: str, good: bool = True) -> Run:
        """Run a playbook on the host, as a person would."""
        return self.finish(self.start(playbook, *arguments), good)


def playbook(path: Path, tasks: str, **play: Any) -> Path:
    """A playbook of these tasks, as they are written in one."""
    whole = [{"hosts": "director", "gather_facts": False, **play, "tasks": yaml.safe_load(tasks)}]
    path.write_text(yaml.safe_dump(whole, sort_keys=False))
    return path


def checks(script: str) -> list[str]:
    """The names of a script's checks, which can only be run on the host."""
    lines = (HERE / "guest" / f"{script}.py").read_text().splitlines()
    return [line[4:].partition("(")[0] for line in lines if line.startswith("def check_")]


class Client:
    """A connection from outside, held open until it is told to end. The server sends numbered lines all the time."""

    def __init__(self, director: Director, port: int) -> None:
        argv = [*director.outside, sys.executable, str(HERE / "client.py"), director.vip, str(port)]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.server = self.line()

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def say(self, word: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def end(self) -> str:
        """End it as usual; what the client saw in all."""
        self.say("end")
        assert self.process.stdout
        rest = self.process.stdout.read()
        assert self.process.wait(10) == 0, rest
        return rest

    def reset(self) -> None:
        """End it with a reset, after which the kernel forgets it within 10 seconds."""
        self.say("reset")
        self.process.wait(10)
