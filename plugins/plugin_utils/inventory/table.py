# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IPVS table that the inventory asks for."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Dict, List, Mapping, cast

from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.module_utils.ipvs.model import Destination, Service

from .problems import Cluster
from .services import VirtualService
from .values import Groups, Hostvars, order_of


def services(lvs_services: Any, groups: Groups, hostvars: Hostvars, mode: str = "nat") -> List[Dict[str, Any]]:
    """The table, sorted by protocol, address and port. What has the kernel's default is left out, so equal tables look equal.

    :raises AnsibleFilterError: the description has problems; the text holds them all
    """
    cluster = Cluster(lvs_services, groups, hostvars, mode)
    found = cluster.findings.sentences()
    if found:
        raise AnsibleFilterError("\n".join(found))
    return sorted((_entry(service, cluster) for service in cluster.services), key=_order)


def _entry(described: VirtualService, cluster: Cluster) -> Dict[str, Any]:
    # Without one it would have had problems.
    service = cast(Service, described.service)
    return {
        "name": described.name,
        "mode": described.mode,
        "protocol": described.protocol,
        "family": service.key.family,
        "address": described.vips[0],
        "vips": list(described.vips),
        "port": service.key.port,
        **({"fwmark": service.key.fwmark, "ports": list(described.ports)} if service.key.fwmark else {}),
        "scheduler": service.scheduler,
        **_unusual(service, Service(service.key, service.scheduler)),
        "real_servers": sorted(
            (_real_server(host, described, cluster) for host in described.hosts), key=lambda server: order_of(server["address"])
        ),
    }


def _real_server(host: str, described: VirtualService, cluster: Cluster) -> Dict[str, Any]:
    destination = cast(Destination, described.destination(host, cluster.hosts, cluster.findings))
    return {
        "host": host,
        "address": destination.key.address,
        "port": destination.key.port,
        "forward": destination.forward,
        "weight": destination.weight,
        **_unusual(destination, Destination(destination.key, destination.forward, destination.weight)),
    }


def _unusual(item: Any, usual: Any) -> Dict[str, Any]:
    names = [each.name for each in fields(item)]
    return {name: getattr(item, name) for name in names if getattr(item, name) != getattr(usual, name)}


def _order(entry: Mapping[str, Any]) -> Any:
    return entry["protocol"], order_of(entry["address"]), entry["port"], entry.get("fwmark", 0)
