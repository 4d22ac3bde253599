from __future__ import annotations

import secrets

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.secrets.key_strength import check_key_strength


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
    with pytest.raises(UsageError, match="not random.*`safelight keys create`") as raised:
        check_key_strength(key)
    assert "0123" not in str(raised.value) and "dead" not in str(raised.value)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(UsageError, match="31 bytes"):
        check_key_strength(bytes(range(31)))


def test_random_keys_and_passphrases_are_accepted() -> None:
    for _ in range(1000):
        check_key_strength(secrets.token_bytes(32))
    check_key_strength(b"correct horse battery staple, and a few words more")
