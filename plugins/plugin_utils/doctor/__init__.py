# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor: named checks of a cluster. Each compares what was seen on its hosts with what the inventory asks for. Pure."""

from __future__ import annotations
