"""Change rows of data files that are not committed yet, in the driver or in the cluster."""

from __future__ import annotations

import pickle
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.delta.arrow_rows import arrow_schema, collect_rows, encode_rows, spark_schema
from jobs.common.delta.data_files import DataFile, data_file_name, rewrite_data_files
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.duplicates import SAME_CONTENT
from jobs.common.run.work_items import BatchContext, TaskReport
from jobs.common.spark.local_frames import blob_frame, one_partition_per_row
from jobs.common.storage.location import Location
from safelight.records import Status

#: Rows of changed files up to which the driver changes them. A Spark job takes longer for so few.
DRIVER_MAX_ROWS = 5_000

#: Tables about output objects; they have no rows of a refused source.
_OBJECT_TABLES = ("audit", "findings", "catalog")


@dataclass(frozen=True)
class RowChanges:
    """Changes of the rows of duplicate sources.

    Attributes
    ----------
    refused : dict
        Reason code and sentence by source ID.
    same_content : frozenset of str
        Sources whose content another source has already.
    """

    refused: dict[str, tuple[str, str]]
    same_content: frozenset[str]

    def concern(self, table: str) -> bool:
        """Return whether rows of a table change."""
        if table in ("instances", "catalog"):
            return True
        return table in _OBJECT_TABLES and bool(self.refused)

    def apply(self, table: str, rows: pa.Table) -> pa.Table:
        """Return the rows of a table with the changes.

        Parameters
        ----------
        table : str
        rows : pyarrow.Table
        """
        if table == "instances":
            return self._change_instances(rows)
        rows = _exclude_sources(rows, self.refused)
        if table == "catalog":  # one row per output object
            rows = _exclude_sources(rows, self.same_content)
        return rows

    def _change_instances(self, rows: pa.Table) -> pa.Table:
        changed = []
        for row in rows.filter(_is_in(rows["source_id"], self._ids)).to_pylist():
            values: dict[str, Any] = {"reason": SAME_CONTENT}
            refusal = self.refused.get(row["source_id"])
            if refusal:
                values = {
                    "status": Status.QUARANTINED.value,
                    "reason_code": refusal[0],
                    "reason": refusal[1],
                    "output_uri": None,
                    "output_bytes": None,
                    "output_sha256": None,
                }
            changed.append(row | values)
        unchanged = _exclude_sources(rows, self._ids)
        return pa.concat_tables([unchanged, pa.Table.from_pylist(changed, rows.schema)])

    @property
    def _ids(self) -> Collection[str]:
        return self.refused.keys() | self.same_content


@dataclass
class FileEdit:
    """An edit of data files of one table, which become one file.

    Attributes
    ----------
    table : str
    files : list of DataFile
    changes : RowChanges, optional
        Changes of the rows.
    kept_rows : list of bytes
        Per file, a bit per row that is kept; empty if all are.
    """

    table: str
    files: list[DataFile]
    changes: Optional[RowChanges] = None
    kept_rows: list[bytes] = field(default_factory=list)

    def apply(self, folder: Location, name: str) -> Optional[DataFile]:
        """Write the edited rows as one new file; return None if no row is left.

        Parameters
        ----------
        folder : Location
            Folder of the table.
        name : str
            Name of the new file.
        """
        masks = iter(self.kept_rows)

        def edit(rows: pa.Table) -> pa.Table:
            if self.kept_rows:
                bits = np.frombuffer(next(masks), np.uint8)
                rows = rows.filter(pa.array(np.unpackbits(bits, count=len(rows)).view(np.bool_)))
            return self.changes.apply(self.table, rows) if self.changes else rows

        return rewrite_data_files(folder, self.files, edit, name)


def edit_files(
    tables: Tables, context: BatchContext, reports: Iterable[TaskReport], edits: Sequence[FileEdit]
) -> tuple[dict[str, list[DataFile]], dict[str, list[DataFile]]]:
    """Apply edits to the data files of a batch.

    Parameters
    ----------
    tables : Tables
    context : BatchContext
    reports : iterable of TaskReport
        Reports with all data files of the batch.
    edits : sequence of FileEdit

    Returns
    -------
    tuple of two dict
        The files to commit, and the files that were replaced, by table.
    """
    replaced: dict[str, list[DataFile]] = {}
    for edit in edits:
        replaced.setdefault(edit.table, []).extend(edit.files)
    replaced_paths = {(file.table, file.path) for files in replaced.values() for file in files}
    committed: dict[str, list[DataFile]] = {}
    for report in reports:
        for file in report.files:
            if (file.table, file.path) not in replaced_paths:
                committed.setdefault(file.table, []).append(file)
    for file in _apply(tables, context, edits):
        committed.setdefault(file.table, []).append(file)
    return committed, replaced


def _apply(tables: Tables, context: BatchContext, edits: Sequence[FileEdit]) -> Iterator[DataFile]:
    orders = [
        (edit, tables.location(edit.table), data_file_name(context.run_id, context.batch, number))
        for number, edit in enumerate(edits)
    ]
    if sum(file.rows for edit in edits for file in edit.files) <= DRIVER_MAX_ROWS:
        for edit, folder, name in orders:
            file = edit.apply(folder, name)
            if file is not None:
                yield file
    else:
        yield from _apply_in_cluster(tables, orders)


def _apply_in_cluster(
    tables: Tables, orders: Sequence[tuple[FileEdit, Location, str]]
) -> list[DataFile]:
    def apply(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for order in batch.column("items").to_pylist():
                edit, folder, name = pickle.loads(order)  # from the driver of this run
                file = edit.apply(folder, name)
                if file is not None:
                    yield encode_rows(DataFile, [file])

    frame = blob_frame(tables.spark, [pickle.dumps(order) for order in orders])
    files = frame.mapInArrow(apply, spark_schema(arrow_schema(DataFile)))
    with one_partition_per_row(tables.spark, len(orders)):
        return collect_rows(DataFile, files)


def _exclude_sources(rows: pa.Table, source_ids: Collection[str]) -> pa.Table:
    if not source_ids:
        return rows
    return rows.filter(pc.invert(_is_in(rows["source_id"], source_ids)))


def _is_in(column: pa.ChunkedArray, values: Collection[str]) -> pa.ChunkedArray:
    return pc.is_in(column.cast(pa.string()), pa.array(sorted(values), pa.string()))
