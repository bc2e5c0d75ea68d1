#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lab_host
short_description: Start, rebuild or remove a host of the lab
version_added: "1.0.0"
description:
  - Boots a complete Linux host as an ordinary process (user-mode Linux) with its own kernel, disk and network cards, and waits until
    ssh answers.
  - A host that runs as it was defined is left alone. One that died is started again with its disk. One whose definition changed
    (image, cards, memory, disk, key) is made anew.
  - Needs the networks of M(lvs.cluster.lab_network) and an image of M(lvs.cluster.lab_image).
author: The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment: [lvs.cluster.lab]
options:
  name:
    description: Host name; at most 32 small letters, digits or C(-).
    type: str
    required: true
  state:
    description: Whether the host should run, or be removed with its disk.
    type: str
    choices: [started, absent]
    default: started
  image:
    description: Folder of the image to start from. Required with O(state=started).
    type: path
  cards:
    description:
      - Network cards in order, each a dictionary of C(network) (one of the lab's networks, required), C(name) (what the host calls it;
        by default the network's name), C(addresses) (a list of addresses with their prefixes, such as V(10.0.0.5/24)) and C(gateway).
      - Required with O(state=started).
    type: list
    elements: dict
  memory:
    description: Memory in MiB, at least 128. A ceiling; only what the host touches is taken.
    type: int
    default: 512
  disk:
    description: Size of the disk in GiB, at least 2. Sparse; only what the host writes is taken.
    type: int
    default: 6
  forwarding:
    description: Whether the host is a router of the lab, forwarding between its networks from its first boot on.
    type: bool
    default: false
  manager:
    description: What configures the host's cards. NetworkManager has to be among the packages of O(image).
    type: str
    choices: [ifupdown, NetworkManager]
    default: ifupdown
  turn:
    description:
      - The host runs on one processor of the machine, which makes it three times as fast. This says on which of those that may be used,
        counted round.
      - Takes effect when the host is started; another value by itself does not start it anew.
    type: int
    default: 0
  authorized_key:
    description: Public key that may log in as root. Required with O(state=started).
    type: str
  reset:
    description: Begin with an empty disk, whatever the host is now. The one option that makes a change at every run.
    type: bool
    default: false
  timeout:
    description: How long to wait for ssh, in seconds.
    type: int
    default: 300
"""

EXAMPLES = r"""
- name: Start a host with one card
  lvs.cluster.lab_host:
    lab: demo
    folder: /var/tmp/lvs/labs/demo
    name: web1
    image: "{{ lab_image.path }}"
    authorized_key: "{{ lookup('ansible.builtin.file', '/var/tmp/lvs/labs/demo/id_ed25519.pub') }}"
    cards:
      - network: back
        addresses: [192.168.239.148/24]
        gateway: 192.168.239.1

- name: Remove a host with its disk
  lvs.cluster.lab_host:
    lab: demo
    folder: /var/tmp/lvs/labs/demo
    name: web1
    state: absent
"""

RETURN = r"""
steps:
  description: What was done (in check mode, what would be), in order.
  returned: success
  type: list
  elements: str
  sample: [prepare, plug, start, await]
address:
  description: Address at which ssh reaches the host from inside the lab.
  returned: O(state=started)
  type: str
  sample: 192.168.239.148
known_hosts:
  description: File that holds the public key by which the host proves to be itself, in the form of known_hosts(5).
  returned: O(state=started)
  type: str
  sample: /var/tmp/lvs/labs/demo/hosts/web1/known_hosts
console:
  description: File that holds what the host printed on its console.
  returned: O(state=started)
  type: str
  sample: /var/tmp/lvs/labs/demo/hosts/web1/console.log
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.lab import boot, switches
from ..module_utils.lab import host as hosts
from ..module_utils.lab.commands import LabError, run
from ..module_utils.lab.model import MANAGERS, parse_host, parse_lab_name
from ..module_utils.lab.realm import Realm


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "lab": {"type": "str", "required": True},
            "folder": {"type": "path", "required": True},
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["started", "absent"], "default": "started"},
            "image": {"type": "path"},
            "cards": {"type": "list", "elements": "dict"},
            "memory": {"type": "int", "default": 512},
            "disk": {"type": "int", "default": 6},
            "forwarding": {"type": "bool", "default": False},
            "manager": {"type": "str", "choices": list(MANAGERS), "default": MANAGERS[0]},
            "turn": {"type": "int", "default": 0},
            "authorized_key": {"type": "str", "no_log": False},
            "reset": {"type": "bool", "default": False},
            "timeout": {"type": "int", "default": 300},
        },
        required_if=[("state", "started", ("image", "cards", "authorized_key"))],
        supports_check_mode=True,
    )
    asked = module.params
    try:
        realm = Realm(parse_lab_name(asked["lab"]))
        folder = hosts.HostFolder(realm, Path(asked["folder"]), asked["name"], run)
        result = remove(module, folder) if asked["state"] == "absent" else start(module, folder)
    except LabError as wrong:
        module.fail_json(msg=str(wrong))
    module.exit_json(**result)


def remove(module: AnsibleModule, folder: hosts.HostFolder) -> dict:
    have = folder.read(switches.read(folder.realm, run))
    steps = hosts.plan(have, None, {})
    if not module.check_mode:
        hosts.remove(steps, folder)
    return report(steps, have, None)


def start(module: AnsibleModule, folder: hosts.HostFolder) -> dict:
    asked = module.params
    host = parse_host(asked["name"], {key: asked[key] for key in ("cards", "memory", "disk", "forwarding", "manager", "turn")})
    image = Path(asked["image"])
    definition = boot.definition(folder.realm.lab, host, image.name, asked["authorized_key"])
    have = folder.read(switches.read(folder.realm, run))
    steps = hosts.plan(have, definition, hosts.cards(host), asked["reset"])
    if not module.check_mode:
        hosts.apply(steps, folder, host, definition, asked["authorized_key"], image, asked["timeout"])
    facts = {
        "address": str(host.address),
        "known_hosts": str(folder.path / "known_hosts"),
        "console": str(folder.console),
    }
    return {**report(steps, have, definition), **facts}


def report(steps: tuple, have: hosts.Have, definition: object) -> dict:
    before = {"running": have.running, "disk": have.disk}
    # A host is one with its definition: as long as that is the same, only its power changed.
    after = {"running": definition, "disk": definition}
    return {
        "changed": any(step != hosts.AWAIT for step in steps),
        "steps": list(steps),
        "diff": {"before": before, "after": after},
    }


if __name__ == "__main__":
    main()
