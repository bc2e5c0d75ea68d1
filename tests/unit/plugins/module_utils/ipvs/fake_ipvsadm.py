# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A table behind the words of ipvsadm 1.31: options, printf formats, messages and exit codes as in its ipvsadm.c."""

from __future__ import annotations

import argparse
import ipaddress
from dataclasses import dataclass, field

NAMES = {"-t": "TCP", "-u": "UDP", "--sctp-service": "SCTP"}
HEADER = "IP Virtual Server version 1.2.1 (size=4096)\n"
TITLE = "Prot LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n"


@dataclass
class FakeService:
    scheduler: str
    persistent: int
    netmask: str
    engine: str
    one_packet: bool
    flags: frozenset
    destinations: dict = field(default_factory=dict)


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise AssertionError(f"ipvsadm would not understand this: {message}")


def parser():
    words = Parser(allow_abbrev=False, add_help=False)
    for command in ("-A", "-E", "-D", "-a", "-e", "-d"):
        words.add_argument(command, dest="command", action="store_const", const=command)
    for option in NAMES:
        words.add_argument(option, dest=NAMES[option])
    words.add_argument("-f", type=int)
    for option in ("-s", "-M", "--pe", "-b", "-r", "--tun-type"):
        words.add_argument(option)
    for option in ("-p", "-w", "-x", "-y", "--tun-port"):
        words.add_argument(option, type=int)
    for option in ("-6", "-o", "-m", "-i", "-g", "--tun-nocsum", "--tun-csum", "--tun-remcsum"):
        words.add_argument(option, action="store_true")
    return words


class FakeIpvsadm:
    def __init__(self):
        self.services = {}
        self.calls = []

    def __call__(self, argv):
        self.calls.append(list(argv[1:]))
        assert argv[0] == "ipvsadm"
        if argv[1] == "-Sn":
            return 0, self.save(), ""
        if argv[1] == "-Ln":
            return 0, HEADER + self.list(argv[2:]), ""
        message = self.change(parser().parse_args(argv[1:]))
        return (255, "", message + "\n") if message else (0, "", "")

    def change(self, args):
        name = self.service_name(args)
        there = self.services.get(name)
        if args.command in ("-A", "-E"):
            assert args.p is None or 1 <= args.p <= 86400 * 31
            if args.command == "-A" and there:
                return "Service already exists"
            if args.command == "-E" and not there:
                return "No such service"
            if args.s == "nonsense":
                return "Scheduler or persistence engine not found"
            host = "128" if "[" in name or name.endswith("-6") else "255.255.255.255"
            flags = frozenset((args.b or "").split(",")) - {""}
            new = FakeService(args.s or "wlc", args.p or 0, args.M or host, args.pe or "", args.o, flags)
            new.destinations = there.destinations if there else {}
            self.services[name] = new
            return ""
        if args.command == "-D":
            return "" if self.services.pop(name, None) else "No such service"
        if not there:
            return "Service not defined"
        if args.command == "-d":
            return "" if there.destinations.pop(args.r, None) else "No such destination"
        return self.change_destination(args, there)

    def change_destination(self, args, service):
        assert 0 <= (1 if args.w is None else args.w) <= 65535
        address, port = args.r.rsplit(":", 1)
        if not args.m and not args.f:
            # In silence.
            port = self.service_name(args).rsplit(":", 1)[1]
        kind = args.tun_type or "ipip"
        checksums = [args.tun_nocsum, args.tun_csum, args.tun_remcsum]
        assert sum(checksums) <= (kind != "ipip")
        assert (kind == "gue") == bool(args.tun_port)
        assert args.i or not args.tun_type
        key = f"{address}:{port}"
        if args.command == "-a" and key in service.destinations:
            return "Destination already exists"
        if args.command == "-e" and key not in service.destinations:
            return "No such destination"
        service.destinations[key] = {
            "switch": "-m" if args.m else "-i" if args.i else "-g",
            "weight": 1 if args.w is None else args.w,
            "upper": args.x or 0,
            "lower": args.y or 0,
            "tunnel": kind,
            "port": args.tun_port or 0,
            "checksum": "--tun-csum" if args.tun_csum else "--tun-remcsum" if args.tun_remcsum else "--tun-nocsum",
        }
        return ""

    @staticmethod
    def service_name(args):
        if args.f:
            number = args.f - 2**32 if args.f >= 2**31 else args.f
            return f"-f {number}" + (" -6" if getattr(args, "6") else "")
        option = next(option for option, name in NAMES.items() if getattr(args, name))
        return f"{option} {getattr(args, NAMES[option])}"

    def save(self):
        return "".join(line for name in sorted(self.services) for line in self.save_service(name))

    def save_service(self, name):
        service = self.services[name]
        ipv6 = "[" in name or name.endswith("-6")
        line = f"-A {name} -s {service.scheduler}"
        if service.persistent:
            line += f" -p {service.persistent}"
            if service.netmask != ("128" if ipv6 else "255.255.255.255"):
                line += f" -M {service.netmask}"
        if service.engine:
            line += f" --pe {service.engine}"
        if service.one_packet:
            line += " -o"
        if service.flags:
            line += f" -b {self.flags(service)}"
        yield line + "\n"
        for key, dest in self.sorted(service):
            line = f"-a {name} -r {key} {dest['switch']} -w {dest['weight']}"
            if dest["switch"] == "-i":
                line += f" --tun-type {dest['tunnel']}"
                if dest["tunnel"] == "gue":
                    line += f" --tun-port {dest['port']}"
                if dest["tunnel"] != "ipip":
                    line += f" {dest['checksum']}"
            yield line + "\n"

    @staticmethod
    def flags(service):
        named = {"flag-1": "fallback", "flag-2": "port"}
        if service.scheduler in ("sh", "mh"):
            return ",".join(f"{service.scheduler}-{named[flag]}" for flag in sorted(service.flags) if flag in named)
        return ",".join(sorted(service.flags))

    @staticmethod
    def sorted(service):
        return sorted(
            service.destinations.items(), key=lambda item: ipaddress.ip_address(item[0].rsplit(":", 1)[0].strip("[]")).packed
        )

    def list(self, options):
        assert options in ([], ["--thresholds"])
        lines = [TITLE]
        names = {"-m": "Masq", "-i": "Tunnel", "-g": "Route"}
        for name in sorted(self.services):
            service = self.services[name]
            option, *rest = name.split()
            listed = "FWM  " + rest[0] + (" IPv6" if rest[1:] else "") if option == "-f" else f"{NAMES[option]:<4} {rest[0]}"
            lines.append(f"{listed} {service.scheduler}" + (" ops" if service.one_packet else "") + "\n")
            for key, dest in self.sorted(service):
                if options:
                    lines.append(f"  -> {key:<28} {dest['upper']:<10} {dest['lower']:<10} {0:<10} {0:<10}\n")
                else:
                    lines.append(f"  -> {key:<28} {names[dest['switch']]:<7} {dest['weight']:<6} {0:<10} {0:<10}\n")
        return "".join(lines)
