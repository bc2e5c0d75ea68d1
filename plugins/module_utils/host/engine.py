# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From plans to deeds: the one gate for check mode, the order of the kinds, the record, and the reading back."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from .commands import HostError
from .kind import Kind
from .plan import Change, Record, State, make_plan
from .record import Ledger

Wants = Mapping[str, State]
# The ledger of another part that wants the item of this kind, name and value, too.
Heir = Callable[[Change], Optional[Ledger]]


class Outcome(NamedTuple):
    changes: List[Change]
    # Recorded, wanted no more, and left in place since nothing was to be pruned.
    left_over: List[str]


class Engine:
    """Brings some kinds of state, which one ledger records, to what is wanted."""

    def __init__(self, kinds: Sequence[Kind], ledger: Ledger, lock: str = "", heir: Heir = lambda change: None) -> None:
        self._kinds = kinds
        self._ledger = ledger
        self._heir = heir
        self._lock = lock

    def bring(self, wants: Wants, prune: bool = True, check_mode: bool = False, forget: bool = True) -> Outcome:
        """Have what is wanted, in the order of the kinds; then give up what is not, in the opposite order.

        A kind is read after those before it are as wanted: some settings exist only once their kernel module is loaded.

        :param forget: whether what stood before is forgotten once it has been given back. A part that only stops goes on to know it:
            at the next boot the settings of sysctl.d are there before the part is, and would pass for what stood before.
        :raises HostError: the host refused something, or does not hold what it took
        """
        with self._alone(check_mode):
            record = self._ledger.load({kind.name: kind.lasting for kind in self._kinds})
            goal: Dict[str, Record] = {}
            changes: List[Change] = []
            left_over: List[str] = []
            retreats: List[Tuple[Kind, List[Change]]] = []
            for kind in self._kinds:
                want = kind.expand(wants.get(kind.name, {}))
                owned = {} if kind.stays else record.get(kind.name, {})
                have = kind.read({*want, *owned}) if want or owned else {}
                if not prune:
                    merged = {name: kind.merge(have[name], want[name]) if name in have else want[name] for name in want}
                    left_over += [f"{kind.name} {name}" for name in want if merged[name] != want[name]]
                    want = merged
                plan = make_plan(kind.name, have, want, owned, prune, kind.ours_by_name, kind.only_ours)
                goal[kind.name] = {} if kind.stays else plan.after
                left_over += [f"{kind.name} {name}" for name in sorted(set(goal[kind.name]) - set(want))]
                going = [change for change in plan.changes if change.retreat]
                retreats.append((kind, [change for change in going if not self._bequeath(change, owned, check_mode)]))
                advances = [change for change in plan.changes if not change.retreat]
                changes += advances
                if advances and not check_mode:
                    record = {**record, kind.name: {} if kind.stays else dict(plan.before)}
                    self._ledger.save(record)
                    _carry_out(kind, advances)
            for kind, going in reversed(retreats):
                changes += going
                if going and not check_mode:
                    _carry_out(kind, going)
            if not check_mode:
                known = {} if forget else {kind.name: record.get(kind.name, {}) for kind in self._kinds if kind.lasting}
                self._ledger.save({**goal, **known})
            return Outcome(changes, left_over)

    def _bequeath(self, change: Change, owned: Record, check_mode: bool) -> bool:
        """Whether another part goes on with an item, and from now on knows what stood before it."""
        heir = self._heir(change)
        if heir and not check_mode:
            heir.adopt(change.kind, change.name, owned[change.name])
        return heir is not None

    @contextmanager
    def _alone(self, check_mode: bool) -> Iterator[None]:
        # Boot, Ansible and a person may all have the same idea at once. A check only reads, and leaves no lock file either.
        if check_mode or not self._lock:
            yield
            return
        os.makedirs(os.path.dirname(self._lock), exist_ok=True)
        with open(self._lock, "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _carry_out(kind: Kind, changes: Sequence[Change]) -> None:
    kind.apply(changes)
    have = kind.read([change.name for change in changes])
    for change in changes:
        if have.get(change.name) != change.after:
            raise HostError(f"{change}: the host took it, and now has {have.get(change.name)!r}; something else manages it, too")
