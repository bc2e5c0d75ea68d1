# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read, plan, and unless it is a check, act and read again."""

from __future__ import annotations

from typing import Any, Dict

from .client import Client
from .model import DatabaseError, Intent
from .plan import describe, owned_after, plan
from .record import Record


def work(client: Client, record: Record, want: Intent, random: bytes, check_mode: bool) -> Dict[str, Any]:
    """What the module returns.

    :raises DatabaseError: the server cannot be reached, refuses a statement, or has not done what it acknowledged
    """
    have = client.read()
    owned = record.load()
    actions = plan(have, want, owned, random)
    before, after = describe(have, want, owned)
    if not check_mode:
        ours = owned_after(have, want, owned)
        if actions:
            # Before anything is created, so that what a killed run leaves is known as ours; what is to go stays ours until it is gone.
            record.save([*owned, *ours])
            client.execute(actions)
            left = plan(client.read(), want, ours, random)
            if left:
                raise DatabaseError(
                    f"the server has taken every statement, and still this is to be done: {'; '.join(each.text for each in left)}."
                    " Something else manages it, too: run this again"
                )
        record.save(ours)
    return {"changed": bool(actions), "actions": [action.text for action in actions], "diff": {"before": before, "after": after}}
