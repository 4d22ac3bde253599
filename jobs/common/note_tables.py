"""Delta tables of notes: read as they stand at one version, written as one new version.

Spark reads them, so that deleted rows, partitions and renamed columns are as the table says.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from jobs.common import s3
from jobs.common.sources import Source
from jobs.common.uris import Location, parse_uri

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Pieces that one partition of a table may have.
_PIECES = 100_000


def is_delta(uri: str) -> bool:
    """Whether a Delta table stands at a place."""
    log = parse_uri(uri).child("_delta_log")
    if not log.on_s3:
        return Path(log.path).is_dir()
    found = s3.client().list_objects_v2(Bucket=log.bucket, Prefix=f"{log.path}/", MaxKeys=1)
    return bool(found.get("KeyCount"))


def table_source(spark: SparkSession, uri: str) -> Source:
    """A table at its newest version, as a source."""
    from delta.tables import DeltaTable

    place = parse_uri(uri).uri.rstrip("/")
    table = DeltaTable.forPath(spark, place)
    version = table.history(1).select("version").collect()[0][0]
    detail = table.detail().select("id", "sizeInBytes").collect()[0]
    return Source(place, int(detail["sizeInBytes"] or 0), f"{detail['id']}-{version}")


def read_table(spark: SparkSession, source: Source) -> DataFrame:
    """The rows of a table at the version of the source."""
    version = source.version.rpartition("-")[2]
    return spark.read.format("delta").option("versionAsOf", version).load(source.uri)


def pack_rows(
    source: Source, source_id: str, schema: pa.Schema
) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """Rows in, rows of the listing out: each with some of the table's rows as Parquet."""

    def pack(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as pq
        from pyspark import TaskContext

        context = TaskContext.get()
        partition = context.partitionId() if context is not None else 0
        first_row = 1
        for number, batch in enumerate(batches, 1):
            sink = io.BytesIO()
            pq.write_table(pa.Table.from_batches([batch]), sink)
            piece = partition * _PIECES + number
            row = {
                "position": piece, "source_id": source_id, "uri": source.uri, "size": source.size,
                "version": source.version, "format": "delta", "piece": piece, "pieces": 0,
                "begin": 0, "end": 0, "first_group": 0, "last_group": 0, "first_row": first_row,
                "header": [], "delimiter": "", "conflict": False, "data": sink.getvalue(),
            }  # fmt: skip
            first_row += batch.num_rows
            yield pa.RecordBatch.from_pylist([row], schema=schema)

    return pack


def rewrite_table(spark: SparkSession, parts: Location, target: Location) -> None:
    """Make de-identified rows the content of a table, whatever it held; then drop the parts."""
    rows = spark.read.parquet(parts.uri)
    writer = rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true")
    writer.save(target.uri)
    _remove_folder(parts)


def _remove_folder(folder: Location) -> None:
    if not folder.on_s3:
        shutil.rmtree(folder.path, ignore_errors=True)
        return
    client = s3.client()
    pages = client.get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=folder.bucket, Prefix=f"{folder.path}/"):
        keys = [{"Key": entry["Key"]} for entry in page.get("Contents", ())]
        if keys:
            client.delete_objects(Bucket=folder.bucket, Delete={"Objects": keys})
