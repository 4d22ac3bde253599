from __future__ import annotations

import base64
from pathlib import Path

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.secrets.key_provider import decode_secret, read_key

KEY = bytes(range(40))


@pytest.mark.parametrize(
    "secret",
    [
        KEY.hex().encode(),
        KEY.hex().upper().encode() + b"\n",
        base64.b64encode(KEY),
        base64.urlsafe_b64encode(KEY) + b"\n",
        KEY,
    ],
)
def test_hex_base64_and_raw_give_the_same_key(secret: bytes, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(secret)
    assert read_key(f"file:{tmp_path / 'key'}") == KEY


def test_the_environment_gives_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY_KEY", KEY.hex())
    assert read_key("env:STUDY_KEY") == KEY


def test_a_passphrase_is_used_unchanged() -> None:
    phrase = b"correct horse battery staple, and a few words more"
    assert decode_secret(phrase) == phrase


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("0123456789abcdef0123456789abcdef0123456789abcdef", "never the key itself"),
        ("vault:name", "never the key itself"),
        ("file:", "never the key itself"),
        ("file:/nowhere/key", "cannot be read"),
        ("env:NOT_SET_ANYWHERE", "is not set"),
    ],
)
def test_a_reference_without_a_key_is_refused_with_its_reason(reference: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read_key(reference)


def test_a_short_key_is_refused_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"ab" * 31)
    with pytest.raises(UsageError, match="31 bytes") as raised:
        read_key(f"file:{tmp_path / 'key'}")
    assert "abab" not in str(raised.value)
