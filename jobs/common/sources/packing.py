"""Pack sources by bytes into tasks, which are Arrow streams of items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.sources.cluster_listing import ClusterListing
from jobs.common.sources.listing import Listing, LocalListing
from jobs.common.spark.local_frames import (
    BLOB_SCHEMA,
    blob_frame,
    collect_tables,
    decode_table,
    encode_batches,
    encode_table,
    one_partition_per_row,
)

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Limits of one task. A larger object is a task of its own.
TASK_MAX_BYTES = 64 * 1024 * 1024
TASK_MAX_FILES = 200

#: Tasks of one batch per core. A killed run repeats at most one batch. Batches of header work are
#: larger, so that cores seldom wait for the last task of a batch.
TASKS_PER_CORE = 32
TASKS_PER_CORE_WITH_PIXELS = 2

#: Upper limit of the tasks of one batch on up to 256 cores; the driver holds about 30 KB a task.
BATCH_MAX_TASKS = 512

#: Tasks of one batch per core of a larger cluster: cores wait for the last task of each batch.
BATCH_TASKS_PER_CORE = 2

#: A smaller task costs more to start than to run.
_TASK_MIN_BYTES = 1024 * 1024

#: Optional column of items: the bytes that an item counts for in a task (default: ``size``).
#: Packed items do not have it.
PACKED_BYTES = "packed_bytes"

#: Items whose folders are compared at one time.
_FOLDER_ROWS = 16_384

_PACKED_SCHEMA = "items BINARY, count BIGINT, bytes BIGINT"
#: Bits of a position that count the items of one partition of a listing in the cluster.
_POSITION_BITS = 40

#: Function from sources, with ``source_id``, to items in the same order.
Expand = Callable[[pa.Table], pa.Table]


@dataclass(frozen=True)
class PackingLimits:
    """Limits of tasks and batches.

    Attributes
    ----------
    task_bytes, task_files : int
        Bytes and files of one task.
    batch_tasks : int
        Tasks of one batch.
    """

    task_bytes: int
    task_files: int
    batch_tasks: int


@dataclass(frozen=True)
class PackedTask:
    """Items of one task. HOLDS PHI: the URIs.

    Attributes
    ----------
    items : bytes
        Items as a compressed Arrow stream; see :func:`read_items`.
    count : int
        Number of items, at least one.
    bytes : int
        Bytes of the items.
    """

    items: bytes = field(repr=False)
    count: int
    bytes: int


def choose_limits(listing: Listing, cores: int, pixels: bool) -> PackingLimits:
    """Return limits that occupy all cores, even if there is little work.

    Parameters
    ----------
    listing : Listing
        Sources to process.
    cores : int
        Cores of the cluster.
    pixels : bool
        Whether the pixel stage is on.
    """
    shares = 2 * cores
    tasks_per_core = TASKS_PER_CORE_WITH_PIXELS if pixels else TASKS_PER_CORE
    return PackingLimits(
        task_bytes=min(TASK_MAX_BYTES, max(_TASK_MIN_BYTES, -(-listing.total_bytes // shares))),
        task_files=min(TASK_MAX_FILES, max(1, -(-listing.count // shares))),
        batch_tasks=max(BATCH_TASKS_PER_CORE * cores, min(BATCH_MAX_TASKS, cores * tasks_per_core)),
    )


def keep_sources(sources: pa.Table) -> pa.Table:
    """Return sources as items: each object is one item."""
    return sources


def pack_items(
    items: pa.Table, limits: PackingLimits, first_position: int = 0
) -> Iterator[PackedTask]:
    """Yield tasks within the limits, in the order of the items.

    A folder that fits into one task is not divided: the objects of a series are mostly in one
    folder or under one prefix, and a task computes their common names and texts once.

    Parameters
    ----------
    items : pyarrow.Table
        Items in the order of the listing, so that the items of a folder are adjacent. Columns
        ``uri``, ``size`` and any others; see :data:`PACKED_BYTES`.
    limits : PackingLimits
        Limits of bytes and items per task. A larger item is a task of its own.
    first_position : int
        Position of the first item in the listing.

    Yields
    ------
    PackedTask
        Items with a first column ``position``.
    """
    if not len(items):
        return
    weights = items[PACKED_BYTES if PACKED_BYTES in items.column_names else "size"].to_numpy()
    positions = pa.array(np.arange(len(items), dtype=np.int64) + first_position)
    columns = [name for name in items.column_names if name not in (PACKED_BYTES, "position")]
    table = items.select(columns).add_column(0, "position", positions)
    totals = np.concatenate([[0], np.cumsum(weights, dtype=np.int64)])
    begin = 0
    for end in _task_ends(_folder_starts(items["uri"]), totals, limits):
        task = table.slice(begin, end - begin).combine_chunks()
        yield PackedTask(encode_table(task), end - begin, int(totals[end] - totals[begin]))
        begin = end


def read_items(items: bytes) -> pa.Table:
    """Return the items of a :class:`PackedTask`."""
    return decode_table(items)


def _folder_starts(uris: pa.ChunkedArray) -> np.ndarray:
    """Return the index of the first item of each folder, and the number of items at the end."""
    starts = [np.zeros(1, np.int64)]
    for begin in range(0, len(uris) - 1, _FOLDER_ROWS):
        # The last row of a block is the first one of the next block.
        block = uris.slice(begin, _FOLDER_ROWS + 1)
        folders = pc.replace_substring_regex(block, r"[^/]*$", "")
        is_new = pc.not_equal(folders[1:], folders[:-1]).to_numpy()
        starts.append(np.flatnonzero(is_new) + begin + 1)
    return np.concatenate([*starts, [len(uris)]])


def _task_ends(starts: np.ndarray, totals: np.ndarray, limits: PackingLimits) -> Iterator[int]:
    """Yield the index after the last item of each task.

    Parameters
    ----------
    starts : numpy.ndarray
        See :func:`_folder_starts`.
    totals : numpy.ndarray
        Bytes of all items before each item, and of all items at the end.
    limits : PackingLimits
        Limits of each task.
    """
    task = 0  # index of the first item of the current task
    task_total = 0
    bounds, bound_totals = starts.tolist(), totals[starts].tolist()
    for first, last, last_total, first_total in zip(
        bounds, bounds[1:], bound_totals[1:], bound_totals
    ):
        if last - task <= limits.task_files and last_total - task_total <= limits.task_bytes:
            continue
        if first > task:
            yield first
            task, task_total = first, first_total
        while last - task > limits.task_files or last_total - task_total > limits.task_bytes:
            fitting = int(np.searchsorted(totals, task_total + limits.task_bytes, "right")) - 1
            task = min(max(fitting, task + 1), task + limits.task_files, last)
            task_total = int(totals[task])
            yield task
            if task == last:
                break
    if task < bounds[-1]:
        yield bounds[-1]


def pack(
    listing: Listing,
    limits: PackingLimits,
    expand: Expand = keep_sources,
    must_read: Optional[Callable[[pa.Table], pa.Array]] = None,
    session: Optional[Callable[[], SparkSession]] = None,
) -> Iterator[PackedTask]:
    """Yield the tasks of a run within the limits, in the order of the listing.

    Parameters
    ----------
    listing : Listing
        Sources with ``source_id``.
    limits : PackingLimits
        Limits of bytes and items per task.
    expand : callable, optional
        Returns the items of a table of sources, in the order of the sources: at least the columns
        ``source_id, uri, size, version`` (default: each source is one item). It may be sent to
        workers.
    must_read : callable, optional
        Returns a Boolean array: the sources that ``expand`` has to read. They are expanded in the
        cluster.
    session : callable, optional
        Returns the Spark session; needed with ``must_read`` and for a listing in the cluster.

    Yields
    ------
    PackedTask
        Items with a first column ``position``, an integer that increases over the whole run.
    """
    if isinstance(listing, LocalListing):
        yield from pack_items(_expand(listing.table, expand, must_read, session), limits)
    elif isinstance(listing, ClusterListing):
        yield from _pack_in_cluster(listing, limits, expand)


def _expand(
    sources: pa.Table,
    expand: Expand,
    must_read: Optional[Callable[[pa.Table], pa.Array]],
    session: Optional[Callable[[], SparkSession]],
) -> pa.Table:
    """Return the items of sources that the driver holds."""
    if must_read is None or session is None or not len(sources):
        return expand(sources)
    mask = must_read(sources)
    if not pc.any(mask).as_py():
        return expand(sources)
    blobs = [encode_table(row) for row in _rows(sources.filter(mask))]
    spark = session()
    with one_partition_per_row(spark, len(blobs)):
        frame = blob_frame(spark, blobs).mapInArrow(_ExpandBlobs(expand), BLOB_SCHEMA)
        expanded = collect_tables(frame)
    items = pa.concat_tables([expand(sources.filter(pc.invert(mask))), *expanded])
    # Stable: the items of a source stay in their order.
    return items.take(pc.sort_indices(items["uri"].combine_chunks()))


def _rows(table: pa.Table) -> Iterator[pa.Table]:
    """Yield the rows of a table, each as a table."""
    for row in range(len(table)):
        yield table.slice(row, 1)


@dataclass(frozen=True)
class _ExpandBlobs:
    """Function of a worker that expands tables of sources into tables of items."""

    expand: Expand

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for blob in batch.column("items").to_pylist():
                items = self.expand(decode_table(blob))
                yield encode_batches(items.to_batches(), items.schema)


def _pack_in_cluster(
    listing: ClusterListing, limits: PackingLimits, expand: Expand
) -> Iterator[PackedTask]:
    """Yield the tasks of sources that the cluster holds; the driver has a few at one time."""
    packed = listing.ordered_frame().mapInArrow(_PackPartition(limits, expand), _PACKED_SCHEMA)
    for row in packed.toLocalIterator(prefetchPartitions=True):
        yield PackedTask(bytes(row["items"]), row["count"], row["bytes"])


@dataclass(frozen=True)
class _PackPartition:
    """Function of a worker that packs the sources of one partition."""

    limits: PackingLimits
    expand: Expand

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pyspark import TaskContext

        context = TaskContext.get()
        assert context is not None
        tables = [pa.Table.from_batches([batch]) for batch in batches]
        if not tables:
            return
        sources = pa.concat_tables(tables).sort_by("uri")
        first = context.partitionId() << _POSITION_BITS
        for task in pack_items(self.expand(sources), self.limits, first):
            yield pa.RecordBatch.from_pydict(
                {
                    "items": pa.array([task.items], pa.binary()),
                    "count": pa.array([task.count], pa.int64()),
                    "bytes": pa.array([task.bytes], pa.int64()),
                }
            )
