# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans for timeouts, and what becomes of them."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control import Timeouts
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.control_executor import carry_out_timeouts
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.errors import NotAppliedError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.timeouts_plan import make_timeouts_plan
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.fake_control import FakeControl
from hypothesis import given, settings
from hypothesis import strategies as st

# A busy machine is no reason to fail.
law = settings(deadline=None, max_examples=50)

seconds = st.integers(1, 2147483)
every = st.builds(Timeouts, seconds, seconds, seconds)
some = st.fixed_dictionaries({}, optional={"tcp": seconds, "tcp_fin": seconds, "udp": seconds})


@law
@given(have=every, changes=some)
def test_what_is_asked_for_holds_and_the_rest_stays(have, changes):
    control = FakeControl(timeouts=have)
    plan = make_timeouts_plan(have, changes)
    after = carry_out_timeouts(plan, control, check_mode=False)
    assert vars(after) == {**vars(have), **changes} == vars(plan.predicted)
    assert plan.changed == (have != after) == bool(control.calls)
    assert not make_timeouts_plan(after, changes).changed


def test_what_something_else_sets_meanwhile_is_not_set_back():
    plan = make_timeouts_plan(Timeouts(900, 120, 300), {"tcp": 7200, "udp": 300})
    assert plan.sent == Timeouts(7200, 0, 0)


def test_check_mode_does_nothing():
    control = FakeControl()
    assert carry_out_timeouts(make_timeouts_plan(Timeouts(), {"tcp": 1}), control, check_mode=True) == Timeouts(tcp=1)
    assert control.calls == []


def test_a_change_that_does_not_hold_is_an_error():
    with pytest.raises(NotAppliedError, match=r"timeouts: .*tcp is 900 instead of 1;"):
        carry_out_timeouts(make_timeouts_plan(Timeouts(), {"tcp": 1}), FakeControl(deaf=True), check_mode=False)
