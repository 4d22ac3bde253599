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

from jobs.common.delta import dataset

ROWS = pa.table({"run_id": ["r2", "r2"], "source_id": ["e", None], "n": [1, 2]})


def open_dataset(table: DeltaTable, condition: ds.Expression) -> ds.Dataset:
    schema = pa.schema(table.schema().to_arrow())
    return dataset.open_dataset(table, schema, {}, condition)


def find(table: DeltaTable, condition: ds.Expression) -> pa.Table:
    return open_dataset(table, condition).to_table(filter=condition)


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
    found = find(table, ds.field("source_id").isin(["a", "e"]))
    assert sorted(found["source_id"].to_pylist()) == ["a", "e"]


@pytest.mark.parametrize(("name", "value", "files"), [("run_id", "r2", 1), ("n", 3, 2)])
def test_files_are_skipped_by_the_statistics_that_they_have(
    table: DeltaTable, name: str, value: object, files: int
) -> None:
    condition = ds.field(name) == value
    fragments = open_dataset(table, condition).get_fragments(condition)
    assert len(list(fragments)) == files


def test_files_that_were_read_are_left_out(table: DeltaTable) -> None:
    schema = pa.schema(table.schema().to_arrow())
    opened = dataset.open_dataset(table, schema, {}, None, {"x.parquet"})
    assert opened.to_table()["run_id"].to_pylist() == ["r1", "r1"]


def test_a_column_that_no_file_has_is_null(table: DeltaTable) -> None:
    schema = pa.schema([("n", pa.int64()), ("more", pa.string())])
    opened = dataset.open_dataset(table, schema, {}, ds.field("more").is_null())
    assert opened.to_table()["more"].null_count == 4


def test_a_file_without_any_statistics_is_read(tmp_path: Path) -> None:
    write_deltalake(str(tmp_path), ROWS.slice(0, 0))
    add_file(tmp_path, None)
    assert len(find(DeltaTable(str(tmp_path)), ds.field("n") >= 1)) == 2


def test_values_of_partitions_and_times_are_found(tmp_path: Path) -> None:
    times = [datetime(2026, 1, day, tzinfo=timezone.utc) for day in (1, 2, 3)]
    rows = pa.table({"place": ["a b", "c", None], "at": pa.array(times, pa.timestamp("us", "UTC"))})
    write_deltalake(str(tmp_path), rows, partition_by=["place"])
    table = DeltaTable(str(tmp_path))
    assert len(find(table, ds.field("at") >= times[1])) == 2
    assert find(table, ds.field("place") == "a b")["at"].to_pylist() == times[:1]
    assert len(find(table, ds.field("place").is_null())) == 1
