"""Filters on tables whose files have statistics of some columns only."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.transaction import AddAction

from jobs.common.delta.dataset import open_dataset

ROWS = pa.table({"run_id": ["r2", "r2"], "source_id": ["e", None], "n": [1, 2]})


@pytest.fixture
def table(tmp_path: Path) -> DeltaTable:
    """Return a table of one file with all statistics, and one of which they are partly missing."""
    first = pa.table({"run_id": ["r1"] * 2, "source_id": ["a", "b"], "n": [3, 4]})
    write_deltalake(str(tmp_path), first)
    statistics = {"minValues": {"run_id": "r2"}, "maxValues": {"run_id": "r2"}}
    add_file(tmp_path, {"numRecords": 2, **statistics, "nullCount": {"run_id": 0}})
    return DeltaTable(str(tmp_path))


def add_file(place: Path, statistics: Optional[dict[str, Any]]) -> None:
    pq.write_table(ROWS, place / "x.parquet")
    size = (place / "x.parquet").stat().st_size
    stats = None if statistics is None else json.dumps(statistics)
    table = DeltaTable(str(place))
    action = AddAction("x.parquet", size, {}, 0, True, stats)
    table.create_write_transaction([action], "append", table.schema())


def test_a_column_without_statistics_excludes_no_row(table: DeltaTable) -> None:
    found = open_dataset(table).to_table(filter=ds.field("source_id").isin(["a", "e"]))
    assert sorted(found["source_id"].to_pylist()) == ["a", "e"]


def test_files_are_skipped_by_the_statistics_that_they_have(table: DeltaTable) -> None:
    dataset = open_dataset(table)
    assert len(list(dataset.get_fragments(ds.field("run_id") == "r2"))) == 1
    assert len(list(dataset.get_fragments(ds.field("n") == 3))) == 2


def test_a_file_without_any_statistics_is_read(tmp_path: Path) -> None:
    write_deltalake(str(tmp_path), ROWS.slice(0, 0))
    add_file(tmp_path, None)
    found = open_dataset(DeltaTable(str(tmp_path))).to_table(filter=ds.field("n") >= 1)
    assert len(found) == 2


def test_values_of_partitions_and_times_are_found(tmp_path: Path) -> None:
    times = [datetime(2026, 1, day, tzinfo=timezone.utc) for day in (1, 2, 3)]
    rows = pa.table({"place": ["a b", "c", None], "at": pa.array(times, pa.timestamp("us", "UTC"))})
    write_deltalake(str(tmp_path), rows, partition_by=["place"])
    dataset = open_dataset(DeltaTable(str(tmp_path)))
    assert len(dataset.to_table(filter=ds.field("at") >= times[1])) == 2
    assert dataset.to_table(filter=ds.field("place") == "a b")["at"].to_pylist() == times[:1]
    assert len(dataset.to_table(filter=ds.field("place").is_null())) == 1
