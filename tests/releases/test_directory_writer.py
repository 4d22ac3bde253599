from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset
from pydicom.fileset import FileSet

from safelight.releases import directory_writer
from safelight.releases.dicomdir import DirectoryEntry
from safelight.releases.directory_writer import DirectoryTooLargeError, DirectoryWriter
from safelight.releases.file_names import DICOMDIR_NAME
from tests.releases.test_dicomdir import entry, name, read

UID = "2.25.1"
KINDS = ("PATIENT", "STUDY", "SERIES", "IMAGE")


def write(entries: Iterable[DirectoryEntry]) -> bytes:
    writer, target = DirectoryWriter(io.BytesIO()), io.BytesIO()
    for one in entries:
        writer.add(one)
    writer.finish(UID, target)
    return target.getvalue()


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
    (tmp_path / DICOMDIR_NAME).write_bytes(write(map(entry, objects)))
    found = FileSet(tmp_path / DICOMDIR_NAME)
    assert {one.load().SOPInstanceUID for one in found} == {ds.SOPInstanceUID for ds in objects}
    assert sorted(found.find_values("PatientID")) == ["PSEUDONYM0000001", "PSEUDONYM0000002"]
    if shutil.which("dcmdump"):
        command = ["dcmdump", "-q", "-E", str(tmp_path / DICOMDIR_NAME)]
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_the_directory_of_no_objects_is_empty() -> None:
    ds = dcmread(io.BytesIO(write([])))
    assert len(ds.DirectoryRecordSequence) == 0


def list_paths(
    records: dict[int, Dataset], offset: int, above: tuple[Dataset, ...] = ()
) -> Iterator[tuple[Dataset, ...]]:
    """Yield each record that is linked, after the records above it."""
    while offset:
        record = records[offset]
        path = (*above, record)
        yield path
        yield from list_paths(records, record.OffsetOfReferencedLowerLevelDirectoryEntity, path)
        offset = record.OffsetOfTheNextDirectoryRecord


@cache
def make_cached_entry(patient: int, study: int, number: int) -> DirectoryEntry:
    return entry(read(f"PSEUDONYM{patient:07d}", number, study))


@settings(max_examples=10, deadline=None)
@given(st.sets(st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(1, 3)), min_size=1))
def test_each_record_is_written_once_and_linked(wanted: set[tuple[int, int, int]]) -> None:
    entries = sorted((make_cached_entry(*one) for one in wanted), key=lambda one: one.path)
    directory = dcmread(io.BytesIO(write(entries)))
    kinds = [record.DirectoryRecordType for record in directory.DirectoryRecordSequence]
    assert kinds.count("PATIENT") == len({patient for patient, _, _ in wanted})
    assert kinds.count("STUDY") == kinds.count("SERIES") == len({one[:2] for one in wanted})
    assert kinds.count("IMAGE") == len(wanted)
    records = {record.seq_item_tell: record for record in directory.DirectoryRecordSequence}
    first = directory.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity
    paths = [path for path in list_paths(records, first) if len(path) == len(KINDS)]
    assert all(tuple(one.DirectoryRecordType for one in path) == KINDS for path in paths)
    linked = {path[-1].ReferencedSOPInstanceUIDInFile for path in paths}
    assert linked == {one.keys[-1] for one in entries} and len(paths) == len(wanted)


def test_only_patients_and_one_folder_are_kept_in_memory() -> None:
    writer = DirectoryWriter(io.BytesIO())
    entries = [make_cached_entry(1, study, n) for study in range(1, 4) for n in range(1, 3)]
    for _, folder in groupby(sorted(entries, key=lambda one: one.path), lambda one: one.path[:8]):
        for one in folder:
            writer.add(one)
        assert (len(writer._patients), len(writer._folder)) == (1, 2)  # a study and its series


def test_a_directory_that_cannot_address_its_records_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(directory_writer, "_MAX_BYTES", 300)
    writer = DirectoryWriter(io.BytesIO())
    with pytest.raises(DirectoryTooLargeError):
        writer.add(entry(read("PSEUDONYM0000001")))
