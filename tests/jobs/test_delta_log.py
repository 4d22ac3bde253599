"""Commits that are written without Spark: what Spark and another client make of them."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.common import delta_log
from jobs.common.columns import arrow_schema, columns_of, delta_schema
from jobs.common.delta_log import DeltaLog
from jobs.common.problems import JobFailure
from jobs.common.schemas import DECISIONS, NOTES_TABLES, RUNS, TABLES
from jobs.common.tables import SCHEMAS, Tables
from jobs.common.uris import Location

COLUMNS = "run_id STRING, batch INT, name STRING, box ARRAY<INT>, at TIMESTAMP"
NOW = datetime(2024, 5, 17, 9, 30, tzinfo=timezone.utc)


def some(batch: int, *names: str) -> pa.Table:
    rows = [
        {"run_id": "r", "batch": batch, "name": name, "box": [1, None], "at": NOW} for name in names
    ]
    return pa.Table.from_pylist(rows, arrow_schema(COLUMNS))


@pytest.fixture
def log(tmp_path: Path) -> DeltaLog:
    return DeltaLog(Location("", str(tmp_path / "table")), COLUMNS)


@pytest.mark.parametrize("ddl", [*TABLES.values(), *NOTES_TABLES.values(), RUNS, DECISIONS])
def test_columns_are_what_spark_makes_of_them(spark: Any, ddl: str) -> None:
    from pyspark.sql.pandas.types import to_arrow_schema
    from pyspark.sql.types import StructType

    made: Any = StructType.fromJson(delta_schema(ddl))
    assert made == spark.createDataFrame([], ddl).schema
    assert arrow_schema(ddl).names == to_arrow_schema(made).names


def test_spark_reads_what_was_appended_and_appends_itself(
    spark: Any, log: DeltaLog, tmp_path: Path
) -> None:
    path = str(tmp_path / "table")
    assert not log.exists
    log.append(some(0, "a", "b"))
    log.append(some(1, "c"))
    frame = spark.read.format("delta").load(path)
    assert sorted((row.batch, row.name, row.box) for row in frame.collect()) == [
        (0, "a", [1, None]), (0, "b", [1, None]), (1, "c", [1, None]),
    ]  # fmt: skip
    assert frame.first().at.timestamp() == NOW.timestamp()
    frame.where("name = 'a'").write.format("delta").mode("append").save(path)
    log.append(some(2, "d"))  # though its version is taken meanwhile
    assert spark.read.format("delta").load(path).count() == 5
    assert [p.name[:20] for p in sorted((tmp_path / "table" / "_delta_log").glob("*.json"))] == [
        f"{n:020d}" for n in range(4)
    ]


def test_a_log_goes_on_after_a_checkpoint_without_its_first_commits(
    spark: Any, tmp_path: Path
) -> None:
    tables = Tables(spark, Location("", str(tmp_path)))
    rows = [{"run_id": f"r{n}", "counts": {"seen": n}} for n in range(31)]
    for row in rows:
        tables.append_rows("runs", [row])
    tables.compact_logs()
    folder = tmp_path / "runs" / "_delta_log"
    assert list(folder.glob("*30.checkpoint.parquet"))
    for commit in folder.glob("*.json"):
        commit.unlink()
    later = Tables(spark, Location("", str(tmp_path)))
    later.append_rows("runs", [{"run_id": "last"}])
    assert later.read("runs").count() == 32
    assert later.read("runs").where("run_id = 'r7'").first().counts == {"seen": 7}


def test_a_table_with_features_or_partitions_is_left_to_spark(spark: Any, tmp_path: Path) -> None:
    empty = spark.createDataFrame([], SCHEMAS["runs"])
    empty.write.format("delta").partitionBy("command").save(str(tmp_path / "runs"))
    tables = Tables(spark, Location("", str(tmp_path)))
    tables.append_rows("runs", [{"run_id": "r", "command": "notes"}])
    assert [(row.run_id, row.command) for row in tables.read("runs").collect()] == [("r", "notes")]
    assert not list((tmp_path / "runs").glob("*.parquet"))


def test_a_table_of_another_version_is_told_before_anything_is_written(
    log: DeltaLog, tmp_path: Path
) -> None:
    log.append(some(0, "a"))
    other = DeltaLog(Location("", str(tmp_path / "table")), f"{COLUMNS}, more STRING")
    with pytest.raises(JobFailure, match="column more"):
        other.takes_plain_appends()


def test_no_commit_is_written_over(
    log: DeltaLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(some(0, "a"))
    rival = DeltaLog(Location("", str(tmp_path / "table")), COLUMNS)
    rival.append(some(0, "b"))
    log.append(some(1, "c"))
    commits = sorted((tmp_path / "table" / "_delta_log").glob("*.json"))
    added = [json.loads(commit.read_text().splitlines()[-1])["add"] for commit in commits]
    assert len(added) == len({add["path"] for add in added}) == 3
    # One who never gets a version gives up, and leaves no file behind.
    monkeypatch.setattr(delta_log, "_TRIES", 1)
    rival_again = DeltaLog(Location("", str(tmp_path / "table")), COLUMNS)
    assert rival_again.exists
    log.append(some(2, "d"))
    files = set((tmp_path / "table").glob("*.parquet"))
    with pytest.raises(JobFailure, match="cannot be appended to"):
        rival_again.append(some(2, "e"))
    assert set((tmp_path / "table").glob("*.parquet")) == files


def test_another_client_reads_every_kind_of_table(spark: Any, tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake")
    tables = Tables(spark, Location("", str(tmp_path)))
    every = (*TABLES, "runs", "decisions", "reidentifications")
    for table in every:
        tables.append_rows(table, [{}])
    for table in every:
        there = deltalake.DeltaTable(str(tmp_path / table))
        assert (there.protocol().min_reader_version, there.protocol().min_writer_version) == (1, 2)
        names = [field.name for field in there.schema().fields]
        assert names == list(columns_of(SCHEMAS[table]))
        assert there.to_pyarrow_table().num_rows == 1
