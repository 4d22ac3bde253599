"""Count the rows of the tables without PHI for a report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, NamedTuple, Optional

import pyarrow as pa
import pyarrow.dataset as ds
from pydicom.uid import UID

from jobs.common.delta.arrow_rows import decode_rows
from jobs.common.delta.rows import RunRow
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.tables.table_set import Tables


@dataclass(frozen=True)
class Section:
    """One table of the report.

    Attributes
    ----------
    title : str
        Heading.
    columns : tuple of str
        Names of the columns.
    rows : tuple of tuple
        Values by row.
    counted : bool
        Whether the last column is a count, which is drawn as a bar.
    note : str
        Explanation of the columns.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    counted: bool = True
    note: str = ""


class _Group(NamedTuple):
    """Title of a section, its table, the columns to group by, and an explanation."""

    title: str
    table: str
    columns: tuple[str, ...]
    note: str = ""


_RULE_NOTE = (
    "E.1-1 is the table of PS3.15 with an option of the profile, if one decides, and the action: "
    "X removes, Z empties, D replaces, U maps a UID, C cleans, K keeps. The Type is that of the "
    "attribute in its module. NAME elements[N] is entry N of the rules NAME, counted from 0."
)
_FINDING_NOTE = (
    "A finding is a text that may identify a person. The engine is the method that has found it."
)

_GROUPS = (
    _Group("Objects by outcome", "instances", ("status",)),
    _Group("Why objects were not written", "instances", ("status", "reason_code", "reason")),
    _Group("Objects by modality", "instances", ("modality", "status")),
    _Group(
        "Objects by transfer syntax", "instances", ("transfer_syntax_in", "transfer_syntax_out")
    ),
    _Group(
        "Rules applied", "instances", ("rules_name", "rules_hash", "stages", "software_version")
    ),
    _Group(
        "Elements by recorded action",
        "audit",
        ("action",),
        "One row of the audit is one element, or one group of masked regions, of one object.",
    ),
    _Group("Elements by rule and recorded action", "audit", ("rule", "action"), _RULE_NOTE),
    _Group("Findings in objects", "findings", ("entity", "engine"), _FINDING_NOTE),
    _Group("Notes by outcome", "notes", ("status",)),
    _Group("Why notes were not written", "notes", ("status", "reason_code", "reason")),
    _Group("Files of notes, by format", "note_files", ("format", "status")),
    _Group(
        "Why files of notes were not written", "note_files", ("status", "reason_code", "reason")
    ),
    _Group("Findings in notes", "notes_findings", ("entity", "engine", "action"), _FINDING_NOTE),
    _Group(
        "Outputs by outcome of verify",
        "verification",
        ("verified_at", "outcome", "compared"),
        "Compared outputs were searched for the values of their originals.",
    ),
)

#: Rows of a table up to which it is counted without Spark.
LOCAL_MAX_ROWS = 20_000_000

#: Most groups of a section.
_MAX_GROUPS = 200

#: Columns that UIDs of transfer syntaxes have.
_TRANSFER_SYNTAX_COLUMNS = frozenset({"transfer_syntax_in", "transfer_syntax_out"})


def count_sections(tables: Tables, run_id: Optional[str] = None) -> list[Section]:
    """Return all sections that have rows, the runs first.

    Parameters
    ----------
    tables : Tables
        Tables of the runs. Spark is started only for a table of more than `LOCAL_MAX_ROWS` rows.
    run_id : str, optional
        Only this run (default: all).

    Raises
    ------
    JobError
        If a table cannot be read.
    """
    sections = [_count_runs(tables, run_id)]
    for group in _GROUPS:
        is_of_run = "run_id" in table_schema(group.table).names
        if tables.exists(group.table) and (run_id is None or is_of_run):
            section = _count_groups(tables, group, run_id)
            if section.rows:
                sections.append(section)
    return sections


def _count_runs(tables: Tables, run_id: Optional[str]) -> Section:
    """Return the section of the runs."""
    columns = table_schema(RunRow.table).names
    runs = decode_rows(RunRow, tables.batches(RunRow.table, columns, _make_condition(run_id)))
    return Section(
        "Runs",
        ("run", "command", "started (UTC)", "outcome", "seconds", "seen", "skipped", "bytes in"),
        tuple(
            (
                row.run_id,
                row.command,
                f"{row.started_at:%Y-%m-%d %H:%M}",
                row.outcome,
                round((row.ended_at - row.started_at).total_seconds()) if row.ended_at else "",
                dict(row.counts or {}).get("seen", ""),
                dict(row.counts or {}).get("skipped", ""),
                row.bytes_in if row.bytes_in is not None else "",
            )
            for row in sorted(runs, key=lambda row: row.started_at)
        ),
        counted=False,
    )


def _make_condition(run_id: Optional[str]) -> Optional[ds.Expression]:
    """Return the condition for the rows of one run; None for all rows."""
    return None if run_id is None else ds.field("run_id") == run_id


def _count_groups(tables: Tables, group: _Group, run_id: Optional[str]) -> Section:
    """Return the section that counts rows by columns."""
    is_large = tables.row_count(group.table) > LOCAL_MAX_ROWS
    count = _count_in_cluster if is_large else _count_locally
    found = [row for row in count(tables, group, run_id).items() if _is_counted(group, row[0])]
    found.sort(key=lambda row: (-row[1], tuple((value is not None, value) for value in row[0])))
    names = tuple(column.replace("_", " ") for column in group.columns)
    rows = tuple(
        (*map(_describe_value, group.columns, values), number)
        for values, number in found[:_MAX_GROUPS]
    )
    return Section(group.title, (*names, "count"), rows, note=group.note)


def _is_counted(group: _Group, values: tuple[Any, ...]) -> bool:
    """Return whether a section about reasons is about rows with these values."""
    if "reason_code" not in group.columns:
        return True
    return bool(values[group.columns.index("reason_code")])


def _count_locally(
    tables: Tables, group: _Group, run_id: Optional[str]
) -> Counter[tuple[Any, ...]]:
    """Return the number of rows by their values, of a table that this process reads."""
    counts: Counter[tuple[Any, ...]] = Counter()
    columns = list(group.columns)
    for batch in tables.batches(group.table, columns, _make_condition(run_id)):
        grouped = pa.Table.from_batches([batch]).group_by(columns).aggregate([([], "count_all")])
        for row in grouped.to_pylist():
            counts[tuple(row[column] for column in columns)] += row["count_all"]
    return counts


def _count_in_cluster(
    tables: Tables, group: _Group, run_id: Optional[str]
) -> Counter[tuple[Any, ...]]:
    """Return the number of rows by their values, of a table that Spark reads."""
    from pyspark.sql import functions as F

    frame = tables.read(group.table)
    if run_id is not None:
        frame = frame.where(F.col("run_id") == run_id)
    if "reason_code" in group.columns:
        frame = frame.where(F.col("reason_code") != "")
    found = frame.groupBy(*group.columns).count().orderBy(F.desc("count"), *group.columns)
    return Counter({tuple(row)[:-1]: row[-1] for row in found.limit(_MAX_GROUPS).collect()})


def _describe_value(column: str, value: Any) -> Any:
    """Return a value for a reader: times in UTC, and transfer syntaxes with their names."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"
    if column in _TRANSFER_SYNTAX_COLUMNS and value and UID(value).name != value:
        return f"{UID(value).name} ({value})"
    return value
