"""Seal the originals of a mapping in DynamoDB again, item by item.

A killed command has changed some items completely and the others not at all, and the same command
completes the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from jobs.common.cli.errors import JobError
from jobs.common.delta.rows import MappingRow
from jobs.common.keys.mapping_rewrite import RewriteCounts
from jobs.common.keys.resealing import USAGE_COLUMNS, Resealer
from jobs.common.mapping_store.backoff import MappingStoreError
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.run.failures import describe_failure
from jobs.common.secrets.value_cipher import ValueContext


def rewrite_dynamodb(table: MappingTable, resealer: Resealer) -> RewriteCounts:
    """Seal all originals of a table again that are not under the current key.

    Parameters
    ----------
    table : MappingTable
    resealer : Resealer
        Opens and seals originals.

    Returns
    -------
    RewriteCounts
        Numbers of pairs.

    Raises
    ------
    JobError
        If an original cannot be opened, or the table cannot be read or written.
    """
    count = resealed = 0
    for rows in _read_pages(table):
        count += len(rows)
        try:
            resealed += table.replace_originals(_find_changes(rows, resealer))
        except MappingStoreError as error:
            raise _describe(error) from None
    return RewriteCounts(count, resealed)


def read_usage(table: MappingTable) -> Iterator[pa.RecordBatch]:
    """Yield the columns :data:`jobs.common.keys.resealing.USAGE_COLUMNS` of a table.

    Raises
    ------
    JobError
        If the table cannot be read.
    """
    for rows in _read_pages(table):
        columns = [[getattr(row, name) for row in rows] for name in USAGE_COLUMNS]
        yield pa.RecordBatch.from_arrays([pa.array(c) for c in columns], list(USAGE_COLUMNS))


def _find_changes(rows: list[MappingRow], resealer: Resealer) -> list[tuple[MappingRow, bytes]]:
    changes = []
    for row in rows:
        before = row.original_encrypted
        after = resealer.reseal(row.namespace, row.key_id, ValueContext.of(row), before)
        if after != before:
            changes.append((row, after))
    return changes


def _read_pages(table: MappingTable) -> Iterator[list[MappingRow]]:
    try:
        yield from table.scan()
    except MappingStoreError as error:
        raise _describe(error) from None


def _describe(error: MappingStoreError) -> JobError:
    return JobError(describe_failure(error, "the originals cannot be sealed again"))
