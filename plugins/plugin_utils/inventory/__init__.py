# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory as the model of the cluster: its services and hosts, what is wrong with them, and the IPVS table they ask for.

Pure functions of variables. Single fields and the rules between them are those of module_utils/ipvs; what is here knows how the
inventory says them, and on which hosts.
"""
