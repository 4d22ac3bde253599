"""Copy the pairs of a mapping to another store; pairs that it has are left as they are.

The encrypted originals are copied as they are, without the key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from uuid import uuid4

import numpy as np
import pyarrow as pa

from jobs.common.delta.data_files import data_file_name, write_data_file
from jobs.common.delta.key_digests import digest_keys, split_digests
from jobs.common.delta.rows import MappingRow
from jobs.common.delta.schemas import TABLE_KEYS, table_schema
from jobs.common.delta.tables.table_set import Tables
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.secrets.sealing_keys import FORMAT_WITHOUT_HEADER

#: Pairs of one commit to a Delta table, and of one call of a worker.
_CHUNK_PAIRS = 50_000

_COUNT_COLUMNS = "copied BIGINT, existing BIGINT, unbound BIGINT"


@dataclass(frozen=True)
class CopyCounts:
    """Numbers of pairs of a copy.

    Attributes
    ----------
    copied : int
        Pairs that were added.
    existing : int
        Pairs that the target had.
    unbound : int
        Pairs of an earlier version of this software, whose originals are not bound to them. They
        are part of the other numbers.
    """

    copied: int = 0
    existing: int = 0
    unbound: int = 0

    def __add__(self, other: CopyCounts) -> CopyCounts:
        """Return the sums."""
        return CopyCounts(
            self.copied + other.copied,
            self.existing + other.existing,
            self.unbound + other.unbound,
        )


def copy_delta_to_dynamodb(tables: Tables, target: MappingTable) -> CopyCounts:
    """Copy the Delta table ``mapping`` to DynamoDB; with Spark.

    Parameters
    ----------
    tables : Tables
    target : MappingTable

    Raises
    ------
    JobError
        If the Delta table cannot be read.
    py4j.protocol.Py4JJavaError
        If DynamoDB cannot be read or written.
    """
    frame = tables.read(MappingRow.table)
    # One worker puts several hundred pairs a second, and the table may have one file.
    spread = frame.repartition(tables.spark.sparkContext.defaultParallelism)

    def copy(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            counts = copy_rows((MappingRow(**row) for row in batch.to_pylist()), target)
            yield pa.RecordBatch.from_pylist([asdict(counts)])

    counted = spread.mapInArrow(copy, _COUNT_COLUMNS).groupBy().sum().collect()
    return CopyCounts(*(int(total or 0) for total in counted[0]))


def copy_dynamodb_to_dynamodb(source: MappingTable, target: MappingTable) -> CopyCounts:
    """Copy a DynamoDB table to another one.

    Parameters
    ----------
    source, target : MappingTable

    Raises
    ------
    MappingStoreError
        If a table cannot be read or written.
    """
    return sum((copy_rows(rows, target) for rows in source.scan()), CopyCounts())


def copy_dynamodb_to_delta(source: MappingTable, tables: Tables) -> CopyCounts:
    """Copy a DynamoDB table to the Delta table ``mapping``.

    Spark is used only if the Delta table has so many rows that the driver does not hold their keys.

    Parameters
    ----------
    source : MappingTable
    tables : Tables
        The caller holds the lease.

    Raises
    ------
    MappingStoreError
        If the DynamoDB table cannot be read.
    JobError
        If the lease was lost, or the Delta table cannot be read or changed.
    """
    table = MappingRow.table
    copy_id = f"copy-{uuid4().hex}"
    known = tables.known_keys(table)
    total = CopyCounts()
    for number, rows in enumerate(_chunks(source.scan())):
        encoded = pa.Table.from_pylist([asdict(row) for row in rows], table_schema(table))
        keys = digest_keys(encoded, TABLE_KEYS[table])
        is_new = ~known.contains(keys)
        added = encoded.filter(pa.array(is_new))
        if len(added):
            name = data_file_name(copy_id, number, 0)
            file = write_data_file(tables.location(table), table, added, name)
            tables.commit_files(table, [file], (copy_id, number))
            known.add(split_digests(keys)[is_new].tobytes())
        copied = int(np.count_nonzero(is_new))
        total += CopyCounts(copied, len(rows) - copied, _count_unbound(rows))
    return total


def copy_rows(rows: Iterable[MappingRow], target: MappingTable) -> CopyCounts:
    """Add pairs to a DynamoDB table.

    Parameters
    ----------
    rows : iterable of MappingRow
    target : MappingTable

    Raises
    ------
    MappingStoreError
        If the table cannot be read or written.
    """
    listed = list(rows)
    added = target.add(listed).added
    return CopyCounts(added, len(listed) - added, _count_unbound(listed))


def _count_unbound(rows: Iterable[MappingRow]) -> int:
    return sum(row.original_encrypted[:1] == FORMAT_WITHOUT_HEADER for row in rows)


def _chunks(pages: Iterable[list[MappingRow]]) -> Iterator[list[MappingRow]]:
    """Yield the pairs of several pages at one time."""
    chunk: list[MappingRow] = []
    for page in pages:
        chunk += page
        if len(chunk) >= _CHUNK_PAIRS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
