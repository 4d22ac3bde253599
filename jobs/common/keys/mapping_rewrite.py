"""Seal the originals of the Delta table ``mapping`` again, file by file, without Spark.

Each data file is replaced in one commit. A killed command has therefore changed some files
completely and the others not at all, and the same command completes the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

import pyarrow as pa

from jobs.common.aws.client_errors import describe_error
from jobs.common.cli.errors import JobError
from jobs.common.delta.data_files import (
    DataFile,
    data_file_name,
    read_data_files,
    write_data_file,
)
from jobs.common.delta.rows import MappingRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.keys.resealing import Resealer

_TABLE = MappingRow.table


@dataclass(frozen=True)
class RewriteCounts:
    """Result of :func:`rewrite_mapping`.

    Attributes
    ----------
    rows : int
        Rows of the table.
    resealed : int
        Rows whose original was sealed again.
    """

    rows: int
    resealed: int


def rewrite_mapping(tables: Tables, resealer: Resealer) -> RewriteCounts:
    """Seal all originals of the table again that are not under the current key.

    Parameters
    ----------
    tables : Tables
        Tables, whose lease is held.
    resealer : Resealer
        Opens and seals originals.

    Returns
    -------
    RewriteCounts
        Numbers of rows.

    Raises
    ------
    JobError
        If the lease was lost, an original cannot be opened, or the table cannot be changed.
    """
    folder = tables.folder(_TABLE)
    command = f"reseal-{uuid4().hex}"
    count = resealed = 0
    for number, path in enumerate(folder.data_files()):
        before = _read(tables, path)
        after = resealer.reseal_rows(before)
        count += len(before)
        if after is before:
            continue
        resealed += _count_changes(before, after)
        tables.check_lease()
        file = _write(tables, after, data_file_name(command, 0, number))
        folder.replace_file(path, file)
    return RewriteCounts(count, resealed)


def _read(tables: Tables, path: str) -> pa.Table:
    file = DataFile(_TABLE, path, 0, 0, "", None)
    try:
        (rows,) = read_data_files(tables.location(_TABLE), [file])
    except ValueError:
        raise JobError(
            "the table mapping has other columns than those of this version of the software; use "
            "the version that wrote it, or a later one"
        ) from None
    except Exception as error:  # OSError or a class of botocore
        raise _unusable("read", error) from None
    return rows


def _write(tables: Tables, rows: pa.Table, name: str) -> DataFile:
    try:
        return write_data_file(tables.location(_TABLE), _TABLE, rows, name)
    except Exception as error:  # OSError or a class of botocore
        raise _unusable("written", error) from None


def _unusable(operation: str, error: Exception) -> JobError:
    sentence = f"a file of the table mapping cannot be {operation}"
    return JobError(describe_error(sentence, error, "check the folder of --mapping"))


def _count_changes(before: pa.Table, after: pa.Table) -> int:
    column = "original_encrypted"
    pairs = zip(before[column].to_pylist(), after[column].to_pylist(), strict=True)
    return sum(one != other for one, other in pairs)
