"""Find the pairs of requested pseudonyms, in a Delta table or in DynamoDB."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.dataset as ds

from jobs.common.cli.errors import JobError
from jobs.common.delta.arrow_rows import decode_rows
from jobs.common.delta.rows import MappingRow
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.tables.table_set import Tables
from jobs.common.mapping_store.dynamodb_table import PARALLEL_REQUESTS, MappingTable

#: Rows of the table ``mapping`` up to which it is read without Spark.
LOCAL_MAX_ROWS = 5_000_000


class LookUp(NamedTuple):
    """Requested pseudonyms.

    Attributes
    ----------
    namespace : str
    key_ids : collection of str
        IDs of the keys of the pseudonyms.
    asked : sequence of str
        Pseudonyms.
    by_patient : bool
        Whether they are patient pseudonyms, of which all values are wanted.
    """

    namespace: str
    key_ids: Collection[str]
    asked: Sequence[str]
    by_patient: bool

    @property
    def column(self) -> str:
        """Column of the table ``mapping`` that has the requested pseudonyms."""
        return "patient_pseudonym" if self.by_patient else "pseudonym"


class FoundPair(NamedTuple):
    """A requested pseudonym and a pair that it names."""

    asked: str
    pair: MappingRow


def find_in_dynamodb(table: MappingTable, look_up: LookUp) -> list[FoundPair]:
    """Return the pairs of requested pseudonyms from a DynamoDB table.

    Parameters
    ----------
    table : MappingTable
    look_up : LookUp

    Raises
    ------
    MappingStoreError
        If the table cannot be read.
    """
    find = table.find_by_patient if look_up.by_patient else table.find_by_pseudonym

    def find_one(request: tuple[str, str]) -> list[FoundPair]:
        asked, key_id = request
        return [FoundPair(asked, pair) for pair in find(look_up.namespace, key_id, asked)]

    requests = product(look_up.asked, sorted(look_up.key_ids))
    with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
        return _sort(found for part in pool.map(find_one, requests) for found in part)


def find_in_delta(tables: Tables, look_up: LookUp) -> list[FoundPair]:
    """Return the pairs of requested pseudonyms from the table ``mapping``.

    Spark is started only for a table of more than `LOCAL_MAX_ROWS` rows.

    Parameters
    ----------
    tables : Tables
    look_up : LookUp

    Raises
    ------
    JobError
        If the table cannot be read.
    """
    if tables.row_count(MappingRow.table) > LOCAL_MAX_ROWS:
        return _sort(_find_in_cluster(tables, look_up))
    return _sort(_find_locally(tables, look_up))


def _find_locally(tables: Tables, look_up: LookUp) -> Iterator[FoundPair]:
    """Yield the pairs of requested pseudonyms from a table that this process reads."""
    column = look_up.column
    condition = (
        (ds.field("namespace") == look_up.namespace)
        & ds.field("key_id").isin(sorted(look_up.key_ids))
        & ds.field(column).isin(list(look_up.asked))
    )
    columns = table_schema(MappingRow.table).names
    try:
        for pair in decode_rows(MappingRow, tables.batches(MappingRow.table, columns, condition)):
            yield FoundPair(getattr(pair, column), pair)
    except (pa.ArrowException, OSError, ValueError):
        raise JobError(
            "a file of the table mapping cannot be read; restore the table from a backup"
        ) from None


def _find_in_cluster(tables: Tables, look_up: LookUp) -> Iterator[FoundPair]:
    """Yield the pairs of requested pseudonyms from a table that Spark reads."""
    from pyspark.sql import functions as F

    wanted = tables.spark.createDataFrame([(value,) for value in look_up.asked], "asked STRING")
    rows = (
        tables.read(MappingRow.table)
        .where(F.col("namespace") == look_up.namespace)
        .where(F.col("key_id").isin(sorted(look_up.key_ids)))
        .join(F.broadcast(wanted), F.col(look_up.column) == F.col("asked"))
        .collect()
    )
    return (FoundPair(row.asked, _to_pair(row.asDict())) for row in rows)


def _to_pair(record: dict[str, Any]) -> MappingRow:
    """Return the pair of a row of Spark, whose binary values are byte arrays."""
    columns = {name: record[name] for name in table_schema(MappingRow.table).names}
    return MappingRow(**columns | {"original_encrypted": bytes(columns["original_encrypted"])})


def _sort(found: Iterable[FoundPair]) -> list[FoundPair]:
    return sorted(found, key=lambda one: (one.asked, one.pair.kind, one.pair.pseudonym))
