"""List the pairs of some kinds, from a Delta table or from DynamoDB, without Spark."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Optional

import pyarrow.dataset as ds

from jobs.common.delta.arrow_rows import decode_rows
from jobs.common.delta.rows import MappingRow
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.storage.location import Location


def list_pairs(
    restricted: Location,
    table: Optional[MappingTable],
    namespace: str,
    key_ids: Collection[str],
    kinds: Collection[str],
) -> Iterator[MappingRow]:
    """Yield the pairs of some kinds, in any order.

    Parameters
    ----------
    restricted : Location
        Folder of the Delta table ``mapping``.
    table : MappingTable, optional
        DynamoDB table that holds the mapping instead.
    namespace : str
    key_ids : collection of str
        IDs of the keys of the pseudonyms.
    kinds : collection of str
        Kinds of values; see :class:`safelight.records.PseudonymMapping`.

    Yields
    ------
    MappingRow

    Raises
    ------
    JobError
        If the Delta table cannot be read.
    MappingStoreError
        If the DynamoDB table cannot be read.
    """
    if table is not None:
        for page in table.scan():
            for row in page:
                if row.namespace == namespace and row.key_id in key_ids and row.kind in kinds:
                    yield row
        return
    schema = table_schema(MappingRow.table)
    condition = (
        (ds.field("namespace") == namespace)
        & ds.field("key_id").isin(list(key_ids))
        & ds.field("kind").isin(list(kinds))
    )
    folder = DeltaFolder(restricted.child(MappingRow.table))
    yield from decode_rows(MappingRow, folder.batches(schema.names, condition, schema))
