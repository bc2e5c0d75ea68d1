# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers keep of passwords, against values that others made."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils.mysql import passwords

# As MySQL 8 keeps "hashcat": the example that hashcat's wiki gives for its mode 7401.
SALT = bytes.fromhex("F9CC98CE08892924F50A213B6BC571A2C11778C5")
DIGEST = bytes.fromhex("625479393559393965414D45316477456B484F41316E64484742577A2E3162785353526B7554584647562F")
KEPT = b"$A$005$" + SALT + DIGEST


def test_native_is_what_the_servers_manual_shows():
    assert passwords.native("mypass") == b"*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4"


def test_caching_sha2_is_what_a_server_keeps():
    assert passwords.caching_sha2("hashcat", SALT) == KEPT


@pytest.mark.parametrize(
    ("plugin", "kept"), [(passwords.NATIVE, passwords.native("hashcat")), (passwords.NATIVE, passwords.native("hashcat").lower())]
)
def test_native_matches(plugin, kept):
    assert passwords.matches(plugin, kept, "hashcat")
    assert not passwords.matches(plugin, kept, "Hashcat")


def test_caching_sha2_matches():
    assert passwords.matches(passwords.SHA2, KEPT, "hashcat")
    assert not passwords.matches(passwords.SHA2, KEPT, "Hashcat")
    assert not passwords.matches(passwords.SHA2, KEPT[:-1], "hashcat")


@pytest.mark.parametrize("plugin", ["", "unix_socket", "ed25519", "auth_socket"])
def test_what_is_kept_in_another_way_is_no_match(plugin):
    assert not passwords.matches(plugin, passwords.native("hashcat"), "hashcat")


@pytest.mark.parametrize("password", ["", "grün", "x" * 100])
def test_any_password_matches_itself_under_any_salt(password):
    for random in (bytes(20), bytes(range(236, 256)), b"\xff" * 32):
        salt = passwords.salt_of(random)
        assert len(salt) == passwords.SALT_BYTES
        assert salt.isalnum()
        assert passwords.matches(passwords.SHA2, passwords.caching_sha2(password, salt), password)
