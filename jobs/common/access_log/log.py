"""Append to the access log, and read it.

The log is a Delta table in the restricted folder, where the mapping is, and has a lease of its
own: a look-up does not wait for a run. No other command writes, compacts or deletes its files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, fields
from typing import Optional

import pyarrow as pa

from jobs.common.access_log.entries import AccessRow, seal_entry
from jobs.common.cli.errors import JobError
from jobs.common.delta.arrow_rows import arrow_schema, decode_rows, to_record
from jobs.common.delta.damaged_files import FileRows, read_each_file
from jobs.common.delta.lease import Lease, hold_lease
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.storage.location import Location
from safelight.pseudonyms import Pseudonyms

#: Properties of a table from which Delta deletes no row and no file of its log. On AWS, the policy
#: of the bucket denies such deletions.
_APPEND_ONLY = {"delta.appendOnly": "true", "delta.enableExpiredLogCleanup": "false"}

#: Seconds that a look-up waits for another one on the same computer, which may start Spark first.
_WAIT_SECONDS = 90.0

#: Function that appends one entry and returns it with its number and hash.
AppendEntry = Callable[[Pseudonyms, AccessRow], AccessRow]

#: Columns that each entry has.
_REQUIRED = tuple(field.name for field in fields(AccessRow) if field.default is MISSING)


def log_location(restricted: Location) -> Location:
    """Return the folder of the access log below the restricted folder."""
    return restricted.child(AccessRow.table)


def read_entries(restricted: Location) -> list[AccessRow]:
    """Return all entries of the access log, in any order.

    Raises
    ------
    JobError
        If the table cannot be read.
    """
    return _read(DeltaFolder(log_location(restricted)))


def read_entries_by_file(restricted: Location) -> list[FileRows[AccessRow]]:
    """Return the entries of each file of the access log; None for a damaged file.

    A file whose rows lack a value that each entry has was not written by this software, and counts
    as damaged.

    Raises
    ------
    JobError
        If the log of the table, or the storage, cannot be read.
    """
    files = read_each_file(log_location(restricted), AccessRow)
    return [file if _is_complete(file.rows or ()) else FileRows(file.name, None) for file in files]


def _is_complete(rows: Iterable[AccessRow]) -> bool:
    return all(getattr(row, name) is not None for row in rows for name in _REQUIRED)


@contextmanager
def open_log(
    restricted: Location, lease_table: Optional[str], wait_seconds: float = _WAIT_SECONDS
) -> Iterator[AppendEntry]:
    """Provide a function that appends to the access log. No other process can do so meanwhile.

    A process waits for the one before it.

    Parameters
    ----------
    restricted : Location
        Folder of the restricted tables.
    lease_table : str, optional
        DynamoDB table for the lease on S3.
    wait_seconds : float
        Seconds to wait for another process on the same computer.

    Raises
    ------
    JobError
        If another process is appending after this time, or the table cannot be read or changed.
    """
    location = log_location(restricted)
    with hold_lease(location, lease_table, wait_seconds) as lease:
        folder = DeltaFolder(location, lease.token)
        folder.fence()

        def append(names: Pseudonyms, row: AccessRow) -> AccessRow:
            return _append(folder, lease, names, row)

        yield append


def _append(folder: DeltaFolder, lease: Lease, names: Pseudonyms, row: AccessRow) -> AccessRow:
    schema = arrow_schema(AccessRow)
    folder.evolve(schema)
    last = max(_read(folder), key=lambda one: one.entry, default=None)
    sealed = seal_entry(names, row, last)
    lease.check()
    folder.append(pa.Table.from_pylist([to_record(sealed)], schema))
    if last is None:
        folder.set_properties(_APPEND_ONLY)
    return sealed


def _read(folder: DeltaFolder) -> list[AccessRow]:
    schema = arrow_schema(AccessRow)
    try:
        rows = list(decode_rows(AccessRow, folder.batches(schema.names, schema=schema)))
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        rows = None
    if rows is None or not _is_complete(rows):
        raise JobError(
            "a file of the access log cannot be read; run `safelight audit verify`, which names "
            "damaged files, and restore them from a backup"
        )
    return rows
