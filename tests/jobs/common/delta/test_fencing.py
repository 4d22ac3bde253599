"""A run that was stopped past its lease changes no table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from jobs.common.cli.errors import JobError
from jobs.common.delta.data_files import DataFile, write_data_file
from jobs.common.delta.lease import Lease
from jobs.common.delta.rows import RunRow
from jobs.common.delta.run_journal import RunJournal, recover
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import Location

SCHEMA = table_schema("audit")
NOW = datetime(2024, 5, 17, 9, 30, tzinfo=timezone.utc)


def make_rows(batch: int) -> pa.Table:
    return pa.Table.from_pylist([dict.fromkeys(SCHEMA.names) | {"batch": batch}], SCHEMA)


def write_file(folder: Location, name: str) -> DataFile:
    return write_data_file(folder, "audit", make_rows(1), name)


CHANGES: dict[str, Callable[[DeltaFolder, Location], None]] = {
    "append": lambda folder, _: folder.append(make_rows(1)),
    "commit": lambda folder, place: folder.commit([write_file(place, "f")], SCHEMA, "r", 1),
    "delete": lambda folder, _: folder.delete_rows("batch = 0"),
    "update": lambda folder, _: folder.update("batch = 0", {"batch": "7"}),
}


@pytest.fixture
def place(tmp_path: Path) -> Location:
    location = Location("", str(tmp_path / "audit"))
    DeltaFolder(location, 1).append(make_rows(0))
    return location


def batches(place: Location) -> list[int]:
    return [row["batch"] for row in DeltaFolder(place).rows(["batch"])]


@pytest.mark.parametrize("change", CHANGES)
def test_the_holder_of_the_lease_changes_a_table_again_and_again(
    place: Location, change: str
) -> None:
    folder = DeltaFolder(place, 2)
    folder.fence()
    folder.append(make_rows(0))
    CHANGES[change](folder, place)
    assert sorted(batches(place)) != [0, 0]


@pytest.mark.parametrize("change", CHANGES)
def test_an_earlier_holder_changes_nothing(place: Location, change: str) -> None:
    DeltaFolder(place, 2).fence()
    with pytest.raises(JobError, match="lease of the tables was lost"):
        CHANGES[change](DeltaFolder(place, 1), place)
    assert batches(place) == [0]


@pytest.mark.parametrize("change", CHANGES)
def test_an_earlier_holder_that_sleeps_in_its_commit_changes_nothing(
    place: Location, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeper = DeltaFolder(place, 1)
    opened = DeltaTable(place.uri)
    DeltaFolder(place, 2).fence()
    monkeypatch.setattr(sleeper, "_open", lambda: opened)
    with pytest.raises(JobError, match="lease of the tables was lost"):
        CHANGES[change](sleeper, place)
    assert batches(place) == [0]


def test_only_the_holder_of_the_lease_compacts_a_table(place: Location) -> None:
    holder, sleeper = DeltaFolder(place, 2), DeltaFolder(place, 1)
    sleeper.append(make_rows(1))
    holder.fence()
    with pytest.raises(JobError, match="lease of the tables was lost"):
        sleeper.compact(2**20)
    holder.compact(2**20)
    assert len(holder.snapshot().file_sizes) == 1 and sorted(batches(place)) == [0, 1]


def test_recovery_fences_the_tables_of_a_run_that_may_sleep(spark: Any, tmp_path: Path) -> None:
    root = Location("", str(tmp_path))
    sleeper = Tables(spark, root, lease=Lease(lambda: None, 1))
    journal = RunJournal(root)
    journal.begin(RunRow("r1", "deidentify", NOW))
    sleeper.append_arrow("audit", make_rows(0))
    recover(Tables(spark, root, lease=Lease(lambda: None, 2)), journal, "r2")
    with pytest.raises(JobError, match="lease of the tables was lost"):
        sleeper.append_arrow("audit", make_rows(1))
