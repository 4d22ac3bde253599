"""List sources in the cluster: ranges of keys, files of manifests and of inventories."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Optional, Protocol

import pyarrow as pa

from jobs.common.cli.errors import JobError, UsageError
from jobs.common.delta.arrow_rows import spark_schema
from jobs.common.sources.cluster_listing import ClusterListing, settle
from jobs.common.sources.listing import Listing
from jobs.common.sources.s3_key_ranges import KeyRange, KeyRangeLister
from jobs.common.sources.source_table import CHUNK_ROWS, SOURCE_SCHEMA, merge_sources
from jobs.common.spark.local_frames import (
    blob_frame,
    decode_table,
    encode_table,
    one_partition_per_row,
)
from jobs.common.storage import s3_client

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Rows of workers: a source of one origin, or a problem.
_FOUND_SCHEMA = pa.schema(
    [("origin", pa.int32()), *SOURCE_SCHEMA, ("problem", pa.string()), ("is_usage", pa.bool_())]
)


class SourceReader(Protocol):
    """Part of the request that one task lists. It is sent to a worker."""

    def read(self, since: Optional[float]) -> Iterator[pa.Table]:
        """Yield tables of sources.

        Parameters
        ----------
        since : float, optional
            Leave out objects that were modified before, in seconds since the epoch.

        Raises
        ------
        UsageError
            If a file is malformed.
        JobError
            If a bucket cannot be read.
        """


@dataclass(frozen=True)
class RangeReader:
    """Reader of a range of keys."""

    key_range: KeyRange

    def read(self, since: Optional[float]) -> Iterator[pa.Table]:
        """Yield tables of sources; see :class:`SourceReader`."""
        time = "" if since is None else s3_client.utc_time(since)
        for page in KeyRangeLister([self.key_range], time).pages():
            yield pa.Table.from_batches([page.sources])


@dataclass(frozen=True)
class TableReader:
    """Reader of sources that the driver has listed."""

    table: bytes = field(repr=False)

    def read(self, since: Optional[float]) -> Iterator[pa.Table]:
        """Yield tables of sources; see :class:`SourceReader`."""
        del since
        yield decode_table(self.table)


@dataclass(frozen=True)
class OriginPart:
    """One part of the sources of an input, a manifest or an inventory.

    Attributes
    ----------
    origin : int
        Position of the input, the manifest or the inventory in the request.
    reader : SourceReader
        Reader of the part.
    is_distinct : bool
        Whether the parts of the origin name each source once.
    """

    origin: int
    reader: SourceReader
    is_distinct: bool


def split_table(origin: int, table: pa.Table) -> list[OriginPart]:
    """Return sources that the driver has listed as parts.

    Parameters
    ----------
    origin : int
        Position of the input or the manifest in the request.
    table : pyarrow.Table
        Sources of the origin.
    """
    chunks = (table.slice(start, CHUNK_ROWS) for start in range(0, len(table), CHUNK_ROWS))
    return [OriginPart(origin, TableReader(encode_table(chunk)), False) for chunk in chunks]


def list_in_cluster(
    session: SparkSession, parts: Sequence[OriginPart], since: Optional[float]
) -> Listing:
    """Return the sources of all parts, each once.

    Parameters
    ----------
    session : SparkSession
        The session.
    parts : sequence of OriginPart
        One or more parts; each is one task.
    since : float, optional
        Leave out objects that were modified before, in seconds since the epoch.

    Returns
    -------
    Listing
        Listing of the cluster, or of the driver if that can hold the sources.

    Raises
    ------
    UsageError
        If a file is malformed.
    JobError
        If a bucket cannot be read.
    """
    from pyspark import StorageLevel

    blobs = [pickle.dumps((part.origin, part.reader)) for part in parts]
    schema = spark_schema(_FOUND_SCHEMA)
    found = blob_frame(session, blobs).mapInArrow(_ReadParts(since), schema)
    found.persist(StorageLevel.DISK_ONLY)  # Spark encrypts it
    with one_partition_per_row(session, len(blobs)):
        _raise_problem(found)
    listing = ClusterListing(found.where("problem IS NULL").drop("problem", "is_usage"))
    if len({part.origin for part in parts}) > 1 or not all(part.is_distinct for part in parts):
        merged = listing.ordered_frame().mapInArrow(_merge_partition, spark_schema(SOURCE_SCHEMA))
        listing = ClusterListing(merged)
    else:
        listing = ClusterListing(listing.frame.drop("origin"))
    settled = settle(listing)
    found.unpersist()
    return settled


def _raise_problem(found: DataFrame) -> None:
    """Raise the first problem of the workers; compute the frame."""
    from pyspark.sql import functions as F

    row = F.when(F.col("problem").isNotNull(), F.struct("origin", "problem", "is_usage"))
    totals: Any = found.agg(F.min(row).alias("problem")).first()
    problem = totals["problem"]
    if problem is not None:
        raise (UsageError if problem["is_usage"] else JobError)(problem["problem"])


@dataclass(frozen=True)
class _ReadParts:
    """Function of a worker that lists parts."""

    since: Optional[float]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for blob in batch.column("items").to_pylist():
                origin, reader = pickle.loads(blob)  # from the driver of this run
                yield from self._read(origin, reader)

    def _read(self, origin: int, reader: SourceReader) -> Iterator[pa.RecordBatch]:
        try:
            for table in reader.read(self.since):
                count = len(table)
                columns = [
                    pa.array([origin] * count, pa.int32()),
                    *table.select(SOURCE_SCHEMA.names).columns,
                    pa.nulls(count, pa.string()),
                    pa.nulls(count, pa.bool_()),
                ]
                yield from pa.table(columns, schema=_FOUND_SCHEMA).to_batches()
        except (UsageError, JobError) as error:
            problem = {
                "origin": origin,
                "problem": str(error),
                "is_usage": isinstance(error, UsageError),
            }
            yield pa.RecordBatch.from_pylist([problem], _FOUND_SCHEMA)


def _merge_partition(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Return the sources of one range of URIs, each once; the first origin has priority."""
    tables = [pa.Table.from_batches([batch]) for batch in batches]
    if tables:
        table = pa.concat_tables(tables).sort_by("origin")
        yield from merge_sources([table.select(SOURCE_SCHEMA.names)]).to_batches()
