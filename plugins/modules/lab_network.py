#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lab_network
short_description: Make or remove the networks of a lab
version_added: "1.0.0"
description:
  - Makes one network namespace for the whole lab, without a route or a card that leads out of it, and in it a bridge for each network.
  - The machine that runs Ansible is plugged into every network, which is how ssh reaches the hosts; it does not route between them.
  - With O(state=absent) the whole lab goes, hosts and disks included; also what an interrupted run left.
author: The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment: [lvs.cluster.lab]
options:
  networks:
    description:
      - The networks by their names, each a dictionary of C(subnet), an IPv4 network such as V(10.0.0.0/24), and C(controller), the
        address of the machine that runs Ansible in it (by default the last one).
      - A network that is not named here is removed.
      - Required with O(state=present).
    type: dict
  state:
    description: Whether the lab should have its networks or be removed.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Make two networks
  lvs.cluster.lab_network:
    lab: demo
    folder: /var/tmp/lvs/labs/demo
    networks:
      front: {subnet: 10.0.0.0/24}
      back: {subnet: 192.168.239.0/24, controller: 192.168.239.254}

- name: Remove the lab with everything in it
  lvs.cluster.lab_network:
    lab: demo
    folder: /var/tmp/lvs/labs/demo
    state: absent
"""

RETURN = r"""
namespace:
  description: Path of the lab's network namespace.
  returned: success
  type: str
  sample: /run/netns/lvs-demo
hosts:
  description: Names of the hosts that the lab has, running or not.
  returned: success
  type: list
  elements: str
  sample: [director1, web1]
"""

import shutil
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.lab import switches
from ..module_utils.lab.commands import LabError, run
from ..module_utils.lab.model import check_lab, parse_lab_name, parse_network
from ..module_utils.lab.realm import Realm, end, inside_namespace, marked


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "lab": {"type": "str", "required": True},
            "folder": {"type": "path", "required": True},
            "networks": {"type": "dict"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ("networks",))],
        supports_check_mode=True,
    )
    asked = module.params
    try:
        realm = Realm(parse_lab_name(asked["lab"]))
        result = remove(module, realm) if asked["state"] == "absent" else make(module, realm)
    except LabError as wrong:
        module.fail_json(msg=str(wrong))
    module.exit_json(namespace=realm.path, **result)


def make(module: AnsibleModule, realm: Realm) -> dict:
    networks = tuple(parse_network(name, data or {}) for name, data in module.params["networks"].items())
    wrong = check_lab(networks, ())
    if wrong:
        raise LabError("\n".join(wrong))
    have = switches.read(realm, run)
    want = switches.wanted(networks, have)
    commands = switches.plan(realm, have, want)
    if not module.check_mode:
        switches.apply(commands, run)
    hosts = hosts_of(realm, Path(module.params["folder"]))
    return {"changed": bool(commands), "hosts": hosts, "diff": {"before": have.as_dict(), "after": want.as_dict()}}


def remove(module: AnsibleModule, realm: Realm) -> dict:
    folder = Path(module.params["folder"])
    before = {"hosts": hosts_of(realm, folder), "namespace": Path(realm.path).exists(), "folder": folder.exists()}
    after = {"hosts": [], "namespace": False, "folder": False}

    def processes() -> set:
        # Hosts and a build by their marks; whatever else is inside (shared ssh connections) by the namespace itself.
        return {*marked(realm.lab), *inside_namespace(realm.path)}

    changed = before != after or bool(processes())
    if changed and not module.check_mode:
        end(processes)
        switches.apply(switches.plan(realm, switches.read(realm, run), switches.Switches()), run)
        if folder.exists():
            shutil.rmtree(folder)
    return {"changed": changed, "hosts": [], "diff": {"before": before, "after": after}}


def hosts_of(realm: Realm, folder: Path) -> list:
    """Every host that the lab has: as a process or as a folder."""
    hosts = folder / "hosts"
    kept = {entry.name for entry in hosts.iterdir()} if hosts.exists() else set()
    return sorted(kept | {marks.host for marks in marked(realm.lab).values() if marks.host})


if __name__ == "__main__":
    main()
