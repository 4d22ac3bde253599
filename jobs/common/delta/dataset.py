"""Open a Delta table as an Arrow dataset whose files are skipped by their statistics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable


def open_dataset(table: DeltaTable, schema: Optional[pa.Schema] = None) -> ds.Dataset:
    """Return a dataset of the files of a table.

    The dataset of delta-rs takes a column without a minimum or maximum for a column that equals
    nothing, so that a filter on it skips all rows of the file. Here such a column excludes no row.

    Parameters
    ----------
    table : DeltaTable
        Table at one version.
    schema : pyarrow.Schema, optional
        Columns of the dataset (default: those of the table). Those that a file lacks are null.

    Returns
    -------
    pyarrow.dataset.Dataset
        Dataset with one fragment per data file.

    Raises
    ------
    deltalake.exceptions.DeltaError
        If the table needs a feature that this reader does not support.
    """
    dataset = table.to_pyarrow_dataset(schema=schema)
    if not isinstance(dataset, ds.FileSystemDataset):
        return dataset
    actions = {
        unquote(action["path"]): action for action in pa.table(table.get_add_actions()).to_pylist()
    }
    fragments = [
        dataset.format.make_fragment(
            fragment.path,
            filesystem=dataset.filesystem,
            partition_expression=_describe_rows(actions[fragment.path], dataset.schema),
        )
        for fragment in dataset.get_fragments()
    ]
    return ds.FileSystemDataset(fragments, dataset.schema, dataset.format, dataset.filesystem)


def _describe_rows(action: Mapping[str, Any], schema: pa.Schema) -> ds.Expression:
    """Return an expression that all rows of a file meet."""
    described = ds.scalar(True)
    for name, value in (action.get("partition") or {}).items():
        field = ds.field(name)
        described &= field.is_null() if value is None else field == _scalar(value, schema, name)
    minima, maxima, nulls = (action.get(name) or {} for name in ("min", "max", "null_count"))
    for name, minimum in minima.items():
        if minimum is None or maxima.get(name) is None or name not in schema.names:
            continue
        field = ds.field(name)
        inside = (field >= _scalar(minimum, schema, name)) & (
            field <= _scalar(maxima[name], schema, name)
        )
        described &= inside if nulls.get(name) == 0 else inside | field.is_null()
    return described


def _scalar(value: object, schema: pa.Schema, name: str) -> ds.Expression:
    return ds.scalar(pa.scalar(value, schema.field(name).type))
