from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from jobs.common.delta import maintenance
from jobs.common.delta.data_files import data_file_name, write_data_file
from jobs.common.delta.maintenance import compact_small_files, describe_table, optimize_table
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.statistics import STATISTICS_COLUMNS
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import Location, parse_uri

DAY_SECONDS = 24 * 60 * 60


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(None, Location("", str(tmp_path)))


def commit(tables: Tables, table: str, batches: range, **columns: Any) -> None:
    schema = table_schema(table)
    for batch in batches:
        record = dict.fromkeys(schema.names) | {"batch": batch} | columns
        name = data_file_name("r", batch, 0)
        rows = pa.Table.from_pylist([record], schema)
        file = write_data_file(parse_uri(tables.path(table)), table, rows, name)
        tables.commit_files(table, [file], ("r", batch))


def make_older(folder: str, days: int) -> None:
    """Set the modification time of all files below a folder."""
    then = time.time() - days * DAY_SECONDS
    for path in Path(folder).rglob("*"):
        os.utime(path, (then, then))


def test_the_state_of_a_table_comes_from_its_log(tables: Tables) -> None:
    assert describe_table(tables, "audit") is None
    commit(tables, "audit", range(3))
    for file in Path(tables.path("audit")).glob("*.parquet"):
        file.unlink()
    state = describe_table(tables, "audit")
    assert state is not None
    assert (state.rows, state.files, state.small_files, state.version) == (3, 3, 3, 3)
    assert (state.reader, state.writer) == (1, 2) and state.bytes == state.small_bytes > 0


def test_optimization_keeps_rows_and_earlier_versions(tables: Tables) -> None:
    commit(tables, "audit", range(5))
    done = optimize_table(tables, "audit")
    assert (done.files_before, done.files_after, done.deleted_files) == (5, 1, 0)
    assert sorted(row["batch"] for row in tables.rows("audit", ["batch"])) == [0, 1, 2, 3, 4]
    assert len(DeltaTable(tables.path("audit"), version=3).file_uris()) == 3


def test_a_compacted_file_has_no_statistics_that_could_hold_phi(tables: Tables) -> None:
    commit(tables, "sources", range(3), source_uri="JANE", namespace="n")
    optimize_table(tables, "sources")
    (file,) = DeltaTable(tables.path("sources")).file_uris()
    columns = pq.read_metadata(file.removeprefix("file://")).row_group(0).to_dict()["columns"]
    stated = {column["path_in_schema"] for column in columns if column["is_stats_set"]}
    assert stated == set(table_schema("sources").names) & STATISTICS_COLUMNS
    log = Path(tables.path("sources"), "_delta_log")
    assert not any(b"JANE" in path.read_bytes() for path in log.iterdir() if path.is_file())
    assert [row["source_uri"] for row in tables.rows("sources", ["source_uri"])] == ["JANE"] * 3


def test_files_without_a_commit_are_deleted_after_the_retention_time(tables: Tables) -> None:
    commit(tables, "audit", range(2))
    folder = parse_uri(tables.path("audit"))
    rows = table_schema("audit").empty_table()
    write_data_file(folder, "audit", rows, "old.parquet")
    make_older(folder.path, days=9)
    write_data_file(folder, "audit", rows, "new.parquet")
    assert optimize_table(tables, "audit", retain_days=8).deleted_files == 1
    assert Path(folder.path, "new.parquet").exists() and tables.row_count("audit") == 2


def test_commits_older_than_the_retention_time_are_deleted(tables: Tables) -> None:
    commit(tables, "audit", range(3))
    log = Path(tables.path("audit"), "_delta_log")
    make_older(str(log), days=40)
    optimize_table(tables, "audit")
    assert not (log / f"{0:020d}.json").exists()
    again = Tables(None, Location("", str(log.parents[1])))
    assert again.row_count("audit") == 3
    commit(again, "audit", range(3, 4))
    assert sorted(row["batch"] for row in again.rows("audit", ["batch"])) == [0, 1, 2, 3]


def test_many_commits_delete_old_ones_by_themselves(tables: Tables) -> None:
    commit(tables, "audit", range(35))
    log = Path(tables.path("audit"), "_delta_log")
    make_older(str(log), days=40)
    commit(tables, "audit", range(35, 65))
    assert min(log.glob("*.json")).name == f"{29:020d}.json" and tables.row_count("audit") == 65


def test_the_end_of_a_run_compacts_tables_with_many_small_files(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "COMPACTION_MIN_FILES", 5)
    commit(tables, "audit", range(5))
    commit(tables, "catalog", range(4))
    assert compact_small_files(tables) == []
    states = [describe_table(tables, table) for table in ("audit", "catalog")]
    assert [state.files for state in states if state] == [1, 4]


def test_a_table_that_is_too_large_for_the_end_of_a_run_is_named(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "COMPACTION_MIN_FILES", 5)
    monkeypatch.setattr(maintenance, "COMPACTION_MAX_BYTES", 1)
    commit(tables, "audit", range(5))
    assert compact_small_files(tables) == ["audit"]
    state = describe_table(tables, "audit")
    assert state is not None and state.files == 5


def test_a_table_that_cannot_be_compacted_is_named(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "COMPACTION_MIN_FILES", 5)
    commit(tables, "audit", range(5))
    for file in Path(tables.path("audit")).glob("*.parquet"):
        file.unlink()
    assert compact_small_files(tables) == ["audit"]


def test_tables_on_s3_are_optimized(bucket: str) -> None:
    tables = Tables(None, Location(bucket, "tables"))
    commit(tables, "audit", range(3))
    assert optimize_table(tables, "audit").files_after == 1
    assert tables.row_count("audit") == 3


def test_spark_reads_an_optimized_table(spark: Any, tables: Tables) -> None:
    commit(tables, "instances", range(3), status="deidentified")
    optimize_table(tables, "instances")
    frame = spark.read.format("delta").load(tables.path("instances"))
    assert sorted(row.batch for row in frame.collect()) == [0, 1, 2]
