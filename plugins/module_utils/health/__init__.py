# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a server answers as a healthy one does: what to ask, the asking, and the patience.

Plain Python, for the modules that run on managed hosts.
"""
