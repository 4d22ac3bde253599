from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.common.delta import table_set
from jobs.common.delta.committed_contents import CommittedContents
from jobs.common.delta.table import DeltaFolder
from jobs.common.delta.table_set import Tables
from jobs.common.storage.location import Location

DONE = {"status": "deidentified", "rules_hash": "h"}


@pytest.fixture(params=["driver", "spark"])
def tables(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: Any) -> Tables:
    root = Location("", str(tmp_path))
    if request.param == "driver":
        return Tables(_no_session, root)
    monkeypatch.setattr(table_set, "KNOWN_KEYS_MAX_ROWS", 0)
    return Tables(request.getfixturevalue("spark"), root)


def _no_session() -> Any:
    raise AssertionError("Spark is not needed")


def append(tables: Tables, *contents: tuple[str, str, str]) -> None:
    rows = [
        {"sop_uid": uid, "output_uri": f"/o/{uid}", "output_sha256": sha256, "status": status}
        for uid, sha256, status in contents
    ]
    tables.append_records("instances", [row | {"rules_hash": "h"} for row in rows])


def found(contents: pa.Table) -> set[tuple[str, str]]:
    assert contents.column_names == ["sop_uid", "output_uri", "output_sha256"]
    return set(zip(contents["sop_uid"].to_pylist(), contents["output_sha256"].to_pylist()))


def test_contents_that_meet_the_condition_are_found_once(tables: Tables) -> None:
    assert len(tables.find_contents(["1"], DONE)) == 0
    append(
        tables, ("1", "a", "deidentified"), ("1", "a", "deidentified"), ("1", "b", "deidentified"),
        ("2", "c", "quarantined"), ("3", "d", "deidentified"),
    )  # fmt: skip
    contents = tables.find_contents(["1", "2", "4"], DONE)
    assert found(contents) == {("1", "a"), ("1", "b")} and len(contents) == 2
    assert len(tables.find_contents(["1"], DONE | {"rules_hash": "other"})) == 0
    assert len(tables.find_contents([], DONE)) == 0


def test_rows_that_were_committed_meanwhile_are_found(tables: Tables) -> None:
    append(tables, ("1", "a", "deidentified"))
    assert len(tables.find_contents(["2"], DONE)) == 0
    append(tables, ("2", "b", "deidentified"))
    assert found(tables.find_contents(["2"], DONE)) == {("2", "b")}


def test_a_search_without_a_known_uid_reads_no_file_twice(tmp_path: Path) -> None:
    folder = DeltaFolder(Location("", str(tmp_path / "instances")))
    append(Tables(_no_session, Location("", str(tmp_path))), ("1", "a", "deidentified"))
    contents = CommittedContents(folder, DONE)
    assert len(contents.find(["2"])) == 0
    for file in (tmp_path / "instances").glob("*.parquet"):
        file.unlink()
    assert len(contents.find(["2"])) == 0


def test_contents_that_are_added_are_found_without_reading_new_files(tmp_path: Path) -> None:
    tables = Tables(_no_session, Location("", str(tmp_path)))
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


def test_contents_of_files_that_are_not_added_are_still_found(tables: Tables) -> None:
    tables.find_contents(["1"], DONE)
    append(tables, ("1", "a", "deidentified"))
    tables.add_contents(pa.chunked_array([["1"]]), DONE, [])
    append(tables, ("2", "b", "deidentified"))
    assert found(tables.find_contents(["1", "2"], DONE)) == {("1", "a"), ("2", "b")}
