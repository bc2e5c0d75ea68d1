# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kinds and a ledger in memory, and a fuse that kills a run at any step."""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils.host.kind import Kind


class KilledError(Exception):
    """What SIGKILL is for a process: nothing catches it."""


class Fuse:
    """Burns down at each step and kills the run at its end; one without length never does."""

    def __init__(self):
        self.length = None

    def step(self):
        if self.length is not None:
            self.length -= 1
            if self.length < 0:
                raise KilledError


class MemoryKind(Kind):
    """Keeps its items in a dictionary that the test looks into."""

    def __init__(self, name, items, fuse=None, **traits):
        self.name = name
        self.items = items
        self.fuse = fuse or Fuse()
        self.applied = 0
        for trait, value in traits.items():
            setattr(self, trait, value)

    def read(self, names):
        # As the real ones do: more than was asked for.
        return dict(self.items)

    def apply(self, changes):
        for change in changes:
            assert self.items.get(change.name) == change.before
            self.fuse.step()
            self.applied += 1
            if change.after is None:
                del self.items[change.name]
            else:
                self.items[change.name] = change.after
            self.fuse.step()


class MergingKind(MemoryKind):
    """Its values are words, and serve whoever needs one of them."""

    def merge(self, have, want):
        return " ".join(sorted({*have.split(), *want.split()}))


class MemoryLedger:
    def __init__(self, fuse=None):
        self.kinds = {}
        self.fuse = fuse or Fuse()
        self.saved = 0

    def load(self, lasting):
        return {kind: dict(record) for kind, record in self.kinds.items()}

    def save(self, kinds):
        self.fuse.step()
        self.saved += 1
        self.kinds = {kind: dict(record) for kind, record in kinds.items() if record}
        self.fuse.step()

    def adopt(self, kind, name, owned):
        self.save({**self.kinds, kind: {**self.kinds.get(kind, {}), name: owned}})
