"""Read Delta tables of notes at one version, and write each as one new version.

If rows were only added since the last version that is done, only the new rows are read and added.
Spark reads the tables, so that deleted rows, partitions and renamed columns are respected.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional
from urllib.parse import unquote

import pyarrow as pa

from jobs.common.delta.arrow_rows import encode_rows
from jobs.common.notes.piece_item import PieceItem
from jobs.common.run.worker import ArrowTask
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.local_frames import encode_table
from jobs.common.storage import s3_client
from jobs.common.storage.backend import Source
from jobs.common.storage.location import Location, parse_uri
from safelight.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Earlier versions of a table among which a version that is done is searched.
MAX_EARLIER_VERSIONS = 200

#: Added data files up to which only these are read.
MAX_APPENDED_FILES = 2000

#: Upper limit of the pieces of one partition of a table.
_PIECES_PER_PARTITION = 100_000


def is_delta_table(uri: str) -> bool:
    """Return whether a location is a Delta table."""
    return folder_exists(parse_uri(uri).child("_delta_log"))


def folder_exists(folder: Location) -> bool:
    """Return whether a folder exists; on S3, whether there is an object below it."""
    if not folder.on_s3:
        return Path(folder.path).is_dir()
    client = s3_client.get_client()
    found = client.list_objects_v2(Bucket=folder.bucket, Prefix=f"{folder.path}/", MaxKeys=1)
    return bool(found.get("KeyCount"))


def read_table_source(spark: SparkSession, uri: str) -> Source:
    """Return a table at its newest version as a source; the version is ``TABLE_ID-NUMBER``.

    Parameters
    ----------
    spark : SparkSession
        Session with the Delta extension.
    uri : str
        Path or URI of the table.

    Returns
    -------
    Source
        The table; its size is the total size of its data files in bytes.

    Raises
    ------
    UsageError
        If the URI has an unsupported scheme or no bucket.
    """
    from delta.tables import DeltaTable

    path = parse_uri(uri).uri.rstrip("/")
    table = DeltaTable.forPath(spark, path)
    version = table.history(1).select("version").collect()[0][0]
    detail = table.detail().select("id", "sizeInBytes").collect()[0]
    return Source(path, int(detail["sizeInBytes"] or 0), f"{detail['id']}-{version}")


def table_version(source: Source) -> int:
    """Return the version of the table of a source."""
    return int(source.version.rpartition("-")[2])


def earlier_versions(source: Source) -> list[Source]:
    """Return the table at its earlier versions, the newest first."""
    version = table_version(source)
    table_id = source.version.rpartition("-")[0]
    return [
        replace(source, version=f"{table_id}-{earlier}")
        for earlier in range(version - 1, max(-1, version - 1 - MAX_EARLIER_VERSIONS), -1)
    ]


def list_appended_files(
    spark: SparkSession, source: Source, since: int
) -> Optional[tuple[str, ...]]:
    """Return the names of the data files that were added since a version.

    Parameters
    ----------
    spark : SparkSession
    source : Source
        The table at one version.
    since : int
        An earlier version.

    Returns
    -------
    tuple of str or None
        ``None`` if rows or columns were removed or changed since then, a commit of the log is
        missing, or there are too many files.
    """
    log = parse_uri(source.uri).child("_delta_log")
    commits = [f"{log.uri}/{v:020d}.json" for v in range(since + 1, table_version(source) + 1)]
    try:
        actions = [json.loads(row.value) for row in spark.read.text(commits).collect()]
    except Exception:  # a class of Spark: a commit was cleaned up
        return None
    names: list[str] = []
    for action in actions:
        added = action.get("add")
        removed = action.get("remove", {}).get("dataChange")
        if removed or "metaData" in action or (added or {}).get("deletionVector"):
            return None
        if added is not None and added.get("dataChange"):
            names.append(unquote(added["path"]).rpartition("/")[2])
    return tuple(names) if len(names) <= MAX_APPENDED_FILES else None


def read_table(
    spark: SparkSession, source: Source, files: Optional[tuple[str, ...]] = None
) -> DataFrame:
    """Return the rows of a table at the version of the source.

    Parameters
    ----------
    spark : SparkSession
    source : Source
        The table at one version.
    files : tuple of str, optional
        Names of data files to read (default: all).
    """
    from pyspark.sql import functions

    version = str(table_version(source))
    rows = spark.read.format("delta").option("versionAsOf", version).load(source.uri)
    if files is None:
        return rows
    return rows.where(functions.col("_metadata.file_name").isin(list(files)))


def table_name(uri: str, config: DeidentifierConfig, fields_hash: str) -> str:
    """Return the name of a Delta table in the output: the same for all its versions.

    Parameters
    ----------
    uri : str
        URI of the source table.
    config : DeidentifierConfig
        Its rules and stages are part of the name.
    fields_hash : str
        Hash of the options and of the tables of columns and fields.

    Returns
    -------
    str
        Pseudonym of up to 24 characters.
    """
    settings = f"{config.rules_hash}{config.stages}{fields_hash}"
    return config.pseudonyms().token("file", f"{uri}\n{settings}", 24)


def parts_folder(run_id: str, source_id: str, names: Pseudonyms) -> str:
    """Return the folder of the rows of a Delta table until they are committed to it.

    Parameters
    ----------
    run_id : str
        The folder differs for each run.
    source_id : str
        Keyed hash of the URI and the version of the source table.
    names : Pseudonyms
        Derives the name of the folder.

    Returns
    -------
    str
        Path below the folder of the output.
    """
    return f".parts/{names.token('file', source_id, 24)}-{run_id}"


def pack_rows(source: Source, source_id: str) -> ArrowTask:
    """Return the function of a task that packs rows of a table into pieces.

    It takes batches of rows and yields packed tasks of one :class:`PieceItem` each, with the rows
    of one batch as Parquet.

    Parameters
    ----------
    source : Source
        The table at one version.
    source_id : str
        Keyed hash of the URI and the version.
    """

    def pack(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as pq
        from pyspark import TaskContext

        context = TaskContext.get()
        partition = context.partitionId() if context is not None else 0
        first_row = 1
        for number, batch in enumerate(batches, 1):
            sink = io.BytesIO()
            pq.write_table(pa.Table.from_batches([batch]), sink)
            piece = partition * _PIECES_PER_PARTITION + number
            item = PieceItem(
                position=piece,
                source_id=source_id,
                uri=source.uri,
                size=source.size,
                version=source.version,
                format="delta",
                piece=piece,
                pieces=0,
                begin=0,
                end=0,
                first_group=0,
                last_group=0,
                first_row=first_row,
                header=[],
                delimiter="",
                conflict=False,
                data=sink.getvalue(),
            )
            first_row += batch.num_rows
            packed = encode_table(pa.Table.from_batches([encode_rows(PieceItem, [item])]))
            yield pa.record_batch({"items": pa.array([packed], pa.binary())})

    return pack


def rewrite_table(
    spark: SparkSession, parts: Location, target: Location, version: int, append: bool
) -> None:
    """Commit de-identified rows to a table of the output, and remove their folder.

    A version that was committed is not committed again: a run may be killed before it records
    that it is done.

    Parameters
    ----------
    spark : SparkSession
    parts : Location
        Folder of the rows as Parquet.
    target : Location
        The table of the output.
    version : int
        Version of the input, as the version of Delta's application transaction.
    append : bool
        Append the rows instead of replacing the content of the table.
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
        DeltaTable.forPath(spark, target.uri).delete()  # the input has no row, or none passed


def _remove_folder(folder: Location) -> None:
    if not folder.on_s3:
        shutil.rmtree(folder.path, ignore_errors=True)
        return
    client = s3_client.get_client()
    pages = client.get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=folder.bucket, Prefix=f"{folder.path}/"):
        keys: list[dict[str, Any]] = [{"Key": entry["Key"]} for entry in page.get("Contents", ())]
        if keys:
            client.delete_objects(Bucket=folder.bucket, Delete={"Objects": keys})
