# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter `forwards`: see DOCUMENTATION."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.lvs.cluster.plugins.plugin_utils import passes

DOCUMENTATION = r"""
"""


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"forwards": passes.forwards}
