"""Compact Delta tables, delete files that they no longer need, and shorten their logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Optional

from jobs.common.cli.errors import JobError
from jobs.common.delta.compaction_tasks import CompactionTask, compact_here
from jobs.common.delta.retention import RETAIN_DAYS
from jobs.common.delta.schemas import ROW_TYPES
from jobs.common.delta.tables.folders import EARLIER_NAMES
from jobs.common.delta.tables.table_set import Tables

#: Size of the files that compaction makes. One task reads such a file in a few seconds.
TARGET_FILE_BYTES = 128 * 2**20

#: Size below which a file is small.
SMALL_FILE_BYTES = 16 * 2**20

#: Small files of a table from which the end of a run compacts it. A snapshot of so many files is
#: still opened in a few milliseconds, and a file is rewritten only a few times in its life.
COMPACTION_MIN_FILES = 200

#: Bytes of small files up to which the end of a run compacts a table: about 20 seconds of one core.
COMPACTION_MAX_BYTES = 512 * 2**20


@dataclass(frozen=True)
class TableState:
    """The size of a table, from its log.

    Attributes
    ----------
    table : str
        Name of the table.
    rows, files, bytes : int
        Rows, data files and their bytes.
    small_files, small_bytes : int
        Files smaller than :data:`SMALL_FILE_BYTES` and their bytes.
    version : int
        Version of the table.
    reader, writer : int
        Versions of the protocol that a client must support.
    """

    table: str
    rows: int
    files: int
    bytes: int
    small_files: int
    small_bytes: int
    version: int
    reader: int
    writer: int


@dataclass(frozen=True)
class Optimization:
    """Changes that :func:`optimize_table` made to a table.

    Attributes
    ----------
    table : str
        Name of the table.
    files_before, files_after : int
        Data files before and after the compaction.
    deleted_files : int
        Files that were deleted because no version of the retention time needs them.
    """

    table: str
    files_before: int
    files_after: int
    deleted_files: int


def describe_tables(tables: Tables) -> Iterator[TableState]:
    """Yield the state of each table that exists.

    Parameters
    ----------
    tables : Tables
        Tables to describe.

    Yields
    ------
    TableState
        State of one table.

    Raises
    ------
    JobError
        If a table cannot be read.
    """
    for table in (*ROW_TYPES, *EARLIER_NAMES.values()):
        state = describe_table(tables, table)
        if state is not None:
            yield state


def describe_table(tables: Tables, table: str) -> Optional[TableState]:
    """Return the state of a table, or ``None`` if it does not exist.

    Parameters
    ----------
    tables : Tables
        Tables to describe.
    table : str
        Name of the table.

    Returns
    -------
    TableState or None
        State of the table.

    Raises
    ------
    JobError
        If the table cannot be read.
    """
    if tables.is_elsewhere(table):
        return None
    folder = tables.folder(table)
    if not folder.exists:
        return None
    snapshot = folder.snapshot()
    small = [size for size in snapshot.file_sizes if size < SMALL_FILE_BYTES]
    return TableState(
        table,
        folder.row_count(),
        len(snapshot.file_sizes),
        sum(snapshot.file_sizes),
        len(small),
        sum(small),
        snapshot.version,
        snapshot.reader,
        snapshot.writer,
    )


def optimize_table(tables: Tables, table: str, retain_days: int = RETAIN_DAYS) -> Optimization:
    """Compact a table, delete what it no longer needs, and write a checkpoint.

    The rows, and the versions of the retention time, stay as they are.

    Parameters
    ----------
    tables : Tables
        Tables, whose lease is held.
    table : str
        Name of a table that exists.
    retain_days : int
        Days for which replaced files are kept, for readers of an earlier version.

    Returns
    -------
    Optimization
        Numbers of files.

    Raises
    ------
    JobError
        If the lease was lost, or the table cannot be read or changed.
    """
    tables.check_lease()
    folder = tables.folder(table)
    before = len(folder.snapshot().file_sizes)
    folder.compact(TARGET_FILE_BYTES)
    tables.check_lease()
    deleted = folder.vacuum(retain_days, with_uncommitted=True)
    folder.clean_log()
    return Optimization(table, before, len(folder.snapshot().file_sizes), deleted)


def compact_small_files(
    tables: Tables, compact: Callable[[Sequence[CompactionTask]], list[str]] = compact_here
) -> list[str]:
    """Compact the tables that have many small files, at the end of a run.

    Parameters
    ----------
    tables : Tables
        Tables, whose lease is held.
    compact : callable
        Compacts tables and returns the names of those that are not compacted (default: in this
        process).

    Returns
    -------
    list of str
        Names of the tables that were not compacted: their small files are too large for the end
        of a run, or another client has changed the table meanwhile.

    Raises
    ------
    JobError
        If the lease was lost.
    """
    left: list[str] = []
    due: list[str] = []
    for table in ROW_TYPES:
        tables.check_lease()
        try:
            if _is_due(tables, table):
                due.append(table)
        except JobError:  # the work of the run is done, whether its tables are compact or not
            left.append(table)
    left += _list_too_large(tables, due)
    tasks = [
        CompactionTask(table, tables.location(table), tables.token, TARGET_FILE_BYTES, RETAIN_DAYS)
        for table in due
        if table not in left
    ]
    if tasks:
        left += compact(tasks)
    tables.check_lease()
    return left


def _is_due(tables: Tables, table: str) -> bool:
    """Return whether a table has many small files."""
    state = describe_table(tables, table)
    return state is not None and state.small_files >= COMPACTION_MIN_FILES


def _list_too_large(tables: Tables, names: Sequence[str]) -> list[str]:
    """Return the tables whose small files have too many bytes for the end of a run."""
    states = {name: describe_table(tables, name) for name in names}
    return [
        name
        for name, state in states.items()
        if state is not None and state.small_bytes > COMPACTION_MAX_BYTES
    ]
