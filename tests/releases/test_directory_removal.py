from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset

from safelight.releases.dicomdir import DirectoryEntry
from safelight.releases.directory_removal import remove_files
from tests.releases.test_directory_writer import list_paths, make_cached_entry, write

IDENTIFIERS = (
    "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "ReferencedSOPInstanceUIDInFile",
    "ReferencedFileID",
)  # fmt: skip
NUMBERS = st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(1, 3))


def describe(directory: bytes) -> list[tuple[str, ...]]:
    """Return the identifiers of all records that are linked, after those above them."""
    ds = dcmread(io.BytesIO(directory))
    records = {record.seq_item_tell: record for record in ds.DirectoryRecordSequence}
    first = ds.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity
    return [tuple(map(identify, path)) for path in list_paths(records, first)]


def identify(record: Dataset) -> str:
    values = [str(record[keyword].value) for keyword in IDENTIFIERS if keyword in record]
    return f"{record.DirectoryRecordType} {values}"


@settings(max_examples=15, deadline=None)
@given(st.sets(NUMBERS, min_size=1), st.sets(NUMBERS))
def test_a_directory_without_some_files_is_that_of_the_others(
    listed: set[tuple[int, int, int]], removed: set[tuple[int, int, int]]
) -> None:
    def make(numbers: set[tuple[int, int, int]]) -> list[DirectoryEntry]:
        return sorted((make_cached_entry(*one) for one in numbers), key=lambda one: one.path)

    directory = write(make(listed))
    found = remove_files(directory, {one.path for one in make(removed)})
    assert describe(found) == describe(write(make(listed - removed)))
    assert (found == directory) == (not listed & removed)


def test_no_value_of_a_removed_patient_is_left() -> None:
    one, other = make_cached_entry(1, 1, 1), make_cached_entry(2, 1, 1)
    found = remove_files(write(sorted((one, other), key=lambda entry: entry.path)), {one.path})
    assert b"PSEUDONYM0000002" in found
    assert all(key.encode() not in found for key in one.keys)
