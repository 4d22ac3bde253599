"""Send data of the driver to the workers as a local relation, and collect Arrow tables.

A local relation needs no second Python process, and its rows are not a part of a plan's text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Schema of a frame of binary values.
BLOB_SCHEMA = "items BINARY"

_ARROW_ENABLED = "spark.sql.execution.arrow.pyspark.enabled"
_LEAF_PARALLELISM = "spark.sql.leafNodeDefaultParallelism"
_RECORDS_PER_BATCH = "spark.sql.execution.arrow.maxRecordsPerBatch"

#: More bytes than these may exceed the limit of a local relation
#: (spark.sql.execution.arrow.localRelationThreshold, 48 MB). Spark then makes one partition per
#: batch of records.
LOCAL_RELATION_MAX_BYTES = 40 * 1024 * 1024

#: Rows of one table of :func:`iterate_tables`, which the driver holds a few times.
BLOCK_ROWS = 2048

#: Tables are compressed: neighbors have similar URIs. Zstandard takes as long as LZ4 and makes half
#: the bytes of a listing, whose digits are random.
_IPC_OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")


def encode_table(table: pa.Table) -> bytes:
    """Return a table as a compressed Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_IPC_OPTIONS) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def decode_table(data: bytes) -> pa.Table:
    """Return the table of an Arrow stream."""
    return pa.ipc.open_stream(data).read_all()


def blob_frame(session: SparkSession, blobs: Sequence[bytes]) -> DataFrame:
    """Return binary values as a relation with the column ``items``.

    Up to 40 MB are a local relation. More are one partition per value, whatever
    :func:`one_partition_per_row` says.

    Parameters
    ----------
    session : SparkSession
        The session.
    blobs : sequence of bytes
        One or more values, one per row.
    """
    import pandas as pd

    with ExitStack() as settings:
        settings.enter_context(_setting(session, _ARROW_ENABLED, "true"))
        if sum(map(len, blobs)) > LOCAL_RELATION_MAX_BYTES:
            settings.enter_context(_setting(session, _RECORDS_PER_BATCH, "1"))
        return session.createDataFrame(pd.DataFrame({"items": list(blobs)}), BLOB_SCHEMA)


@contextmanager
def one_partition_per_row(session: SparkSession, rows: int) -> Iterator[None]:
    """Let local relations that are read in the block have one partition per row.

    Parameters
    ----------
    session : SparkSession
        The session.
    rows : int
        Number of rows.
    """
    with _setting(session, _LEAF_PARALLELISM, str(max(1, rows))):
        yield


def encode_batches(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> pa.RecordBatch:
    """Return record batches as one value of a frame of binary values, for ``mapInArrow``.

    Parameters
    ----------
    batches : iterable of pyarrow.RecordBatch
        Batches with the given schema.
    schema : pyarrow.Schema
        Schema of the batches.
    """
    blob = encode_table(pa.Table.from_batches(batches, schema))
    return pa.RecordBatch.from_pydict({"items": pa.array([blob], pa.binary())})


def collect_tables(blobs: DataFrame) -> list[pa.Table]:
    """Return the tables of a frame of binary values."""
    return [decode_table(bytes(row["items"])) for row in blobs.collect()]


def iterate_tables(rows: DataFrame) -> Iterator[pa.Table]:
    """Yield the rows of a frame in their order as tables; the driver holds a few at one time.

    The rows of a partition are sent in blocks of at most :data:`BLOCK_ROWS` rows.

    Parameters
    ----------
    rows : DataFrame
        Rows of any columns.
    """
    blobs = rows.mapInArrow(_encode_blocks, BLOB_SCHEMA)
    for row in blobs.toLocalIterator(prefetchPartitions=True):
        yield decode_table(bytes(row["items"]))


def _encode_blocks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for start in range(0, batch.num_rows, BLOCK_ROWS):
            yield encode_batches([batch.slice(start, BLOCK_ROWS)], batch.schema)


@contextmanager
def _setting(session: SparkSession, name: str, value: str) -> Iterator[None]:
    """Change a setting of a session while the block runs."""
    before = session.conf.get(name, None)
    session.conf.set(name, value)
    try:
        yield
    finally:
        if before is None:
            session.conf.unset(name)
        else:
            session.conf.set(name, before)
