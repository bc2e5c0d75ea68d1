#!/bin/sh
# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The VIP, and real servers in namespaces of their own behind the director, which is their gateway.
# Usage: net.sh VIP PORT NUMBER...
set -eu

vip=$1 port=$2
shift 2
ip address replace "$vip/32" dev eth0
sysctl -qw net.ipv4.ip_forward=1
for number; do
    ip netns add "rs$number"
    ip link add "rs$number" type veth peer name eth0 netns "rs$number"
    ip address add "172.30.$number.1/24" dev "rs$number"
    ip link set "rs$number" up
    ip -n "rs$number" address add "172.30.$number.2/24" dev eth0
    ip -n "rs$number" link set lo up
    ip -n "rs$number" link set eth0 up
    ip -n "rs$number" route add default via "172.30.$number.1"
    systemd-run --quiet --unit="rs$number" -- ip netns exec "rs$number" python3 /root/lvs/server.py "rs$number" "$port"
done
