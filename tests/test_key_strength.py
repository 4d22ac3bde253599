from __future__ import annotations

import secrets

import pytest

from safelight.key_strength import find_key_defect


@pytest.mark.parametrize(
    "key",
    [
        bytes(32),
        b"\n" * 40,
        b"\xab" * 64,
        b"0123" * 20,
        bytes.fromhex("deadbeef" * 8),
        bytes.fromhex("0123456789abcdef" * 4),
        b"a passphrase of 24 bytes" * 2,
    ],
)
def test_a_key_of_few_different_bytes_is_refused_and_not_shown(key: bytes) -> None:
    defect = find_key_defect(key)
    assert "not random" in defect and "`safelight keys create`" in defect
    assert "0123" not in defect and "dead" not in defect


def test_a_short_key_is_refused() -> None:
    assert "31 bytes" in find_key_defect(bytes(range(31)))


def test_random_keys_and_passphrases_are_accepted() -> None:
    for _ in range(1000):
        assert not find_key_defect(secrets.token_bytes(32))
    assert not find_key_defect(b"correct horse battery staple, and a few words more")
