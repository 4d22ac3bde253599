"""Pack sources by bytes into tasks, which are Arrow streams of items."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.sources.listing import Listing, LocalListing

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Limits of one task. A larger object is a task of its own.
TASK_MAX_BYTES = 64 * 1024 * 1024
TASK_MAX_FILES = 200

#: Tasks of one batch per core. A killed run repeats at most one batch. Batches of header work are
#: larger, so that cores seldom wait for the last task of a batch.
TASKS_PER_CORE = 32
TASKS_PER_CORE_WITH_PIXELS = 2

#: Upper limit of the tasks of one batch.
BATCH_MAX_TASKS = 512

#: A smaller task costs more to start than to run.
_TASK_MIN_BYTES = 1024 * 1024

#: Optional column of items: the bytes that an item counts for in a task (default: ``size``).
#: Packed items do not have it.
PACKED_BYTES = "packed_bytes"

#: Packed items are compressed: neighbors have similar URIs.
_IPC_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")

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
        batch_tasks=max(cores, min(BATCH_MAX_TASKS, cores * tasks_per_core)),
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
    table = items.select(columns).add_column(0, "position", positions).combine_chunks()
    totals = np.concatenate([[0], np.cumsum(weights, dtype=np.int64)])
    begin = 0
    for end in _task_ends(_folder_starts(items["uri"]), totals, limits):
        task = table.slice(begin, end - begin)
        yield PackedTask(_write_items(task), end - begin, int(totals[end] - totals[begin]))
        begin = end


def read_items(items: bytes) -> pa.Table:
    """Return the items of a :class:`PackedTask`."""
    return pa.ipc.open_stream(items).read_all()


def _write_items(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_IPC_OPTIONS) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _folder_starts(uris: pa.ChunkedArray) -> np.ndarray:
    """Return the index of the first item of each folder, and the number of items at the end."""
    folders = pc.replace_substring_regex(uris, r"[^/]*$", "")
    is_new = pc.not_equal(folders[1:], folders[:-1]).to_numpy()
    return np.concatenate([[0], np.flatnonzero(is_new) + 1, [len(uris)]])


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
        return
    raise NotImplementedError


def _expand(
    sources: pa.Table,
    expand: Expand,
    must_read: Optional[Callable[[pa.Table], pa.Array]],
    session: Optional[Callable[[], SparkSession]],
) -> pa.Table:
    """Return the items of sources that the driver holds."""
    if must_read is None or session is None or not len(sources):
        return expand(sources)
    unread = must_read(sources)
    if not pc.any(unread).as_py():
        return expand(sources)
    raise NotImplementedError
