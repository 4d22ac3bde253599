from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import FileDataset
from pydicom.fileset import FileSet
from pydicom.uid import BasicTextSRStorage

from safelight.releases.dicomdir import (
    DICOMDIR_NAME,
    DirectoryEntry,
    encode_dicomdir,
    make_entry,
    make_file_id,
)
from tests.releases.objects import make_object

UID = "2.25.1"


def read(patient: str, number: int = 1, study: int = 1) -> FileDataset:
    return dcmread(io.BytesIO(make_object(patient, number, study)))


def name(ds: FileDataset) -> str:
    return make_file_id(ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID)


def entry(ds: FileDataset) -> DirectoryEntry:
    made = make_entry(ds, name(ds))
    assert made is not None
    return made


@pytest.fixture
def objects() -> list[FileDataset]:
    wanted = [("PSEUDONYM0000001", 1, 1), ("PSEUDONYM0000001", 2, 1), ("PSEUDONYM0000001", 1, 2)]
    return [read(*one) for one in (*wanted, ("PSEUDONYM0000002", 1, 1))]


def test_another_reader_finds_all_objects_by_the_directory(
    objects: list[FileDataset], tmp_path: Path
) -> None:
    for ds in objects:
        path = tmp_path / name(ds)
        path.parent.mkdir(parents=True, exist_ok=True)
        ds.save_as(path)
    (tmp_path / DICOMDIR_NAME).write_bytes(encode_dicomdir(map(entry, objects), UID))
    found = FileSet(tmp_path / DICOMDIR_NAME)
    assert {one.load().SOPInstanceUID for one in found} == {ds.SOPInstanceUID for ds in objects}
    assert sorted(found.find_values("PatientID")) == ["PSEUDONYM0000001", "PSEUDONYM0000002"]
    if shutil.which("dcmdump"):
        command = ["dcmdump", "-q", "-E", str(tmp_path / DICOMDIR_NAME)]
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_file_id_has_components_of_eight_characters() -> None:
    assert re.fullmatch(r"[A-Z0-9]{8}/[A-Z0-9]{8}/[A-Z0-9]{8}", make_file_id("1.2", "1.3", "1.4"))
    assert make_file_id("1.2", "1.3", "1.4") != make_file_id("1.2", "1.3", "1.5")


def test_values_that_a_record_requires_are_filled_in() -> None:
    ds = read("PSEUDONYM0000001")
    ds.StudyDate = ""
    assert "SeriesNumber" not in ds
    assert make_entry(ds, name(ds)) is not None
    assert ds.StudyDate == "" and "SeriesNumber" not in ds


def test_an_object_without_a_value_of_its_own_type_has_no_record() -> None:
    ds = read("PSEUDONYM0000001")
    ds.SOPClassUID = BasicTextSRStorage  # without Completion Flag
    assert make_entry(ds, name(ds)) is None


def test_the_directory_of_no_objects_is_empty() -> None:
    ds = dcmread(io.BytesIO(encode_dicomdir([], UID)))
    assert len(ds.DirectoryRecordSequence) == 0
