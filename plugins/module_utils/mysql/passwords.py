# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the servers keep passwords: made here, so that a password itself never reaches a server, its logs or a command line."""

from __future__ import annotations

import hashlib
import hmac
from typing import Sequence

# What PHP and every other client of these servers know.
NATIVE = "mysql_native_password"
SHA2 = "caching_sha2_password"

_DIGITS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SALT = 20
_THOUSAND_ROUNDS = 5
# The order in which SHA-crypt writes the bytes of its digest, three at a time.
_ORDER: Sequence[Sequence[int]] = (
    (0, 10, 20), (21, 1, 11), (12, 22, 2), (3, 13, 23), (24, 4, 14), (15, 25, 5), (6, 16, 26), (27, 7, 17), (18, 28, 8), (9, 19, 29),
)  # fmt: skip


def native(password: str) -> bytes:
    """As MariaDB keeps it."""
    once = hashlib.sha1(password.encode("utf-8")).digest()  # noqa: S324 - the protocol's own
    return b"*" + hashlib.sha1(once).hexdigest().upper().encode("ascii")  # noqa: S324


def caching_sha2(password: str, salt: bytes) -> bytes:
    """As MySQL keeps it: SHA-crypt with a salt of 20 bytes."""
    prefix = b"$A$%03X$" % _THOUSAND_ROUNDS
    return prefix + salt + _sha256_crypt(password.encode("utf-8"), salt, _THOUSAND_ROUNDS * 1000)


def matches(plugin: str, kept: bytes, password: str) -> bool:
    """Whether what a server keeps is this password."""
    if plugin == NATIVE:
        return hmac.compare_digest(kept.upper(), native(password))
    if plugin == SHA2 and kept[:3] == b"$A$" and len(kept) > 7 + _SALT:
        rounds = int(kept[3:6], 16) * 1000
        made = kept[:7] + kept[7 : 7 + _SALT] + _sha256_crypt(password.encode("utf-8"), kept[7 : 7 + _SALT], rounds)
        return hmac.compare_digest(kept, made)
    return False


def salt_of(random: bytes) -> bytes:
    """A salt as MySQL makes it of random bytes: letters and digits only, since neither 0 nor $ may be in it."""
    return bytes(ord(_DIGITS[byte % 62 + 2]) for byte in random[:_SALT])


SALT_BYTES = _SALT


def _sha256_crypt(password: bytes, salt: bytes, rounds: int) -> bytes:
    """SHA-crypt (https://www.akkadia.org/drepper/SHA-crypt.txt), which Python has no more; here the salt is used whole."""
    length = len(password)
    other = hashlib.sha256(password + salt + password).digest()
    first = hashlib.sha256(password + salt + _stretch(other, length))
    bits = length
    while bits:
        first.update(other if bits & 1 else password)
        bits >>= 1
    digest = first.digest()
    by_password = _stretch(hashlib.sha256(password * length).digest(), length)
    by_salt = _stretch(hashlib.sha256(salt * (16 + digest[0])).digest(), len(salt))
    for number in range(rounds):
        step = hashlib.sha256(by_password if number & 1 else digest)
        if number % 3:
            step.update(by_salt)
        if number % 7:
            step.update(by_password)
        step.update(digest if number & 1 else by_password)
        digest = step.digest()
    written = [_write(digest[a] << 16 | digest[b] << 8 | digest[c], 4) for a, b, c in _ORDER]
    return "".join([*written, _write(digest[31] << 8 | digest[30], 3)]).encode("ascii")


def _stretch(block: bytes, length: int) -> bytes:
    return (block * (length // len(block) + 1))[:length]


def _write(number: int, digits: int) -> str:
    return "".join(_DIGITS[number >> 6 * place & 63] for place in range(digits))
