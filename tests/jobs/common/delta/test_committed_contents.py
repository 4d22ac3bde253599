from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from jobs.common.delta.committed_contents import CommittedContents
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import Location
from tests.jobs.common.delta.example_contents import DONE, append, found


def test_a_search_without_a_known_uid_reads_no_file_twice(tmp_path: Path) -> None:
    folder = DeltaFolder(Location("", str(tmp_path / "instances")))
    append(Tables(None, Location("", str(tmp_path))), ("1", "a", "deidentified"))
    contents = CommittedContents(folder, DONE)
    assert len(contents.find(["2"])) == 0
    for file in (tmp_path / "instances").glob("*.parquet"):
        file.unlink()
    assert len(contents.find(["2"])) == 0


def test_contents_that_are_added_are_found_without_reading_new_files(tmp_path: Path) -> None:
    tables = Tables(None, Location("", str(tmp_path)))
    append(tables, ("1", "a", "deidentified"))
    contents = CommittedContents(tables.folder("instances"), DONE)
    assert len(contents.find(["2"])) == 0
    before = set((tmp_path / "instances").glob("*.parquet"))
    append(tables, ("2", "b", "deidentified"))
    (new,) = set((tmp_path / "instances").glob("*.parquet")) - before
    contents.add(pa.chunked_array([["2", "3"]]), [new.name])
    assert contents.count == 3 and found(contents.find(["2", "3"])) == {("2", "b")}
    new.unlink()
    assert len(contents.find(["4"])) == 0
