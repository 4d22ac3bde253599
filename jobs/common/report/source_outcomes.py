"""List the outcome of each source, as the tables record it.

A source that several runs have processed into the same output folder has its latest outcome. A
piece of a file of notes has one outcome if it has an output, and one for each note without output.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timezone
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from jobs.common.delta.schemas import table_schema
from jobs.common.delta.tables.table_set import Tables

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

#: Rows of ``instances`` and ``note_files`` up to which Spark does not start; they take about
#: 1.2 GB in the driver.
DRIVER_MAX_ROWS = 1_000_000

#: Columns that identify what has an outcome, by table.
_KEYS = {
    "instances": ("source_id", "output_root"),
    "note_files": ("source_id", "output_root", "piece"),
}

#: Columns that both tables have.
_COMMON = (
    "run_id", "source_id", "status", "reason_code", "reason", "output_uri", "processed_at",
    "output_root",
)  # fmt: skip

#: Further columns of each table.
_MORE: dict[str, tuple[str, ...]] = {"instances": (), "note_files": ("notes_quarantined",)}

#: Columns of ``notes`` about notes without output.
_NOTES = (
    "run_id", "source_id", "piece", "row", "status", "reason_code", "reason", "output_uri",
    "processed_at",
)  # fmt: skip

#: Order of the list.
_ORDER = ("source_uri", "source_id", "piece", "row")

_ROWS_AT_ONCE = 10_000

#: Condition that every row meets.
_ALL = ds.scalar(True)

_NOTES_KEYS = ["run_id", "source_id", "piece"]


class SourceOutcome(NamedTuple):
    """Outcome of one object, one piece of a file of notes, or one note. HOLDS PHI: the URI.

    Attributes
    ----------
    kind : str
        ``object``, ``file`` or ``note``.
    source_id : str
    source_uri : str
        Empty if the table ``sources`` was not read.
    piece, row : int or None
        Piece of a file of notes, and row of a note in the piece.
    status, reason_code, reason : str
    output_uri : str
        Empty if there is no output.
    run_id : str
        Run of the outcome.
    processed_at : str
        Time in UTC, in ISO form.
    """

    kind: str
    source_id: str
    source_uri: str
    piece: Optional[int]
    row: Optional[int]
    status: str
    reason_code: str
    reason: str
    output_uri: str
    run_id: str
    processed_at: str


@dataclass(frozen=True)
class OutcomeFilter:
    """Conditions for outcomes; an empty string sets none.

    Attributes
    ----------
    run_id : str
        Outcomes of this run, also those that later runs have replaced.
    status, reason : str
        Status and code of the reason.
    """

    run_id: str = ""
    status: str = ""
    reason: str = ""

    def select(self, rows: pa.Table) -> pa.Table:
        """Return the rows that have the status and the reason."""
        for column, value in (("status", self.status), ("reason_code", self.reason)):
            if value:
                rows = rows.filter(pc.equal(rows[column], value))
        return rows


def list_outcomes(
    tables: Tables, wanted: OutcomeFilter, with_uris: bool
) -> Iterator[SourceOutcome]:
    """Yield outcomes, sorted by the URI of the source if it is read, else by its ID.

    Spark starts if the tables have more than :data:`DRIVER_MAX_ROWS` rows.

    Parameters
    ----------
    tables : Tables
    wanted : OutcomeFilter
    with_uris : bool
        Read the URIs in the restricted table ``sources``.

    Raises
    ------
    JobError
        If a table cannot be read.
    """
    if sum(map(tables.row_count, _KEYS)) > DRIVER_MAX_ROWS:
        yield from _list_in_spark(tables, wanted, with_uris)
        return
    files = _latest(tables, "note_files", wanted.run_id)
    parts = [
        _add_kind(_latest(tables, "instances", wanted.run_id), "object"),
        _add_kind(_without_refused_files(files), "file"),
        _add_kind(_refused_notes(tables, files), "note"),
    ]
    rows = wanted.select(pa.concat_tables(parts, promote_options="default"))
    rows = _add_uris(tables, rows, with_uris)
    order = _sort_indices(rows, _ORDER)
    for start in range(0, len(order), _ROWS_AT_ONCE):
        yield from map(_to_outcome, rows.take(order.slice(start, _ROWS_AT_ONCE)).to_pylist())


def _latest(tables: Tables, table: str, run_id: str) -> pa.Table:
    """Return the latest row of each source in each output folder."""
    keys = _KEYS[table]
    columns = list(dict.fromkeys((*_COMMON, *keys, *_MORE[table])))
    rows = _read(tables, table, columns, ds.field("run_id") == run_id if run_id else _ALL)
    if not rows.num_rows:
        return rows
    order = _sort_indices(rows, (*keys, "processed_at"))
    changes = pa.array([False] * (rows.num_rows - 1), pa.bool_())
    for key in keys:
        column = rows[key].take(order)
        differs = pc.not_equal(column.slice(1), column.slice(0, rows.num_rows - 1))
        changes = pc.or_(changes, pc.fill_null(differs, False))
    is_last = pa.chunked_array([*changes.chunks, pa.array([True])])
    return rows if pc.all(is_last).as_py() else rows.take(order.filter(is_last.combine_chunks()))


def _sort_indices(rows: pa.Table, columns: Sequence[str]) -> pa.Array:
    """Return the order of the rows by columns; the rows themselves are not copied."""
    return pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in columns])


def _without_refused_files(files: pa.Table) -> pa.Table:
    """Return the files without those whose notes are all quarantined: their notes are listed."""
    is_refused = pc.and_(pc.is_null(files["output_uri"]), pc.greater(files["notes_quarantined"], 0))
    return files.filter(pc.invert(pc.fill_null(is_refused, False)))


def _read(tables: Tables, table: str, columns: Sequence[str], condition: ds.Expression) -> pa.Table:
    """Return columns of the rows that meet a condition; none if the table does not exist."""
    schema = pa.schema([table_schema(table).field(name) for name in columns])
    batches = tables.batches(table, columns, condition)
    parts = [pa.Table.from_batches([batch]).cast(schema) for batch in batches]
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _refused_notes(tables: Tables, files: pa.Table) -> pa.Table:
    """Return the notes without output in pieces of files."""
    notes = _read(tables, "notes", _NOTES, ds.field("reason_code") != "")
    return notes.join(files.select(_NOTES_KEYS), _NOTES_KEYS, join_type="left semi")


def _add_kind(rows: pa.Table, kind: str) -> pa.Table:
    return rows.append_column("kind", pa.array([kind] * rows.num_rows, pa.string()))


def _add_uris(tables: Tables, rows: pa.Table, with_uris: bool) -> pa.Table:
    """Return the rows with the URIs of their sources, or with empty ones."""
    if not with_uris:
        return rows.append_column("source_uri", pa.array([""] * rows.num_rows, pa.string()))
    sources = _read(tables, "sources", ("source_id", "source_uri"), _ALL)
    found = pc.index_in(rows["source_id"], value_set=sources["source_id"].combine_chunks())
    return rows.append_column("source_uri", sources["source_uri"].take(found))


def _list_in_spark(
    tables: Tables, wanted: OutcomeFilter, with_uris: bool
) -> Iterator[SourceOutcome]:
    """Yield outcomes as :func:`list_outcomes` does, from any number of rows."""
    from pyspark.sql import functions as F

    files = _latest_in_spark(tables, "note_files", wanted.run_id)
    notes = tables.read("notes").where(F.col("reason_code") != "").select(*_NOTES)
    notes = notes.join(files.select(*_NOTES_KEYS), _NOTES_KEYS, "left_semi")
    objects = _latest_in_spark(tables, "instances", wanted.run_id)
    rows: DataFrame = objects.withColumn("kind", F.lit("object"))
    is_refused = F.col("output_uri").isNull() & (F.col("notes_quarantined") > 0)
    for frame, kind in ((files.where(~is_refused), "file"), (notes, "note")):
        rows = rows.unionByName(frame.withColumn("kind", F.lit(kind)), allowMissingColumns=True)
    conditions: Sequence[tuple[Column, str]] = (
        (F.col("status"), wanted.status),
        (F.col("reason_code"), wanted.reason),
    )
    for column, value in conditions:
        rows = rows.where(column == value) if value else rows
    uris = F.lit("").alias("source_uri")
    if with_uris:
        sources = tables.read("sources").groupBy("source_id")
        rows = rows.join(sources.agg(F.min("source_uri").alias("source_uri")), "source_id", "left")
        uris = F.col("source_uri")
    rows = rows.select(*(name for name in rows.columns if name != "source_uri"), uris)
    sorted_rows = rows.orderBy(*(F.asc_nulls_last(name) for name in _ORDER))
    for row in sorted_rows.toLocalIterator():
        yield _to_outcome(row.asDict())


def _latest_in_spark(tables: Tables, table: str, run_id: str) -> DataFrame:
    """Return the latest row of each source in each output folder."""
    from pyspark.sql import functions as F

    rows = tables.read(table)
    if run_id:
        rows = rows.where(F.col("run_id") == run_id)
    keys = _KEYS[table]
    others = (name for name in (*_COMMON, *_MORE[table]) if name not in (*keys, "processed_at"))
    values = ["processed_at", *others]
    latest = rows.groupBy(*keys).agg(F.max(F.struct(*values)).alias("latest"))
    return latest.select(*keys, "latest.*")


def _to_outcome(row: dict[str, Any]) -> SourceOutcome:
    return SourceOutcome(
        kind=row["kind"],
        source_id=row["source_id"],
        source_uri=row["source_uri"] or "",
        piece=row.get("piece"),
        row=row.get("row"),
        status=row["status"],
        reason_code=row["reason_code"] or "",
        reason=row["reason"] or "",
        output_uri=row["output_uri"] or "",
        run_id=row["run_id"],
        # Spark returns local times.
        processed_at=row["processed_at"].astimezone(timezone.utc).isoformat(timespec="seconds"),
    )
