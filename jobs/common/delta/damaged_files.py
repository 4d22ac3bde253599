"""Read a Delta table file by file, so that a damaged file does not hide the rows of the others."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, Optional, TypeVar
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.common.aws.client_errors import error_code
from jobs.common.cli.error_advice import advise
from jobs.common.cli.errors import JobError
from jobs.common.delta.arrow_rows import arrow_schema, decode_rows
from jobs.common.delta.rows import TableRow
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.storage.location import Location
from jobs.common.storage.objects import backend_of

R = TypeVar("R", bound=TableRow)

#: Files that are read at once.
_MAX_PARALLEL_FILES = 8


@dataclass(frozen=True)
class FileRows(Generic[R]):
    """The rows of one data file.

    Attributes
    ----------
    name : str
        Path of the file in the folder of the table.
    rows : list of R, optional
        None if the file is damaged or missing.
    """

    name: str
    rows: Optional[list[R]]


def read_each_file(location: Location, row_type: type[R]) -> Iterator[FileRows[R]]:
    """Yield the rows of each data file of a table, which may not exist.

    Parameters
    ----------
    location : Location
        Folder of the table.
    row_type : type
        Row class of the table. Columns that a file lacks are null.

    Raises
    ------
    JobError
        If the log of the table, or the storage, cannot be read.
    """

    def read(path: str) -> FileRows[R]:
        data = _read_bytes(location, path)
        return FileRows(path, None if data is None else _parse_rows(data, row_type))

    with ThreadPoolExecutor(_MAX_PARALLEL_FILES) as pool:
        yield from pool.map(read, map(unquote, DeltaFolder(location).data_files()))


def _read_bytes(location: Location, path: str) -> Optional[bytes]:
    """Return the content of a file; None if it is missing."""
    backend, file = backend_of(location), location.child(path)
    try:
        return backend.read(file, None) if backend.describe_object(file).version else None
    except Exception as error:  # OSError or a class of botocore
        code = error_code(error)
        advice = advise(code) or "check the permissions"
        raise JobError(
            f"a data file of the table {location.path.rpartition('/')[2]} cannot be read ({code}); "
            f"{advice}"
        ) from None


def _parse_rows(data: bytes, row_type: type[R]) -> Optional[list[R]]:
    """Return the rows of a Parquet file; None if it is not one, or has columns of other types."""
    schema = arrow_schema(row_type)
    try:
        table = pq.read_table(io.BytesIO(data), coerce_int96_timestamp_unit="us")
        columns = [
            table[field.name].cast(field.type)
            if field.name in table.column_names
            else pa.nulls(len(table), field.type)
            for field in schema
        ]
        batches = pa.Table.from_arrays(columns, schema=schema).to_batches()
        return list(decode_rows(row_type, batches))
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        return None
