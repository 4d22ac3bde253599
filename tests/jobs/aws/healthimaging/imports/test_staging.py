from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.aws.healthimaging.imports import staging
from jobs.aws.healthimaging.imports.items import ImportItem
from jobs.common.cli.errors import JobError
from jobs.common.storage.location import parse_uri
from tests.jobs.aws.healthimaging.items import put_output


@pytest.fixture
def item(tmp_path: Path) -> ImportItem:
    return put_output(str(tmp_path / "out"), 1, frames=2)


def test_an_object_is_staged_with_the_checksums_of_its_frames(
    item: ImportItem, tmp_path: Path
) -> None:
    folder = parse_uri(str(tmp_path / "in"))
    found = staging.stage_item(item, folder, True)
    assert found.refusal == "" and found.checksums is not None and len(found.checksums) == 2
    staged = Path(folder.child(item.file_name).path).read_bytes()
    assert hashlib.sha256(staged).hexdigest() == item.sha256
    # a repetition is not a conflict
    assert staging.stage_item(item, folder, False).checksums is None


def test_other_bytes_are_refused(item: ImportItem) -> None:
    assert staging.check_item(replace(item, sha256="0" * 64), True).checked.refusal == (
        staging.CHANGED
    )


def test_a_missing_object_is_refused(item: ImportItem) -> None:
    assert staging.check_item(replace(item, uri=item.uri + "x"), True).checked.refusal == (
        staging.UNREADABLE
    )


@pytest.mark.parametrize("removed", ["", "NO"])
def test_an_object_that_does_not_say_yes_is_refused(tmp_path: Path, removed: str) -> None:
    item = put_output(str(tmp_path), 1, removed=removed)
    found = staging.check_item(item, True)
    assert found.checked.refusal == staging.NOT_LABELLED and found.data == b""


def test_an_object_with_other_uids_is_refused(item: ImportItem) -> None:
    other = replace(item, series_uid="2.25.999")
    assert staging.check_item(other, True).checked.refusal == staging.OTHER_UIDS


def test_bytes_that_are_no_dicom_are_refused(tmp_path: Path, item: ImportItem) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"no DICOM" * 100)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    found = staging.check_item(replace(item, uri=str(path), sha256=sha256), True)
    assert found.checked.refusal == staging.NOT_DICOM


def test_a_name_that_is_taken_ends_the_import(item: ImportItem, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    folder.joinpath(item.file_name).write_bytes(b"other")
    with pytest.raises(JobError, match="--staging"):
        staging.stage_item(item, parse_uri(str(folder)), True)
