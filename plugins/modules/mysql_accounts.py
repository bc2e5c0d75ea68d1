#!/usr/bin/python
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mysql_accounts
short_description: Manage databases and accounts of a MariaDB or MySQL server
version_added: "1.0.0"
description:
  - Has databases, and accounts with exactly the given rights, in a server on the same host. It is asked and told by its own client, over
    its socket, as root.
  - A password never reaches the server, its logs or a command line. What the server keeps of it is made by this module, and is never
    returned.
  - Nameless accounts and root from other hosts are removed, and so are rights that everybody has. Root without a password is let in by
    its socket alone.
  - All other accounts and databases that are not named stay as they are.
author:
  - The lvs.cluster maintainers (@lvs-cluster)
extends_documentation_fragment:
  - lvs.cluster.attributes
options:
  flavour:
    description: Which of the two servers it is.
    type: str
    choices: [mariadb, mysql]
    default: mariadb
  databases:
    description: The databases. One that is taken out of the list stays, with all that is in it.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name, of letters, digits, V(_) and V(-).
        type: str
        required: true
      charset:
        description: The character set of tables to come.
        type: str
        default: utf8mb4
      collation:
        description: How text is sorted and compared. Left out, it is what the server has for the character set.
        type: str
        default: ""
      state:
        description: With V(absent) it is dropped, with all that is in it.
        type: str
        choices: [present, absent]
        default: present
  users:
    description:
      - Who may come in. A user has an account for each of the hosts, and all of them have the same password and rights.
      - An account that this module created and that is taken out of the list is removed.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The user's name.
        type: str
        required: true
      password:
        description: The password. Needed unless the user is to be absent. Accounts get it anew where it differs.
        type: str
      hosts:
        description:
          - Where the user comes from. An address, an IPv4 network such as V(192.0.2.0/24), a beginning of an address such as
            V(192.0.2.%), or V(localhost) for the server's socket.
        type: list
        elements: str
        default: []
      databases:
        description: The databases that the rights are for. There are no others.
        type: list
        elements: str
        default: []
      privileges:
        description: The rights, or V(ALL) alone. Whatever else the accounts have, also on single tables, is revoked.
        type: list
        elements: str
        default: [SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP]
      state:
        description: With V(absent) the accounts are removed, whoever created them. Without O(users[].hosts), all of that name.
        type: str
        choices: [present, absent]
        default: present
  client:
    description: The server's client, such as C(mariadb) or C(mysql).
    type: str
    default: mariadb
  socket:
    description: The server's socket.
    type: path
    default: /run/mysqld/mysqld.sock
  record:
    description: Where the host keeps which accounts were created by this module.
    type: path
    default: /var/lib/lvs/mysql.json
requirements:
  - Python 3.8 or newer on the managed host, without further packages, and the server's client.
  - Root on the managed host. The server has to let root in by its socket, as those of the distributions do.
  - MariaDB 10.4 or newer, or MySQL 8.0.17 or newer.
seealso:
  - module: lvs.cluster.host_part
"""

EXAMPLES = r"""
- name: A database, and the two web nodes that use it
  lvs.cluster.mysql_accounts:
    databases:
      - name: wpdb
    users:
      - name: wpuser
        password: "{{ lookup('ansible.builtin.password', 'secrets/wpuser', length=32) }}"
        hosts: [172.16.0.32, 172.16.0.33]
        databases: [wpdb]

- name: Somebody who may only read, from a network, and somebody who may no more
  lvs.cluster.mysql_accounts:
    users:
      - name: report
        password: "{{ lookup('ansible.builtin.password', 'secrets/report', length=32) }}"
        hosts: [172.16.0.0/24]
        databases: [wpdb]
        privileges: [SELECT]
      - name: former
        state: absent
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, in this order.
  returned: success
  type: list
  elements: str
  sample:
    - create database wpdb
    - create account wpuser@172.16.0.32
    - grant SELECT on wpdb.* to wpuser@172.16.0.32
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.client import Client
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.model import DatabaseError
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.params import SPEC, intent
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.record import Record
from ansible_collections.lvs.cluster.plugins.module_utils.mysql.work import work


def main():
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    asked = module.params
    try:
        want = intent(asked)
        client = Client(asked["client"], asked["socket"], asked["flavour"])
        result = work(client, Record(asked["record"]), want, os.urandom(20), module.check_mode)
    except DatabaseError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
