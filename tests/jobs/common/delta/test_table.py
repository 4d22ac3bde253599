"""Commits that are made without Spark: what Spark makes of them, and the other way about."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable

from jobs.common.cli.errors import JobError
from jobs.common.delta.columns import arrow_schema, columns_of
from jobs.common.delta.table import DeltaFolder
from jobs.common.delta.table_set import SCHEMAS, Tables
from jobs.common.storage.location import Location

COLUMNS = "run_id STRING, batch INT, name STRING, box ARRAY<INT>, at TIMESTAMP"
NOW = datetime(2024, 5, 17, 9, 30, tzinfo=timezone.utc)


def some(batch: int, *names: str) -> pa.Table:
    rows = [
        {"run_id": "r", "batch": batch, "name": name, "box": [1, None], "at": NOW} for name in names
    ]
    return pa.Table.from_pylist(rows, arrow_schema(COLUMNS))


@pytest.fixture
def table(tmp_path: Path) -> Callable[[], DeltaFolder]:
    return lambda: DeltaFolder(Location("", str(tmp_path / "table")))


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_columns_are_what_spark_makes_of_them(spark: Any, name: str) -> None:
    from pyspark.sql.pandas.types import from_arrow_schema

    ours: Any = from_arrow_schema(arrow_schema(SCHEMAS[name]))
    assert ours == spark.createDataFrame([], SCHEMAS[name]).schema


def test_spark_reads_what_was_appended_and_appends_itself(
    spark: Any, table: Callable[[], DeltaFolder], tmp_path: Path
) -> None:
    path, log = str(tmp_path / "table"), table()
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


def test_a_table_that_spark_made_is_appended_to(spark: Any, tmp_path: Path) -> None:
    empty = spark.createDataFrame([], SCHEMAS["runs"])
    empty.write.format("delta").partitionBy("command").save(str(tmp_path / "runs"))
    tables = Tables(spark, Location("", str(tmp_path)))
    tables.check(["runs"])
    tables.append_rows("runs", [{"run_id": "r", "command": "notes"}])
    assert [(row.run_id, row.command) for row in tables.read("runs").collect()] == [("r", "notes")]


def test_readers_find_a_checkpoint_after_many_commits(spark: Any, tmp_path: Path) -> None:
    tables = Tables(spark, Location("", str(tmp_path)))
    for n in range(32):
        tables.append_rows("runs", [{"run_id": f"r{n}", "counts": {"seen": n}}])
    assert list((tmp_path / "runs" / "_delta_log").glob("*.checkpoint.parquet"))
    assert tables.read("runs").count() == 32
    assert tables.read("runs").where("run_id = 'r7'").first().counts == {"seen": 7}


def test_rows_are_read_without_spark(spark: Any, table: Callable[[], DeltaFolder]) -> None:
    place = table()._place.uri
    assert list(table().rows(["name"])) == []
    table().append(some(0, "a", "b"))
    more = spark.createDataFrame(some(1, "c", "d").to_pylist(), COLUMNS)
    more.write.format("delta").mode("append").save(place)
    DeltaTable(place).delete("name = 'd'")
    names = [row["name"] for row in table().rows(["name"])]
    assert sorted(names) == ["a", "b", "c"]
    asked = (ds.field("batch") == 0) & ~ds.field("name").isin(["b"])
    assert list(table().rows(["name", "batch"], asked)) == [{"name": "a", "batch": 0}]


def test_a_value_that_is_not_there_is_none_of_a_list(table: Callable[[], DeltaFolder]) -> None:
    table().append(some(0, "a").set_column(2, "name", pa.array([None], pa.string())))
    assert list(table().rows(["batch"], ~ds.field("name").isin(["b"]))) == [{"batch": 0}]


def test_a_table_of_another_version_is_told_before_anything_is_written(
    table: Callable[[], DeltaFolder],
) -> None:
    table().append(some(0, "a"))
    table().check(arrow_schema(COLUMNS))
    with pytest.raises(JobError, match="column more"):
        table().check(arrow_schema(f"{COLUMNS}, more STRING"))
    with pytest.raises(JobError, match="column batch"):
        table().check(arrow_schema(COLUMNS.replace("batch INT", "batch STRING")))


def test_no_commit_of_two_writers_is_lost(table: Callable[[], DeltaFolder]) -> None:
    table().append(some(0, "first"))

    def write(writer: int) -> None:
        rival = table()
        for n in range(5):
            rival.append(some(writer, f"{writer}-{n}"))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, (1, 2)))
    assert _names(table()) == {"first", *(f"{w}-{n}" for w in (1, 2) for n in range(5))}


def _names(log: DeltaFolder) -> set[str]:
    return set(DeltaTable(log._place.uri).to_pyarrow_table()["name"].to_pylist())


@pytest.mark.parametrize("bucket", ["s3_server", "strict_s3_server"], indirect=True)
def test_on_s3_appends_find_the_server_as_the_rest_does(bucket: str) -> None:
    place = Location(bucket, "tables/audit")
    assert not DeltaFolder(place).exists
    for n in range(4):  # one writer at a time: that is what the lease is for
        DeltaFolder(place).append(some(n, f"{n}"))
    options = {
        "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"],
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
    }
    there = DeltaTable(place.uri, storage_options=options).to_pyarrow_table()
    assert sorted(there["name"].to_pylist()) == [f"{n}" for n in range(4)]


def test_tables_are_plain_for_other_clients(spark: Any, tmp_path: Path) -> None:
    tables = Tables(spark, Location("", str(tmp_path)))
    for name in SCHEMAS:
        tables.append_rows(name, [{}])
        there = DeltaTable(str(tmp_path / name))
        assert (there.protocol().min_reader_version, there.protocol().min_writer_version) == (1, 2)
        assert [field.name for field in there.schema().fields] == list(columns_of(SCHEMAS[name]))
        assert there.to_pyarrow_table().num_rows == 1
