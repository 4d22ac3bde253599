"""Write, change and delete Parquet files of Delta tables, in workers and in the driver.

A file counts once :meth:`jobs.common.delta.tables.table_set.Tables.commit_files` has committed it.
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Optional, TypeVar
from urllib.parse import unquote
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.common.delta.key_digests import digest_keys
from jobs.common.delta.schemas import TABLE_KEYS, table_schema
from jobs.common.delta.statistics import describe_file, describe_rows, statistics_columns
from jobs.common.storage import s3_client
from jobs.common.storage.location import Location
from jobs.common.storage.objects import backend_of, write_file

#: Files that are read or deleted at once.
_MAX_PARALLEL_FILES = 8

A = TypeVar("A")
T = TypeVar("T")


@dataclass(slots=True)
class DataFile:
    """A Parquet file of a table that was written and may be committed.

    Attributes
    ----------
    table : str
        Name of the table.
    path : str
        File name relative to the folder of the table.
    size : int
        Bytes.
    rows : int
        Number of rows.
    stats : str
        Statistics as JSON, see :func:`jobs.common.delta.statistics.describe_rows`.
    keys : bytes or None
        Digests of the keys, see :func:`jobs.common.delta.key_digests.digest_keys`; ``None`` for
        tables without an entry in :data:`jobs.common.delta.schemas.TABLE_KEYS`.
    """

    table: str
    path: str
    size: int
    rows: int
    stats: str
    keys: Optional[bytes]


def data_file_name(run_id: str, batch: int, task: int) -> str:
    """Return a new name for a data file. It is unique, so that attempts of a task may overlap.

    Parameters
    ----------
    run_id : str
        ID of the run, by which a later run finds files that were not committed.
    batch : int
        Number of the batch.
    task : int
        Number of the task in the batch.

    Returns
    -------
    str
        File name without a folder.
    """
    return f"{run_id}-{batch:06d}-{task:06d}-{uuid4().hex}.parquet"


def parse_batch(run_id: str, name: str) -> Optional[int]:
    """Return the batch of a name that :func:`data_file_name` made for a run.

    Parameters
    ----------
    run_id : str
        ID of the run.
    name : str
        File name without a folder.

    Returns
    -------
    int or None
        Number of the batch; ``None`` if the file is not one of the run.
    """
    pattern = rf"{re.escape(run_id)}-(\d{{6,}})-\d{{6,}}-[0-9a-f]{{32}}\.parquet"
    match = re.fullmatch(pattern, name)
    return int(match[1]) if match else None


def write_data_file(folder: Location, table: str, rows: pa.Table, name: str) -> DataFile:
    """Write rows as a Parquet file whose statistics hold no PHI.

    Parameters
    ----------
    folder : Location
        Folder of the table.
    table : str
        Name of the table, which determines the columns and the key.
    rows : pyarrow.Table
        Rows with the columns of the table in any order. Other columns are not written.
    name : str
        File name, see :func:`data_file_name`.

    Returns
    -------
    DataFile
        Description of the file, for the commit.

    Raises
    ------
    KeyError
        If a column of the table is missing.
    OSError or botocore.exceptions.ClientError
        If the file cannot be written.
    """
    schema = table_schema(table)
    rows = rows.select(schema.names).cast(schema)
    data = encode_parquet(rows)
    backend_of(folder).overwrite(folder.child(name), data)
    keys = digest_keys(rows, TABLE_KEYS[table]) if table in TABLE_KEYS else None
    return DataFile(table, name, len(data), len(rows), describe_rows(rows), keys)


def encode_parquet(rows: pa.Table) -> bytes:
    """Return rows as a Parquet file whose statistics hold no PHI."""
    buffer = io.BytesIO()
    pq.write_table(
        rows,
        buffer,
        compression="zstd",
        write_statistics=statistics_columns(rows.column_names),
        store_schema=False,
    )
    return buffer.getvalue()


def read_data_files(folder: Location, files: Sequence[DataFile]) -> Iterator[pa.Table]:
    """Yield the rows of each file, in the order of the files.

    Parameters
    ----------
    folder : Location
        Folder of the table.
    files : sequence of DataFile
        Files of the table.

    Yields
    ------
    pyarrow.Table
        Rows of one file, with the columns of the table.

    Raises
    ------
    OSError or botocore.exceptions.ClientError
        If a file cannot be read.
    """

    def read(file: DataFile) -> pa.Table:
        data = backend_of(folder).read(folder.child(file.path), None)
        return pq.read_table(pa.BufferReader(data)).cast(table_schema(file.table))

    yield from _map_parallel(read, files)


def read_parquet_file(folder: Location, path: str, schema: pa.Schema) -> pa.Table:
    """Return the rows of a data file that another client may have written.

    Parameters
    ----------
    folder : Location
        Folder of the table.
    path : str
        Path of the file in the log of the table, which encodes it as in a URI.
    schema : pyarrow.Schema
        Columns of the table. Spark writes instants without a time zone (INT96).

    Raises
    ------
    OSError or botocore.exceptions.ClientError
        If the file cannot be read.
    """
    data = backend_of(folder).read(folder.child(unquote(path)), None)
    rows = pq.read_table(pa.BufferReader(data), coerce_int96_timestamp_unit="us")
    return rows.cast(pa.schema([schema.field(name) for name in rows.column_names]))


def write_parquet_file(folder: Location, rows: pa.Table, name: str) -> DataFile:
    """Write rows as a data file of a table of any columns, without minimum and maximum.

    Parameters
    ----------
    folder : Location
        Folder of the table.
    rows : pyarrow.Table
    name : str
        File name.

    Returns
    -------
    DataFile
        Description of the file, for the commit.

    Raises
    ------
    OSError or botocore.exceptions.ClientError
        If the file cannot be written.
    """
    buffer = io.BytesIO()
    pq.write_table(rows, buffer, compression="zstd", write_statistics=False, store_schema=False)
    data = buffer.getvalue()
    backend_of(folder).overwrite(folder.child(name), data)
    return DataFile("", name, len(data), len(rows), json.dumps({"numRecords": len(rows)}), None)


def upload_data_file(folder: Location, path: str) -> DataFile:
    """Write a local Parquet file as a data file of a table of any columns.

    Parameters
    ----------
    folder : Location
        Folder of the table.
    path : str
        Path of a file of :class:`jobs.common.delta.row_file.RowFileWriter`.

    Returns
    -------
    DataFile
        Description of the file, for the commit.

    Raises
    ------
    OSError or botocore.exceptions.ClientError
        If the file cannot be written.
    """
    name = f"part-{uuid4().hex}.parquet"
    write_file(folder.child(name), path)
    rows = pq.read_metadata(path).num_rows
    return DataFile("", name, os.path.getsize(path), rows, describe_file(path), None)


def rewrite_data_files(
    folder: Location, files: Sequence[DataFile], edit: Callable[[pa.Table], pa.Table], name: str
) -> Optional[DataFile]:
    """Write one file with the edited rows of several files, which are left as they are.

    Parameters
    ----------
    folder : Location
        Folder of the table.
    files : sequence of DataFile
        One or more files of one table.
    edit : callable
        Function that returns the rows to keep of the rows of one file.
    name : str
        Name of the new file, see :func:`data_file_name`.

    Returns
    -------
    DataFile or None
        The new file; ``None`` if no row is left.

    Raises
    ------
    OSError or botocore.exceptions.ClientError
        If a file cannot be read or written.
    """
    edited = [edit(rows) for rows in read_data_files(folder, files)]
    rows = pa.concat_tables([table for table in edited if len(table)] or edited[:1])
    return write_data_file(folder, files[0].table, rows, name) if len(rows) else None


def delete_data_files(folder: Location, files: Sequence[DataFile]) -> None:
    """Delete files that no commit refers to; a missing one is ignored.

    Parameters
    ----------
    folder : Location
        Folder of the table.
    files : sequence of DataFile
        Files to delete.

    Raises
    ------
    OSError or botocore.exceptions.ClientError
        If a file cannot be deleted.
    """
    delete_files(folder, [file.path for file in files])


def delete_files(folder: Location, names: Sequence[str]) -> None:
    """Delete files by name; see :func:`delete_data_files`."""
    backend = backend_of(folder)
    list(_map_parallel(lambda name: backend.delete(folder.child(name)), names))


def list_names(folder: Location, prefix: str) -> list[str]:
    """Return the names of the files directly in a folder that begin with a prefix.

    Parameters
    ----------
    folder : Location
        Folder of a table; it may be missing.
    prefix : str
        First characters of the names.

    Returns
    -------
    list of str
        Names without the folder.

    Raises
    ------
    OSError or botocore.exceptions.ClientError
        If the folder cannot be listed.
    """
    if folder.on_s3:
        return _list_keys(folder, prefix)
    try:
        return [name for name in os.listdir(folder.path) if name.startswith(prefix)]
    except FileNotFoundError:
        return []


def _list_keys(folder: Location, prefix: str) -> list[str]:
    pages = (
        s3_client.get_client()
        .get_paginator("list_objects_v2")
        .paginate(Bucket=folder.bucket, Prefix=folder.child(prefix).path, Delimiter="/")
    )
    start = len(folder.child("").path)
    return [entry["Key"][start:] for page in pages for entry in page.get("Contents", ())]


def _map_parallel(function: Callable[[A], T], arguments: Sequence[A]) -> Iterator[T]:
    """Yield the results of a function for each argument, in their order."""
    if len(arguments) == 1:
        yield function(arguments[0])
    elif arguments:
        with ThreadPoolExecutor(min(len(arguments), _MAX_PARALLEL_FILES)) as pool:
            yield from pool.map(function, arguments)
