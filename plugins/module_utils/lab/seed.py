# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes one host different from another: the files that it takes over at its first boot, packed as a plain tar archive."""

from __future__ import annotations

import io
import ipaddress
import tarfile
from typing import Dict, Mapping, Tuple

from .model import Host, mac

# udev renames a card by its hardware address before anything uses it (systemd.link(5)).
LINK = """\
[Match]
MACAddress={mac}

[Link]
Name={name}
"""

# A router of the lab stands where a network's own equipment would: it forwards, and does not judge by which way a packet came,
# since with DR and TUN the answers pass it from addresses that it would look for elsewhere.
FORWARDING = """\
net.ipv4.ip_forward = 1
net.ipv6.conf.all.forwarding = 1
net.ipv4.conf.all.rp_filter = 0
net.ipv4.conf.default.rp_filter = 0
"""


def files(lab: str, host: Host, authorized_key: str, host_key: str) -> Dict[str, Tuple[int, str]]:
    """The seed's files: path -> (mode, content).

    :param authorized_key: the public key that may log in as root
    :param host_key: the private key by which the host proves to be itself
    """
    seed = {
        "etc/hostname": (0o644, f"{host.name}\n"),
        "etc/hosts": (0o644, f"127.0.0.1 localhost\n127.0.1.1 {host.name}\n::1 localhost ip6-localhost ip6-loopback\n"),
        "etc/ssh/ssh_host_ed25519_key": (0o600, host_key),
        "root/.ssh/authorized_keys": (0o600, authorized_key.strip() + "\n"),
        **(
            _connections(host)
            if host.manager == "NetworkManager"
            else {"etc/network/interfaces.d/lab": (0o644, _interfaces(host))}
        ),
    }
    for index, card in enumerate(host.cards):
        seed[f"etc/systemd/network/10-lab-{index}.link"] = (0o644, LINK.format(mac=mac(lab, host.name, index), name=card.name))
    if host.forwarding:
        seed["etc/sysctl.d/90-lab-router.conf"] = (0o644, FORWARDING)
    # Last: its presence says that all before it arrived.
    seed["etc/lab-seeded"] = (0o644, "The lab's seed was taken over; delete this file to take it again at the next boot.\n")
    return seed


def archive(seed: Mapping[str, Tuple[int, str]]) -> bytes:
    """Pack the seed. The result is a function of the seed alone, and a whole number of disk sectors long."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, (mode, content) in seed.items():
            for at in range(1, path.count("/") + 1):
                folder = "/".join(path.split("/")[:at])
                if folder not in tar.getnames():
                    entry = tarfile.TarInfo(folder)
                    entry.type, entry.mode = tarfile.DIRTYPE, 0o700 if folder.startswith("root") else 0o755
                    tar.addfile(entry)
            data = content.encode()
            entry = tarfile.TarInfo(path)
            entry.mode, entry.size = mode, len(data)
            tar.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def _interfaces(host: Host) -> str:
    """Cards as interfaces(5) has them: the way of a Debian server that nobody has touched yet."""
    stanzas = []
    for card in host.cards:
        stanzas.append(f"auto {card.name}")
        if not card.addresses:
            stanzas.append(f"iface {card.name} inet manual")
        gateway = card.gateway
        for address in card.addresses:
            family = "inet" if isinstance(address, ipaddress.IPv4Interface) else "inet6"
            stanzas.append(f"iface {card.name} {family} static\n    address {address}")
            if gateway is not None and gateway.version == address.version:
                stanzas[-1] += f"\n    gateway {gateway}"
                gateway = None
    return "\n".join(stanzas) + "\n"


def _connections(host: Host) -> Dict[str, Tuple[int, str]]:
    """Cards as nm-settings-keyfile(5) has them: what `nmcli connection add` would have written. NetworkManager wants them secret."""
    files = {}
    for card in host.cards:
        lines = ["[connection]", f"id={card.name}", "type=ethernet", f"interface-name={card.name}"]
        for version, family, none in ((4, "ipv4", "disabled"), (6, "ipv6", "link-local")):
            addresses = [address for address in card.addresses if address.version == version]
            lines += ["", f"[{family}]", f"method={'manual' if addresses else none}"]
            lines += [f"address{number}={address}" for number, address in enumerate(addresses, 1)]
            if card.gateway is not None and card.gateway.version == version:
                lines.append(f"gateway={card.gateway}")
        files[f"etc/NetworkManager/system-connections/{card.name}.nmconnection"] = (0o600, "\n".join(lines) + "\n")
    return files
