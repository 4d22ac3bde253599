"""Open a Delta table as an Arrow dataset whose files are skipped by their statistics."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import repeat
from typing import Any, Optional
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable
from deltalake.fs import DeltaStorageHandler
from pyarrow.fs import PyFileSystem

#: Pairs of the name of a column and a value of one file.
_Values = tuple[tuple[str, Any], ...]


def open_dataset(
    table: DeltaTable,
    schema: pa.Schema,
    storage_options: Mapping[str, str],
    condition: Optional[ds.Expression] = None,
    read_files: Collection[str] = (),
) -> ds.FileSystemDataset:
    """Return a dataset of the files of a table.

    The dataset of delta-rs takes a column without a minimum or maximum for a column that equals
    nothing, so that a filter on it skips all rows of the file. Here such a column excludes no row.
    Statistics are converted for the columns of the condition only, because a table may have
    thousands of files.

    Parameters
    ----------
    table : DeltaTable
        Table at one version, with a protocol of
        :func:`jobs.common.delta.tables.properties.check_reader`.
    schema : pyarrow.Schema
        Columns of the dataset. Those that a file lacks are null.
    storage_options : mapping of str
        Endpoint and credentials of the storage of the table.
    condition : pyarrow.dataset.Expression, optional
        Condition by which files will be skipped (default: none are).
    read_files : collection of str
        Paths of fragments that the dataset leaves out.

    Returns
    -------
    pyarrow.dataset.FileSystemDataset
        Dataset with one fragment per data file.
    """
    actions = pa.table(table.get_add_actions())
    paths = [unquote(path) for path in actions["path"].to_pylist()]
    sizes = dict(zip(paths, actions["size_bytes"].to_pylist()))
    handler = DeltaStorageHandler(table.table_uri, dict(storage_options), sizes)
    filesystem = PyFileSystem(handler)
    file_format = ds.ParquetFileFormat(
        default_fragment_scan_options=ds.ParquetFragmentScanOptions(pre_buffer=True)
    )
    names = [name for name in schema.names if condition is not None and name in str(condition)]
    statistics = _list_statistics(actions, table.metadata().partition_columns, names)
    describe = cache(partial(_describe_rows, schema))
    fragments = [
        file_format.make_fragment(
            path, filesystem=filesystem, partition_expression=describe(*values)
        )
        for path, values in zip(paths, statistics)
        if path not in read_files
    ]
    return ds.FileSystemDataset(fragments, schema, file_format, filesystem)


def _list_statistics(
    actions: pa.Table, partition_columns: Sequence[str], names: Sequence[str]
) -> Iterator[tuple[_Values, ...]]:
    """Yield for each file its partition, minima, maxima and numbers of nulls, all by column."""
    kinds = (("partition", partition_columns), *((k, names) for k in ("min", "max", "null_count")))
    return zip(*(_list_values(actions, kind, columns) for kind, columns in kinds))


def _list_values(actions: pa.Table, kind: str, names: Sequence[str]) -> Iterator[_Values]:
    """Yield for each file the names and values of columns that a struct column has."""
    if kind not in actions.column_names:
        return repeat((), len(actions))
    struct = actions[kind].combine_chunks()
    fields = [name for name in names if struct.type.get_field_index(name) >= 0]
    columns = [struct.field(name).to_pylist() for name in fields]
    if not columns:
        return repeat((), len(actions))
    return (tuple(zip(fields, values)) for values in zip(*columns))


def _describe_rows(
    schema: pa.Schema, partition: _Values, minima: _Values, maxima: _Values, nulls: _Values
) -> ds.Expression:
    """Return an expression that all rows of a file meet."""
    described = ds.scalar(True)
    for name, value in partition:
        field = ds.field(name)
        described &= field.is_null() if value is None else field == _scalar(value, schema, name)
    null_counts, upper = dict(nulls), dict(maxima)
    for name, minimum in minima:
        if minimum is None or upper.get(name) is None:
            continue
        field = ds.field(name)
        inside = (field >= _scalar(minimum, schema, name)) & (
            field <= _scalar(upper[name], schema, name)
        )
        described &= inside if null_counts.get(name) == 0 else inside | field.is_null()
    return described


def _scalar(value: object, schema: pa.Schema, name: str) -> ds.Expression:
    return ds.scalar(pa.scalar(value, schema.field(name).type))
