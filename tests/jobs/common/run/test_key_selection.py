"""A secret that is replaced between two nights does not change pseudonyms silently."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.cli import build_parser
from jobs.common.cli.errors import UsageError
from jobs.common.run.key_selection import select_key
from jobs.common.run.run_config import prepare
from jobs.common.secrets.key_material import KeyMaterial
from jobs.common.secrets.key_ring import KeyRing, RingKey, make_key
from jobs.common.storage.location import parse_uri
from tests.jobs.common.keys.mapping_tables import add_originals, open_tables
from tests.jobs.common.secrets.conftest import secrets_manager
from tests.jobs.runs import no_session

__all__ = ["secrets_manager"]

KEY = bytes(range(40))
FIRST = KeyRing((RingKey(KEY),))
SECOND = KeyRing((make_key(),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return tables with the work of a night under the first key."""
    add_originals(tmp_path / "tables", KeyMaterial(FIRST), ["4711"])
    return tmp_path / "tables"


def select(material: KeyMaterial, folder: Path) -> bytes:
    return select_key(material, open_tables(folder), parse_uri(str(folder)))


def test_new_tables_take_the_current_key(tmp_path: Path) -> None:
    material = KeyMaterial(SECOND, previous=FIRST, follows_rotation=True)
    assert select(material, tmp_path) == SECOND.key


def test_the_second_night_continues_with_the_previous_version_and_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    material = KeyMaterial(SECOND, previous=FIRST, follows_rotation=True)
    assert select(material, folder) == KEY
    assert "this run uses the key of --tables" in capsys.readouterr().err


@pytest.mark.parametrize("previous", [None, KeyRing((make_key(),))])
def test_a_night_without_the_key_of_the_tables_is_refused(
    folder: Path, previous: KeyRing | None
) -> None:
    material = KeyMaterial(SECOND, previous=previous, follows_rotation=True)
    with pytest.raises(UsageError, match="all pseudonyms would change; restore"):
        select(material, folder)


@pytest.mark.parametrize(
    "material",
    [
        KeyMaterial(SECOND),
        KeyMaterial(
            KeyRing(SECOND.pseudonym_keys + FIRST.pseudonym_keys),
            previous=FIRST,
            follows_rotation=True,
        ),
    ],
)
def test_a_key_that_was_changed_on_request_is_used(folder: Path, material: KeyMaterial) -> None:
    assert select(material, folder) == SECOND.key


def test_two_nights_of_a_secret_have_the_same_key(
    secrets_manager: Any, bucket: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"{bucket}/nights"
    secrets_manager.create_secret(Name=name, SecretString=KEY.hex())
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.dcm").write_bytes(b"1")

    def night() -> bytes:
        given = build_parser().parse_args(
            ["deidentify", "--input", f"{tmp_path}/in", "--output", f"{tmp_path}/out"]
            + ["--tables", f"{tmp_path}/tables", "--text", "off", "--pixels", "off"]
            + ["--key", f"aws-secretsmanager:{name}"]
        )
        return prepare(given, no_session).deidentifier.key

    assert night() == KEY
    add_originals(tmp_path / "tables", KeyMaterial(FIRST), ["4711"])
    secrets_manager.put_secret_value(SecretId=name, SecretString=SECOND.key.hex())
    assert night() == KEY
    assert "the secret of --key was replaced by another key" in capsys.readouterr().err
    secrets_manager.put_secret_value(SecretId=name, SecretString=make_key().key.hex())
    with pytest.raises(UsageError, match="restore its earlier content"):
        night()
