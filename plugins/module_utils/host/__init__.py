# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host of the cluster holds, kind by kind, and the program that keeps it so without Ansible.

Everything here runs on the managed host, from Ansible's module and from the boot program alike: standard library only, and relative
imports, since the boot program has no Ansible around it.
"""
