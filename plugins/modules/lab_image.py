#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lab_image
short_description: Build the image that the lab's hosts start from
version_added: "1.0.0"
description:
  - Builds a disk of a Debian release, the release's own kernel as a program (user-mode Linux), and a disk of further packages, all
    natively and without any network for the hosts.
  - The image is kept under a digest of all that decides its content. What was built before is found at once; a changed input builds
    another image and leaves the old one alone.
  - Shows each step on the screen as it starts.
author: The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment: [lvs.cluster.lab]
options:
  images:
    description: Folder of the images; may be shared by all labs of a machine.
    type: path
    required: true
  release:
    description: Debian's code name of the release.
    type: str
    choices: [trixie, bookworm]
    default: trixie
  packages:
    description: Packages to install in addition to those that a bare host has.
    type: list
    elements: str
    default: []
  repository:
    description: Packages that the hosts may install from their package disk; what they depend on comes along.
    type: list
    elements: str
    default: []
  mirror:
    description: Address of a Debian mirror. Without it, the build tool's own choice for the release.
    type: str
    default: ""
  progress:
    description: File to which each step is written as it starts. Set by the action plugin that shows the steps.
    type: path
attributes:
  diff_mode:
    support: none
seealso:
  - module: lvs.cluster.lab_host
"""

EXAMPLES = r"""
- name: Build Debian 13 with nginx on the package disk
  lvs.cluster.lab_image:
    lab: demo
    folder: /var/tmp/lvs/labs/demo
    images: /var/tmp/lvs/images
    release: trixie
    repository: [nginx]
"""

RETURN = r"""
path:
  description: Folder of the image. In check mode the folder that it would have.
  returned: success
  type: str
  sample: /var/tmp/lvs/images/trixie-8f3c21d07b4e9a65
kernel:
  description: Version of the kernel; absent in check mode before the first build.
  returned: when the image is there
  type: str
  sample: 6.12.101
"""

import json
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.lab import image
from ..module_utils.lab.commands import LabError, run
from ..module_utils.lab.recipe import RELEASES, parse_recipe


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "lab": {"type": "str", "required": True},
            "folder": {"type": "path", "required": True},
            "images": {"type": "path", "required": True},
            "release": {"type": "str", "choices": list(RELEASES), "default": "trixie"},
            "packages": {"type": "list", "elements": "str", "default": []},
            "repository": {"type": "list", "elements": "str", "default": []},
            "mirror": {"type": "str", "default": ""},
            "progress": {"type": "path"},
        },
        supports_check_mode=True,
    )
    asked = module.params
    folder = Path(asked["images"])

    def say(step: str) -> None:
        if asked["progress"]:
            with open(asked["progress"], "a", encoding="utf-8") as progress:
                progress.write(step + "\n")

    try:
        recipe = parse_recipe({key: asked[key] for key in ("release", "packages", "repository", "mirror")})
        found = image.find(folder, recipe)
        if found is None and module.check_mode:
            module.exit_json(changed=True, path=str(folder / recipe.name))
        path = found or image.build(folder, recipe, asked["lab"], run, say)
    except LabError as wrong:
        module.fail_json(msg=f"The image of {asked['release']} could not be built: {wrong}")
    manifest = json.loads((path / image.MANIFEST).read_text(encoding="utf-8"))
    module.exit_json(changed=found is None, path=str(path), kernel=manifest["kernel"])


if __name__ == "__main__":
    main()
