from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.secrets.key_provider import read_key, read_key_material
from jobs.common.secrets.key_ring import KeyRing, RingKey, make_key
from jobs.common.secrets.kms_envelope import DataKeys, seal_ring

KEY = bytes(range(40))
RING = KeyRing((RingKey(KEY),), (make_key(),))


def test_a_file_gives_a_key(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY.hex())
    assert read_key(f"file:{tmp_path / 'key'}") == KEY


def test_a_file_may_hold_a_key_ring(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(RING.to_json())
    assert read_key_material(f"file:{tmp_path / 'key'}").ring == RING


def test_the_environment_gives_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY_KEY", KEY.hex())
    assert read_key("env:STUDY_KEY") == KEY


def test_a_variable_is_removed_once_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY_KEY_READ_TWICE", KEY.hex())
    assert read_key("env:STUDY_KEY_READ_TWICE") == KEY
    assert "STUDY_KEY_READ_TWICE" not in os.environ
    printed = subprocess.run(["env"], capture_output=True, check=True).stdout
    assert KEY.hex().encode() not in printed
    assert read_key("env:STUDY_KEY_READ_TWICE") == KEY


@pytest.mark.parametrize(
    ("mode", "warns"), [(0o600, False), (0o644, False), (0o622, True), (0o660, True)]
)
def test_a_key_file_that_others_can_change_is_reported(
    mode: int, warns: bool, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "key").write_text(KEY.hex())
    (tmp_path / "key").chmod(mode)
    assert read_key(f"file:{tmp_path / 'key'}") == KEY
    assert ("set its mode to 0600" in capfd.readouterr().err) is warns


@pytest.mark.parametrize(
    "secret",
    [
        KEY.hex().encode(),
        base64.b64encode(bytes(range(7, 39))),
        b"a phrase of quite a few random words",
    ],
)
def test_a_newline_at_the_end_does_not_change_a_key(secret: bytes, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(secret)
    (tmp_path / "with newline").write_bytes(secret + b"\n")
    (tmp_path / "dos").write_bytes(secret + b"\r\n")
    keys = {read_key(f"file:{tmp_path / name}") for name in ("key", "with newline", "dos")}
    assert len(keys) == 1


def test_a_key_of_bytes_may_end_with_the_byte_of_a_newline(tmp_path: Path) -> None:
    key = bytes(range(100, 131)) + b"\n"
    (tmp_path / "key").write_bytes(key)
    assert read_key(f"file:{tmp_path / 'key'}") == key


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("0123456789abcdef0123456789abcdef0123456789abcdef", "never the key itself"),
        ("file:/nowhere/key", "cannot be read"),
        ("env:NOT_SET_ANYWHERE", "is not set"),
        ("aws-kms:/nowhere/envelope", "cannot be read"),
    ],
)
def test_a_reference_without_a_key_is_refused_with_its_reason(reference: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read_key(reference)


def test_a_weak_key_is_refused_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"ab" * 32)
    with pytest.raises(UsageError, match="not random") as raised:
        read_key(f"file:{tmp_path / 'key'}")
    assert "abab" not in str(raised.value)


def test_a_secret_is_read_in_its_current_version_with_the_previous_one(
    secrets_manager: Any,
) -> None:
    secrets_manager.create_secret(Name="two-nights", SecretString=KEY.hex())
    first = read_key_material("aws-secretsmanager:two-nights")
    assert (first.ring.key, first.previous, first.follows_rotation) == (KEY, None, True)
    new = make_key()
    secrets_manager.put_secret_value(SecretId="two-nights", SecretString=new.key.hex())
    second = read_key_material("aws-secretsmanager:two-nights")
    assert second.ring.key == new.key
    assert second.previous == KeyRing((RingKey(KEY),))
    assert list(second.pseudonym_keys().values()) == [new.key, KEY]


def test_a_previous_version_that_is_no_key_is_ignored(secrets_manager: Any) -> None:
    secrets_manager.create_secret(Name="replaced-weak", SecretString="ab" * 32)
    secrets_manager.put_secret_value(SecretId="replaced-weak", SecretString=KEY.hex())
    material = read_key_material("aws-secretsmanager:replaced-weak")
    assert (material.ring.key, material.previous) == (KEY, None)


def test_a_pinned_version_is_read_alone(secrets_manager: Any) -> None:
    first = secrets_manager.create_secret(Name="pinned", SecretString=KEY.hex())["VersionId"]
    secrets_manager.put_secret_value(SecretId="pinned", SecretString=make_key().key.hex())
    for version in (first, "AWSPREVIOUS"):
        material = read_key_material(f"aws-secretsmanager:pinned#{version}")
        assert (material.ring.key, material.previous) == (KEY, None)
        assert not material.follows_rotation


def test_an_envelope_gives_its_key_ring_and_data_keys(kms_key: str, tmp_path: Path) -> None:
    (tmp_path / "envelope.json").write_text(seal_ring(RING, kms_key).to_json())
    material = read_key_material(f"aws-kms:{tmp_path / 'envelope.json'}")
    assert (material.ring, material.data_keys) == (RING, DataKeys(kms_key))
