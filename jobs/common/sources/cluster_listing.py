"""Hold a large listing in the cluster: its URIs are never Python objects of the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Union

import pyarrow as pa

from jobs.common.delta.arrow_rows import spark_schema
from jobs.common.sources.listing import LOCAL_MAX_SOURCES, Listing, LocalListing
from jobs.common.sources.source_ids import SourceIdHasher
from jobs.common.sources.source_table import SOURCE_SCHEMA
from jobs.common.spark.local_frames import (
    BLOB_SCHEMA,
    blob_frame,
    collect_tables,
    encode_batches,
    encode_table,
)
from jobs.common.storage.backend import Source
from safelight.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Sources of one partition, which a worker packs at one time.
PARTITION_SOURCES = 100_000

#: Sources of one value that the driver sends to the cluster. It holds one of them a few times.
SPREAD_SOURCES = 16_384

#: Columns of a listing with source IDs.
IDENTIFIED_SCHEMA = SOURCE_SCHEMA.append(pa.field("source_id", pa.string()))


class ClusterListing(Listing):
    """Sources that the cluster holds.

    Parameters
    ----------
    frame : DataFrame
        Columns of :data:`~jobs.common.sources.source_table.SOURCE_SCHEMA`, and ``source_id``
        after :meth:`with_source_ids`, each source once. It is not computed again at each use:
        the caller has persisted what is costly.
    """

    def __init__(self, frame: DataFrame):
        self.frame = frame

    @cached_property
    def _totals(self) -> Any:
        from pyspark.sql import functions as F

        size = F.coalesce(F.sum("size"), F.lit(0))
        return self.frame.agg(F.count(F.lit(1)).alias("count"), size.alias("bytes")).first()

    @property
    def count(self) -> int:
        """Return the number of sources."""
        return int(self._totals["count"])

    @property
    def total_bytes(self) -> int:
        """Return the bytes of all sources."""
        return int(self._totals["bytes"])

    @property
    def is_local(self) -> bool:
        """Return False: the cluster holds the sources."""
        return False

    def with_source_ids(self, names: Pseudonyms) -> ClusterListing:
        """Return the sources with a column ``source_id``; see ``add_source_ids``."""
        return self._map(_MapTables(SourceIdHasher.of(names)), IDENTIFIED_SCHEMA)

    def filter(self, select: Callable[[pa.Table], pa.Array]) -> ClusterListing:
        """Return the sources that meet a condition.

        Parameters
        ----------
        select : callable
            Returns a Boolean array for a table of sources. It is sent to workers.
        """
        return self._map(_MapTables(_Filter(select)), self._schema)

    def source_ids(self) -> Iterator[str]:
        """Yield the IDs of the sources, after :meth:`with_source_ids`."""
        for row in self.frame.select("source_id").toLocalIterator():
            yield row["source_id"]

    def sources(self) -> Iterator[Source]:
        """Yield the sources as objects, for commands that need few of them."""
        for row in self.frame.select(SOURCE_SCHEMA.names).toLocalIterator():
            yield Source(row["uri"], row["size"], row["version"])

    def without(self, done: Union[DataFrame, pa.Table]) -> Listing:
        """Return the sources that are not finished.

        Parameters
        ----------
        done : DataFrame or pyarrow.Table
            Source IDs of finished sources in the column ``source_id``.

        Returns
        -------
        Listing
            Listing of the driver if it can hold the sources.
        """
        frame = (
            done.select("source_id")
            if not isinstance(done, pa.Table)
            else _spread(self.frame.sparkSession, done)
        )
        return settle(ClusterListing(self.frame.join(frame, "source_id", "left_anti")))

    def ordered_frame(self) -> DataFrame:
        """Return the sources in partitions that are ranges of URIs, in the order of the ranges.

        The rows of a partition are in no order.
        """
        partitions = -(-self.count // PARTITION_SOURCES)
        return self.frame.repartitionByRange(max(1, partitions), "uri")

    def to_local(self) -> LocalListing:
        """Return the sources in the driver."""
        blobs = self.frame.select(self._schema.names).mapInArrow(_encode_partition, BLOB_SCHEMA)
        tables = collect_tables(blobs)
        table = pa.concat_tables([self._schema.empty_table(), *tables])
        return LocalListing(table.sort_by("uri").combine_chunks())

    @property
    def _schema(self) -> pa.Schema:
        return IDENTIFIED_SCHEMA if "source_id" in self.frame.columns else SOURCE_SCHEMA

    def _map(self, function: _MapTables, schema: pa.Schema) -> ClusterListing:
        frame = self.frame.select(self._schema.names)
        return ClusterListing(frame.mapInArrow(function, spark_schema(schema)))


def settle(listing: ClusterListing) -> Listing:
    """Return a listing whose frame is computed once, in the driver if that can hold it."""
    from pyspark import StorageLevel

    listing.frame.persist(StorageLevel.DISK_ONLY)  # Spark encrypts it
    if listing.count > LOCAL_MAX_SOURCES:
        return listing
    local = listing.to_local()
    listing.frame.unpersist()
    return local


def make_frame(session: SparkSession, listing: Listing) -> DataFrame:
    """Return the sources of a listing as a frame, without Python objects in the driver.

    Parameters
    ----------
    session : SparkSession
        The session.
    listing : Listing
        Sources, with or without ``source_id``.
    """
    if isinstance(listing, ClusterListing):
        return listing.frame
    if isinstance(listing, LocalListing):
        return _spread(session, listing.table)
    raise TypeError(f"{type(listing).__name__} has no frame")


def _spread(session: SparkSession, table: pa.Table) -> DataFrame:
    """Return a table of the driver as a frame."""
    starts = range(0, len(table), SPREAD_SOURCES)
    blobs = [encode_table(table.slice(start, SPREAD_SOURCES)) for start in starts]
    schema = spark_schema(table.schema)
    if not blobs:
        return session.createDataFrame([], schema)
    return blob_frame(session, blobs).mapInArrow(_decode_blobs, schema)


@dataclass(frozen=True)
class _MapTables:
    """Function of a worker that applies a function to tables of sources."""

    function: Callable[[pa.Table], pa.Table]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from self.function(pa.Table.from_batches([batch])).to_batches()


@dataclass(frozen=True)
class _Filter:
    """Function that selects the rows of a table that meet a condition."""

    select: Callable[[pa.Table], pa.Array]

    def __call__(self, table: pa.Table) -> pa.Table:
        return table.filter(self.select(table))


def _encode_partition(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Return the rows of a partition as one value."""
    found = list(batches)
    if found:
        yield encode_batches(found, found[0].schema)


def _decode_blobs(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Return the rows of tables that are values."""
    for batch in batches:
        for blob in batch.column("items").to_pylist():
            yield from pa.ipc.open_stream(blob)
