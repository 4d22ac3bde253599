"""Commits without Spark: Spark reads them, and they follow commits of Spark."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from jobs.common.cli.errors import JobError
from jobs.common.delta.data_files import data_file_name, write_parquet_file
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.storage.location import Location
from tests.jobs.common.delta.example_rows import NOW, SCHEMA, make_rows


def test_spark_reads_appended_rows(
    spark: Any, table: Callable[[], DeltaFolder], tmp_path: Path
) -> None:
    folder = table()
    assert not folder.exists
    folder.append(make_rows(0, "a", "b"))
    folder.append(make_rows(1, "c"))
    frame = spark.read.format("delta").load(str(tmp_path / "table"))
    assert sorted((row.batch, row.name, row.box) for row in frame.collect()) == [
        (0, "a", [1, None]), (0, "b", [1, None]), (1, "c", [1, None]),
    ]  # fmt: skip
    assert frame.first().at.timestamp() == NOW.timestamp()


def test_appends_follow_a_commit_of_spark(
    spark: Any, table: Callable[[], DeltaFolder], tmp_path: Path
) -> None:
    path, folder = str(tmp_path / "table"), table()
    folder.append(make_rows(0, "a", "b"))
    frame = spark.read.format("delta").load(path)
    frame.where("name = 'a'").write.format("delta").mode("append").save(path)
    folder.append(make_rows(2, "d"))  # another writer has taken its version
    assert spark.read.format("delta").load(path).count() == 4
    commits = sorted((tmp_path / "table" / "_delta_log").glob("*.json"))
    assert [commit.name[:20] for commit in commits] == [f"{n:020d}" for n in range(3)]


def test_a_missing_column_is_added_and_null_in_old_rows(table: Callable[[], DeltaFolder]) -> None:
    table().append(make_rows(0, "a").drop_columns(["box"]))
    folder = table()
    folder.evolve(SCHEMA)
    folder.append(make_rows(1, "b"))
    rows = sorted(table().rows(["name", "box"]), key=lambda row: row["name"])
    assert rows == [{"name": "a", "box": None}, {"name": "b", "box": [1, None]}]


def test_an_added_column_needs_no_newer_reader(table: Callable[[], DeltaFolder]) -> None:
    table().append(make_rows(0, "a").drop_columns(["at"]))
    table().evolve(SCHEMA)
    protocol = DeltaTable(table()._location.uri).protocol()
    assert (protocol.min_reader_version, protocol.min_writer_version) == (1, 2)


def test_columns_of_a_newer_version_stay(table: Callable[[], DeltaFolder]) -> None:
    newer = make_rows(0, "a").append_column("more", pa.array(["x"]))
    table().append(newer)
    folder = table()
    folder.evolve(SCHEMA)
    folder.append(make_rows(1, "b"))
    rows = sorted(table().rows(["name", "more"]), key=lambda row: row["name"])
    assert rows == [{"name": "a", "more": "x"}, {"name": "b", "more": None}]


def test_a_column_of_another_type_is_refused_before_any_write(
    table: Callable[[], DeltaFolder],
) -> None:
    other = SCHEMA.set(1, pa.field("batch", pa.string()))
    table().append(pa.Table.from_pylist([{"batch": "0"}], other))
    with pytest.raises(JobError, match="column batch of the table table has another type"):
        table().evolve(SCHEMA)


def test_no_commit_of_two_writers_is_lost(table: Callable[[], DeltaFolder]) -> None:
    table().append(make_rows(0, "first"))

    def write(writer: int) -> None:
        rival = table()
        for n in range(5):
            rival.append(make_rows(writer, f"{writer}-{n}"))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, (1, 2)))
    names = {row["name"] for row in table().rows(["name"])}
    assert names == {"first", *(f"{w}-{n}" for w in (1, 2) for n in range(5))}


@pytest.mark.parametrize("bucket", ["s3_server", "strict_s3_server"], indirect=True)
def test_appends_on_s3_use_the_endpoint_of_boto3(bucket: str) -> None:
    location = Location(bucket, "tables/audit")
    assert not DeltaFolder(location).exists
    for n in range(4):  # one writer at a time: the lease ensures it
        DeltaFolder(location).append(make_rows(n, f"{n}"))
    options = {
        "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"],
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
    }
    found = DeltaTable(location.uri, storage_options=options).to_pyarrow_table()
    assert sorted(found["name"].to_pylist()) == [f"{n}" for n in range(4)]


def test_a_table_whose_creation_lost_its_answer_is_used(
    table: Callable[[], DeltaFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    create = DeltaTable.create

    def lose_the_answer(*given: Any, **more: Any) -> None:
        create(*given, **more)
        raise CommitFailedError("Transaction failed: version 0 exists")

    monkeypatch.setattr(DeltaTable, "create", lose_the_answer)
    folder = table()
    rows = make_rows(0, "a")
    name = data_file_name("r", 0, 0)
    file = write_parquet_file(folder._location, rows, name)
    folder.commit([file], SCHEMA, "app", 0)
    assert [row["name"] for row in table().rows(["name"])] == ["a"]
