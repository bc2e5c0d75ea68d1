# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A kernel's table in memory, which refuses what a kernel refuses."""

from __future__ import annotations

import errno

from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import KernelError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.plan import predict
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.transport import Transport


class MemoryTransport(Transport):
    """Keeps the table in memory. `distort` is what becomes of it after each action; `meanwhile` are tables that others
    make, one before each attempt to write."""

    def __init__(self, table, distort=lambda table: table, meanwhile=()):
        self.table = table
        self.distort = distort
        self.meanwhile = list(meanwhile)
        self.executed = []
        self.expected = None

    def expect(self, table):
        self.expected = table

    def read(self, keys):
        return {key: entry for key, entry in self.table.items() if key in keys}

    def read_all(self):
        return dict(self.table)

    def apply(self, actions):
        if self.meanwhile:
            self.table = self.meanwhile.pop(0)
        for index, action in enumerate(actions):
            number = self._refusal(action)
            if number:
                error = KernelError(number, str(action))
                error.made = actions[:index]
                raise error
            self.executed.append(str(action))
            self.table = self.distort(predict(self.table, [action]))

    def statistics(self, keys):
        return {}

    def _refusal(self, action):
        entry = self.table.get(action.service)
        if action.destination is None:
            there, missing = entry, errno.ESRCH
        elif entry is None:
            return errno.ESRCH
        else:
            there, missing = entry.destinations.get(action.destination), errno.ENOENT
        if action.before is None:
            return errno.EEXIST if there else 0
        return 0 if there else missing
