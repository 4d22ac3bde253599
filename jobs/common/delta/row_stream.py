"""Read rows from a local Parquet file in a stream, to append them to a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

import pyarrow as pa
import pyarrow.parquet as pq


class RowStream:
    """Rows of a local Parquet file, which are read again for each consumer.

    The memory of a consumer so does not grow with the number of rows, and an append that failed
    can be repeated.

    Parameters
    ----------
    path : str
        Path of the file.
    """

    def __init__(self, path: str):
        self._path = path
        self.schema: pa.Schema = pq.read_schema(path)

    @property
    def column_names(self) -> list[str]:
        """Return the names of the columns."""
        return list(self.schema.names)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in their order."""
        with pq.ParquetFile(self._path) as file:
            yield from file.iter_batches()

    def __arrow_c_stream__(self, requested_schema: Optional[object] = None) -> object:
        """Return the rows by the Arrow C stream interface, as delta-rs takes them."""
        reader = pa.RecordBatchReader.from_batches(self.schema, self.batches())
        return reader.__arrow_c_stream__(requested_schema)
