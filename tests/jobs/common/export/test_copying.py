from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from jobs.common.delta.arrow_rows import decode_rows, encode_rows
from jobs.common.export.copying import (
    COPIED_OUTCOMES,
    CopyOutcome,
    ObjectCopier,
    ReleaseObject,
)

DATA = b"an object"
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def item(tmp_path: Path) -> ReleaseObject:
    source = tmp_path / "clean" / "1.dcm"
    source.parent.mkdir()
    source.write_bytes(DATA)
    return ReleaseObject(str(source), "study/series/1.dcm", SHA256, len(DATA))


def copy(tmp_path: Path, item: ReleaseObject) -> str:
    batches = ObjectCopier(str(tmp_path / "release"))([encode_rows(ReleaseObject, [item])])
    (result,) = decode_rows(CopyOutcome, batches)
    return result.outcome


def test_an_object_is_copied_below_the_folder_of_the_release(
    tmp_path: Path, item: ReleaseObject
) -> None:
    assert copy(tmp_path, item) in COPIED_OUTCOMES
    assert (tmp_path / "release" / item.path).read_bytes() == DATA


def test_an_object_that_was_copied_before_is_the_same(tmp_path: Path, item: ReleaseObject) -> None:
    copy(tmp_path, item)
    assert copy(tmp_path, item) == "same"


def test_an_object_that_differs_from_its_row_is_not_copied(
    tmp_path: Path, item: ReleaseObject
) -> None:
    Path(item.source).write_bytes(b"another object")
    assert copy(tmp_path, item) == "objects differ from their rows (SHA-256)"
    assert not (tmp_path / "release").exists()


def test_a_missing_object_is_reported(tmp_path: Path, item: ReleaseObject) -> None:
    Path(item.source).unlink()
    assert copy(tmp_path, item) == "objects cannot be read"


def test_other_content_in_the_release_is_a_conflict(tmp_path: Path, item: ReleaseObject) -> None:
    there = tmp_path / "release" / item.path
    there.parent.mkdir(parents=True)
    there.write_bytes(b"other content")
    assert copy(tmp_path, item) not in COPIED_OUTCOMES
    assert there.read_bytes() == b"other content"
