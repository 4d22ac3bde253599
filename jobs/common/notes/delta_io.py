"""Delta tables of notes: read as they stand at one version, written as one new version.

Where rows were only added since the last version that was done, only they are read and added.
Spark reads them, so that deleted rows, partitions and renamed columns are as the table says.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional
from urllib.parse import unquote

import pyarrow as pa

from jobs.common.storage import s3_client
from jobs.common.storage.backend import Source
from jobs.common.storage.location import Location, parse_uri

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Versions that one looks back for one that was done, and files that are picked by name.
_LOOK_BACK = 200
_MOST_FILES = 2000
#: Pieces that one partition of a table may have.
_PIECES = 100_000


def is_delta_table(uri: str) -> bool:
    """Whether a Delta table stands at a place."""
    return folder_exists(parse_uri(uri).child("_delta_log"))


def folder_exists(folder: Location) -> bool:
    """Whether there is a folder."""
    if not folder.on_s3:
        return Path(folder.path).is_dir()
    client = s3_client.get_client()
    found = client.list_objects_v2(Bucket=folder.bucket, Prefix=f"{folder.path}/", MaxKeys=1)
    return bool(found.get("KeyCount"))


def read_table_source(spark: SparkSession, uri: str) -> Source:
    """A table at its newest version, as a source."""
    from delta.tables import DeltaTable

    place = parse_uri(uri).uri.rstrip("/")
    table = DeltaTable.forPath(spark, place)
    version = table.history(1).select("version").collect()[0][0]
    detail = table.detail().select("id", "sizeInBytes").collect()[0]
    return Source(place, int(detail["sizeInBytes"] or 0), f"{detail['id']}-{version}")


def table_version(source: Source) -> int:
    """The version of a table that a source is."""
    return int(source.version.rpartition("-")[2])


def earlier_versions(source: Source) -> list[Source]:
    """The table at its versions before, the newest first, as far as one looks back."""
    version = table_version(source)
    table = source.version.rpartition("-")[0]
    return [
        replace(source, version=f"{table}-{before}")
        for before in range(version - 1, max(-1, version - 1 - _LOOK_BACK), -1)
    ]


def list_appended_files(
    spark: SparkSession, source: Source, since: int
) -> Optional[tuple[str, ...]]:
    """Names of the data files that came since a version, if nothing else happened to the rows.

    Returns
    -------
    tuple of str or None
        ``None`` where rows went or changed, the columns did, or the log no longer tells.
    """
    log = parse_uri(source.uri).child("_delta_log")
    commits = [f"{log.uri}/{v:020d}.json" for v in range(since + 1, table_version(source) + 1)]
    try:
        actions = [json.loads(row.value) for row in spark.read.text(commits).collect()]
    except Exception:  # Spark's own: a commit was cleared away
        return None
    names: list[str] = []
    for action in actions:
        added = action.get("add")
        removed = action.get("remove", {}).get("dataChange")
        if removed or "metaData" in action or (added or {}).get("deletionVector"):
            return None
        if added is not None and added.get("dataChange"):
            names.append(unquote(added["path"]).rpartition("/")[2])
    return tuple(names) if len(names) <= _MOST_FILES else None


def read_table(
    spark: SparkSession, source: Source, files: Optional[tuple[str, ...]] = None
) -> DataFrame:
    """The rows of a table at the version of the source; only those of some data files, if given."""
    from pyspark.sql import functions as F

    version = str(table_version(source))
    rows = spark.read.format("delta").option("versionAsOf", version).load(source.uri)
    return rows if files is None else rows.where(F.col("_metadata.file_name").isin(list(files)))


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


def rewrite_table(
    spark: SparkSession, parts: Location, target: Location, version: int, append: bool
) -> None:
    """Make de-identified rows the content of a table, or add them to it; then drop the parts.

    A version that was written is not written again: a run may be killed before it says so.
    """
    from delta.tables import DeltaTable

    if folder_exists(parts):
        writer = spark.read.parquet(parts.uri).write.format("delta")
        writer = writer.option("txnAppId", "safelight").option("txnVersion", version)
        if append:
            writer.mode("append").save(target.uri)
        else:
            writer.mode("overwrite").option("overwriteSchema", "true").save(target.uri)
        _remove_folder(parts)
    elif not append and is_delta_table(target.uri):
        DeltaTable.forPath(spark, target.uri).delete()  # no row is left, or none may pass


def _remove_folder(folder: Location) -> None:
    if not folder.on_s3:
        shutil.rmtree(folder.path, ignore_errors=True)
        return
    client = s3_client.get_client()
    pages = client.get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=folder.bucket, Prefix=f"{folder.path}/"):
        keys = [{"Key": entry["Key"]} for entry in page.get("Contents", ())]
        if keys:
            client.delete_objects(Bucket=folder.bucket, Delete={"Objects": keys})
