# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that the lab's modules share."""

from __future__ import annotations


class ModuleDocFragment:
    """The lab and where it is kept."""

    DOCUMENTATION = r"""
options:
  lab:
    description:
      - Name of the lab. Labs of different names run side by side and know nothing of each other.
      - At most 32 small letters, digits or C(-), as in a host name (RFC 1123).
    type: str
    required: true
  folder:
    description: Folder that holds the lab's disks, keys and consoles. Nobody but root should be able to write there.
    type: path
    required: true
attributes:
  check_mode:
    description: Says what it would do and does nothing.
    support: full
  diff_mode:
    description: Shows what was and what is.
    support: full
  idempotent:
    description: Changes nothing when run again with the same options.
    support: full
"""
