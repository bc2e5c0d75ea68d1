# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one task asks of the timeouts, and what is to be sent for it. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Mapping

from .control import Timeouts


@dataclass(frozen=True)
class TimeoutsPlan:
    before: Timeouts
    predicted: Timeouts

    @property
    def changed(self) -> bool:
        return self.before != self.predicted

    @property
    def sent(self) -> Timeouts:
        # 0 leaves one unchanged: what something else sets meanwhile is not set back.
        before = asdict(self.before)
        return Timeouts(**{name: value if value != before[name] else 0 for name, value in asdict(self.predicted).items()})


def make_timeouts_plan(have: Timeouts, changes: Mapping[str, int]) -> TimeoutsPlan:
    return TimeoutsPlan(have, replace(have, **changes))
