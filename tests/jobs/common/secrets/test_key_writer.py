from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.keys.rotation import new_ring
from jobs.common.secrets import key_writer
from jobs.common.secrets import secrets_manager as module
from jobs.common.secrets.key_provider import read_key_material
from jobs.common.secrets.key_references import KeyReference, parse_reference
from jobs.common.secrets.key_ring import KeyRing, make_key
from jobs.common.secrets.key_writer import create_keys, replace_keys
from jobs.common.secrets.kms_envelope import Envelope


@pytest.fixture(params=["file", "aws-secretsmanager", "aws-kms-file", "aws-kms-s3"])
def place(request: pytest.FixtureRequest, bucket: str, tmp_path: Path) -> KeyReference:
    return parse_reference(
        {
            "file": f"file:{tmp_path / 'key.json'}",
            "aws-secretsmanager": f"aws-secretsmanager:{bucket}/key",
            "aws-kms-file": f"aws-kms:{tmp_path / 'envelope.json'}",
            "aws-kms-s3": f"aws-kms:s3://{bucket}/envelope.json",
        }[request.param]
    )


def test_a_key_ring_is_created_once_and_replaced(place: KeyReference, kms_key: str) -> None:
    ring, reference = new_ring(), f"{place.scheme}:{place.name}"
    with_kms = kms_key if place.scheme != "file" else None
    create_keys(place, ring, with_kms)
    assert read_key_material(reference).ring == ring
    with pytest.raises(UsageError, match="exist"):
        create_keys(place, new_ring(), with_kms)
    changed = ring.with_sealing_key(make_key())
    replace_keys(place, ring, changed)
    assert read_key_material(reference).ring == changed


def test_a_place_that_was_changed_meanwhile_is_not_replaced(
    place: KeyReference, kms_key: str
) -> None:
    ring = new_ring()
    create_keys(place, ring, kms_key if place.scheme != "file" else None)
    with pytest.raises(UsageError, match="another command has changed"):
        replace_keys(place, new_ring(), ring.with_sealing_key(make_key()))
    assert read_key_material(f"{place.scheme}:{place.name}").ring == ring


def test_of_two_changes_of_an_envelope_on_s3_at_one_time_one_fails(
    bucket: str, kms_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = KeyReference("aws-kms", f"s3://{bucket}/key.json")
    ring, won = new_ring(), new_ring()
    create_keys(place, ring, kms_key)
    seal = key_writer.seal_ring

    def seal_while_another_writes(changed: KeyRing, key: str) -> Envelope:
        monkeypatch.setattr(key_writer, "seal_ring", seal)
        replace_keys(place, ring, won)
        return seal(changed, key)

    monkeypatch.setattr(key_writer, "seal_ring", seal_while_another_writes)
    with pytest.raises(UsageError, match="another command has changed"):
        replace_keys(place, ring, new_ring())
    assert read_key_material(f"aws-kms:{place.name}").ring == won


def test_a_key_file_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    place = KeyReference("file", str(tmp_path / "key.json"))
    ring = new_ring()
    create_keys(place, ring)
    for _ in range(2):
        replace_keys(place, ring, ring)
        assert stat.S_IMODE(Path(place.name).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key.json"]


def test_a_link_to_a_key_file_remains_a_link(tmp_path: Path) -> None:
    ring = new_ring()
    create_keys(KeyReference("file", str(tmp_path / "key.json")), ring)
    (tmp_path / "link").symlink_to(tmp_path / "key.json")
    replace_keys(KeyReference("file", str(tmp_path / "link")), ring, new_ring())
    assert (tmp_path / "link").is_symlink()


def test_of_two_changes_of_a_secret_at_one_time_one_fails(
    secrets_manager: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = KeyReference("aws-secretsmanager", f"{bucket}/raced")
    ring, won = new_ring(), new_ring()
    create_keys(place, ring)
    real = module._call

    def call(sentence: str, operation: Any, **parameters: Any) -> Any:
        if "RemoveFromVersionId" in parameters:
            monkeypatch.setattr(module, "_call", real)
            replace_keys(place, ring, won)
        return real(sentence, operation, **parameters)

    monkeypatch.setattr(module, "_call", call)
    with pytest.raises(UsageError, match="no version can be added"):
        replace_keys(place, ring, new_ring())
    assert read_key_material(f"aws-secretsmanager:{place.name}").ring == won


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("env:KEY", "can be created in file:PATH"),
        ("aws-secretsmanager:a#AWSPREVIOUS", "can be created in file:PATH"),
        ("aws-kms:/nowhere/envelope.json", "needs --kms-key"),
        ("file:/nowhere/key.json", "cannot be created"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused(reference: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        create_keys(parse_reference(reference), new_ring())


@pytest.mark.parametrize("reference", ["env:KEY", "aws-secretsmanager:a#AWSPREVIOUS"])
def test_a_pinned_version_and_a_variable_cannot_be_changed(reference: str) -> None:
    with pytest.raises(UsageError, match="can be changed in file:PATH"):
        replace_keys(parse_reference(reference), new_ring(), new_ring())
