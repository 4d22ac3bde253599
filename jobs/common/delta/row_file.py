"""Write rows to a local Parquet file in a stream, to append them to a table as one data file."""

from __future__ import annotations

from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.common.delta.statistics import statistics_columns

#: Rows of one row group. The writer holds one group, and the description of each written one.
ROW_GROUP_ROWS = 4096


class RowFileWriter:
    """Writer of a local Parquet file whose statistics hold no PHI.

    Small tables are joined. Apart from about 20 KB per row group, the memory does not depend on the
    number of rows.

    Parameters
    ----------
    path : str
        Path of the file.
    schema : pyarrow.Schema
        Columns of the rows.
    """

    def __init__(self, path: str, schema: pa.Schema):
        self._writer = pq.ParquetWriter(
            path,
            schema,
            compression="zstd",
            write_statistics=statistics_columns(schema.names),
            store_schema=False,
        )
        self._schema = schema
        self._waiting: list[pa.Table] = []

    def __enter__(self) -> RowFileWriter:
        """Return the writer."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Write the remaining rows, unless the block failed, and close the file."""
        if error is None:
            self._flush()
        self._writer.close()

    def add(self, rows: pa.Table) -> None:
        """Add rows, which have the columns of the file."""
        self._waiting.append(rows)
        if sum(map(len, self._waiting)) >= ROW_GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        rows = pa.concat_tables([self._schema.empty_table(), *self._waiting])
        self._waiting.clear()
        if len(rows):
            self._writer.write_table(rows, ROW_GROUP_ROWS)
