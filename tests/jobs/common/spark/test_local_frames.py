from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest

from jobs.common.spark import local_frames
from jobs.common.spark.local_frames import (
    BLOB_SCHEMA,
    blob_frame,
    collect_tables,
    decode_table,
    encode_batches,
    encode_table,
    iterate_tables,
    one_partition_per_row,
)

TABLE = pa.table({"a": [1, 2, 3]})


def test_a_table_survives_the_way_through_its_stream() -> None:
    assert decode_table(encode_table(TABLE)) == TABLE


def test_a_listing_takes_a_third_of_its_bytes_as_a_value() -> None:
    draw = random.Random(1)
    series, *instances = (f"2.25.{draw.getrandbits(127)}" for _ in range(2001))
    uris = [f"s3://bucket/output/{series}/{instance}.dcm" for instance in instances]
    versions = [f"{draw.getrandbits(60)}-1062" for _ in uris]
    table = pa.table({"uri": uris, "version": versions})
    assert len(encode_table(table)) < table.nbytes / 3


def test_values_are_a_local_relation_with_one_partition_each(spark: Any) -> None:
    frame = blob_frame(spark, [encode_table(TABLE.slice(n, 1)) for n in range(3)])
    assert "LocalRelation" in frame._jdf.queryExecution().logical().toString()

    def count(batches: Any) -> Any:
        tables = [decode_table(blob) for batch in batches for blob in batch["items"].to_pylist()]
        found = pa.concat_tables(tables)
        yield encode_batches(found.to_batches(), found.schema)

    with one_partition_per_row(spark, 3):
        tables = collect_tables(frame.mapInArrow(count, BLOB_SCHEMA))
    assert [table["a"].to_pylist() for table in tables] == [[1], [2], [3]]
    assert spark.conf.get("spark.sql.leafNodeDefaultParallelism", None) is None


def test_large_values_have_one_partition_each(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_frames, "LOCAL_RELATION_MAX_BYTES", 0)
    threshold = "spark.sql.execution.arrow.localRelationThreshold"
    before = spark.conf.get(threshold)
    spark.conf.set(threshold, "1")
    try:
        frame = blob_frame(spark, [b"1", b"2", b"3"])
    finally:
        spark.conf.set(threshold, before)
    assert "LocalRelation" not in frame._jdf.queryExecution().logical().toString()
    assert frame.rdd.getNumPartitions() == 3


def test_the_rows_of_a_sorted_frame_are_read_in_their_order_in_blocks(spark: Any) -> None:
    rows = spark.range(100, numPartitions=3).selectExpr("100 - id AS a", "'x' AS b").orderBy("a")
    before = spark.conf.get("spark.sql.execution.arrow.maxRecordsPerBatch")
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "7")
    try:
        tables = list(iterate_tables(rows))
    finally:
        spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", before)
    assert [a for table in tables for a in table["a"].to_pylist()] == list(range(1, 101))
    assert max(map(len, tables)) <= 7
