#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: health_check
short_description: Ask a server whether it is healthy
version_added: "1.0.0"
description:
  - Sends a request to a server from the host on which the module runs, and fails unless it is answered as a healthy server answers.
  - It asks from a given address of the host, if need be; real servers let directors ask from their DIP only.
  - It changes nothing, and runs in check mode, too.
author:
  - The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
attributes:
  diff_mode:
    description: Returns details on what has changed (or would change in C(check_mode)), when in diff mode.
    support: N/A
    details: This module does not change anything.
options:
  url:
    description:
      - What is asked. C(http://ADDRESS:PORT/PATH) or C(https://ADDRESS:PORT/PATH) is a request, C(tcp://ADDRESS:PORT) only a connection.
      - A redirection is an answer like any other, and is not followed.
    type: str
    required: true
  name:
    description: The name in the C(Host) header, and the one that a certificate is to have. Empty is what O(url) has.
    type: str
    default: ""
  source:
    description: The address of this host to ask from. Empty leaves it to the kernel's routes.
    type: str
    default: ""
  status:
    description: The statuses of a healthy server. Empty is any from 200 to 399.
    type: list
    elements: int
    default: []
  contains:
    description: A text that the first MiB of the answer has to contain.
    type: str
    default: ""
  validate_certs:
    description: Whether a certificate has to be one that this host trusts, for the name that was asked for.
    type: bool
    default: true
  timeout:
    description: How long the server may be silent during one attempt, in seconds, at least V(1).
    type: int
    default: 5
  deadline:
    description: For how many seconds to ask again, once a second, while the server is not healthy. V(0) asks once.
    type: int
    default: 0
requirements:
  - Python 3.8 or newer on the managed host, without further packages.
"""

EXAMPLES = r"""
- name: Wait until a real server answers the director
  lvs.cluster.health_check:
    url: http://192.168.239.148:80/
    source: 192.168.239.152
    deadline: 60

- name: See whether a database takes connections
  lvs.cluster.health_check:
    url: tcp://192.168.239.150:3306

- name: Ask for a page of a named site that only a working application makes
  lvs.cluster.health_check:
    url: https://192.168.239.148/ready
    name: www.example.com
    status: [200]
    contains: ready
"""

RETURN = r"""
problem:
  description: What was wrong at the last attempt. Empty if the server is healthy.
  returned: always
  type: str
  sample: "status 502 instead of 200 to 399"
attempts:
  description: How often it was asked.
  returned: always
  type: int
  sample: 3
waited:
  description: Seconds from the first attempt to the end of the last one.
  returned: always
  type: int
  sample: 2
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.health.patience import await_health
from ansible_collections.lvs.cluster.plugins.module_utils.health.probe import ask
from ansible_collections.lvs.cluster.plugins.module_utils.health.question import QuestionError, read_question

SPEC = {
    "url": {"type": "str", "required": True},
    "name": {"type": "str", "default": ""},
    "source": {"type": "str", "default": ""},
    "status": {"type": "list", "elements": "int", "default": []},
    "contains": {"type": "str", "default": ""},
    "validate_certs": {"type": "bool", "default": True},
    "timeout": {"type": "int", "default": 5},
    "deadline": {"type": "int", "default": 0},
}


def main():
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    try:
        question = read_question(module.params)
    except QuestionError as wrong:
        module.fail_json(msg=str(wrong))
    health = await_health(lambda: ask(question), module.params["deadline"])
    result = {"changed": False, "problem": health.problem, "attempts": health.attempts, "waited": round(health.waited)}
    if health.problem:
        tried = f"{health.attempts} attempt{'' if health.attempts == 1 else 's'} in {round(health.waited)} seconds"
        module.fail_json(msg=f"{module.params['url']} is not healthy: {health.problem} ({tried})", **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
