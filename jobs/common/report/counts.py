"""Count the rows of the tables without PHI for a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from jobs.common.delta.tables.table_set import Tables

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


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
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    counted: bool = True


#: Title of each section, its table, and the columns to group by.
_GROUPS = (
    ("Objects by outcome", "instances", ("status",)),
    ("Why objects were not written", "instances", ("status", "reason_code", "reason")),
    ("Objects by modality", "instances", ("modality", "status")),
    ("Objects by transfer syntax", "instances", ("transfer_syntax_in", "transfer_syntax_out")),
    ("Rules applied", "instances", ("rules_name", "rules_hash", "stages", "software_version")),
    ("Elements changed, by action", "audit", ("action",)),
    ("Elements changed, by rule", "audit", ("rule", "action")),
    ("Findings in objects", "findings", ("entity", "engine")),
    ("Notes by outcome", "notes", ("status",)),
    ("Why notes were not written", "notes", ("status", "reason_code", "reason")),
    ("Files of notes, by format", "note_files", ("format", "status")),
    ("Why files of notes were not written", "note_files", ("status", "reason_code", "reason")),
    ("Findings in notes", "notes_findings", ("entity", "engine", "action")),
)


def count_sections(tables: Tables, run_id: Optional[str] = None) -> list[Section]:
    """Return all sections that have rows, the runs first.

    Parameters
    ----------
    tables : Tables
        Tables of the runs.
    run_id : str, optional
        Only this run (default: all).
    """
    sections = [_count_runs(tables, run_id)]
    for title, table, columns in _GROUPS:
        if tables.exists(table):
            section = _count_groups(title, _select_run(tables.read(table), run_id), columns)
            if section.rows:
                sections.append(section)
    return sections


def _select_run(frame: DataFrame, run_id: Optional[str]) -> DataFrame:
    """Return the rows of one run, or all rows."""
    from pyspark.sql import functions as F

    return frame if run_id is None else frame.where(F.col("run_id") == run_id)


def _count_runs(tables: Tables, run_id: Optional[str]) -> Section:
    """Return the section of the runs."""
    rows = _select_run(tables.read("runs"), run_id).orderBy("started_at").collect()
    return Section(
        "Runs",
        ("run", "command", "started", "outcome", "seconds", "seen", "skipped", "bytes in"),
        tuple(
            (
                row.run_id,
                row.command,
                f"{row.started_at:%Y-%m-%d %H:%M}",
                row.outcome,
                round((row.ended_at - row.started_at).total_seconds()) if row.ended_at else "",
                (row.counts or {}).get("seen", ""),
                (row.counts or {}).get("skipped", ""),
                row.bytes_in if row.bytes_in is not None else "",
            )
            for row in rows
        ),
        counted=False,
    )


def _count_groups(title: str, frame: DataFrame, columns: tuple[str, ...]) -> Section:
    """Return the section that counts rows by these columns; at most 200 groups."""
    from pyspark.sql import functions as F

    if "reason_code" in columns:
        frame = frame.where(F.col("reason_code") != "")
    found = frame.groupBy(*columns).count().orderBy(F.desc("count"), *columns).limit(200).collect()
    names = tuple(column.replace("_", " ") for column in columns)
    return Section(title, (*names, "count"), tuple(tuple(row) for row in found))
