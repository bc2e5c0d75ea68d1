#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lab_preflight
short_description: Ask whether this machine can run a lab
version_added: "1.0.0"
description:
  - Looks at the machine that runs the lab, changes nothing, and fails with every reason why the lab cannot run there, each with its
    remedy; architecture, privilege, commands, memory, disk.
author: The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment: [lvs.cluster.lab]
options:
  images:
    description: Folder of the images.
    type: path
    required: true
  recipes:
    description:
      - The images that the lab needs, each a dictionary of O(lvs.cluster.lab_image#module:release) and the other options of
        M(lvs.cluster.lab_image) that decide what it holds.
    type: list
    elements: dict
    required: true
  hosts:
    description: Memory ceiling in MiB of every host of the lab, by its name.
    type: dict
    required: true
attributes:
  diff_mode:
    support: none
"""

EXAMPLES = r"""
- name: Ask whether two hosts of 512 MiB can run here
  lvs.cluster.lab_preflight:
    lab: demo
    folder: /var/tmp/lvs/labs/demo
    images: /var/tmp/lvs/images
    recipes:
      - release: trixie
    hosts:
      director1: 512
      web1: 512
"""

RETURN = r"""
machine:
  description: What was found.
  returned: success
  type: dict
  sample: {architecture: x86_64, user: 0, missing: [], tun: true, memory: 15000, disk: 80000}
"""

from dataclasses import asdict
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.lab import image, preflight
from ..module_utils.lab.commands import LabError
from ..module_utils.lab.realm import marked
from ..module_utils.lab.recipe import parse_recipe


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "lab": {"type": "str", "required": True},
            "folder": {"type": "path", "required": True},
            "images": {"type": "path", "required": True},
            "recipes": {"type": "list", "elements": "dict", "required": True},
            "hosts": {"type": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    asked = module.params
    try:
        recipes = {parse_recipe(recipe) for recipe in asked["recipes"]}
        running = {marks.host for marks in marked(asked["lab"]).values()}
        stopped = {name: int(memory) for name, memory in asked["hosts"].items() if name not in running}
    except LabError as wrong:
        module.fail_json(msg=str(wrong))
    need = preflight.Need(
        hosts=len(stopped),
        memory=max(stopped.values(), default=0),
        images=sum(image.find(Path(asked["images"]), recipe) is None for recipe in recipes),
        folder=asked["folder"],
        longest=max(map(len, asked["hosts"]), default=0),
    )
    machine = preflight.look(Path(asked["images"]))
    objections = preflight.objections(machine, need)
    if objections:
        module.fail_json(msg="\n".join(objections))
    module.exit_json(changed=False, machine=asdict(machine))


if __name__ == "__main__":
    main()
