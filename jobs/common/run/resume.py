"""Resume a run by ID; its ``runs`` row then covers both attempts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Optional

from jobs.common.cli.errors import UsageError
from jobs.common.delta.rows import RunRow
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.table_set import Tables
from jobs.common.run.duplicates import SAME_CONTENT_PREFIX
from safelight.records import Status

#: Parameters that both attempts of a run must share, besides the command and the rules.
_SHARED_PARAMETERS = ("namespace", "pixels", "text")


@dataclass(frozen=True)
class _RowCounts:
    """SQL expressions of what one row of a table counts for.

    Attributes
    ----------
    own : str
        Objects or notes of the status of the row.
    quarantined : str
        Quarantined notes within a de-identified file.
    bytes_in, bytes_out : str
        Bytes read and written.
    """

    own: str
    quarantined: str
    bytes_in: str
    bytes_out: str


_ROW_COUNTS = {
    "instances": _RowCounts(
        own="1",
        quarantined="0",
        bytes_in="source_bytes",
        bytes_out=f"IF(reason LIKE '{SAME_CONTENT_PREFIX}%', 0, output_bytes)",
    ),
    "note_files": _RowCounts(
        own="IF(status = 'deidentified', notes - notes_quarantined, 1)",
        quarantined="IF(status = 'deidentified', notes_quarantined, 0)",
        bytes_in="IF(piece = 1, source_bytes, 0)",
        bytes_out="output_bytes",
    ),
}


@dataclass(frozen=True)
class PreviousAttempt:
    """The committed work of an earlier attempt of the same run.

    Attributes
    ----------
    batches : int
        Number of the first unused batch.
    status : Counter
        Objects or notes by status.
    bytes_in, bytes_out : int
        Bytes read and written.
    has_row : bool
        Whether ``runs`` has the run; it has not if the attempt was killed.
    """

    batches: int
    status: Counter[str]
    bytes_in: int
    bytes_out: int
    has_row: bool

    def add_to(self, run: RunRow) -> RunRow:
        """Return the ended run with the work of both attempts.

        What the earlier attempt has done is not skipped work of this run.
        """
        counts = dict(run.counts or {})
        skipped = max(0, counts["skipped"] - sum(self.status.values()))
        for status in Status:
            counts[status.value] += self.status[status.value]
        seen = skipped + sum(counts[status.value] for status in Status)
        return replace(
            run,
            counts=counts | {"skipped": skipped, "seen": seen},
            bytes_in=(run.bytes_in or 0) + self.bytes_in,
            bytes_out=(run.bytes_out or 0) + self.bytes_out,
        )


def find_previous_attempt(
    tables: Tables, last_table: str, run: RunRow, unfinished: list[RunRow]
) -> Optional[PreviousAttempt]:
    """Return the committed work of the same run ID, if there is any.

    Parameters
    ----------
    tables : Tables
    last_table : str
        Table that is committed last in a batch.
    run : RunRow
        The run that begins.
    unfinished : list of RunRow
        Runs that were killed.

    Raises
    ------
    UsageError
        If the ID is that of another command, or of other rules, stages or another namespace.
    """
    from pyspark.sql import functions

    begun = [other for other in unfinished if other.run_id == run.run_id]
    if not tables.exists(last_table) and not tables.exists("runs") and not begun:
        return None
    same_run = functions.col("run_id") == run.run_id
    runs = tables.read("runs").where(same_run).select(*table_schema("runs").names)
    recorded = [RunRow(**row.asDict()) for row in runs.collect()]
    if any(not _is_same_work(run, other) for other in (*begun, *recorded)):
        raise UsageError(
            f"--run-id {run.run_id} was a run with other rules, stages or namespace; give another"
        )
    status: Counter[str] = Counter()
    batches = bytes_in = bytes_out = 0
    sums = [
        functions.expr(f"coalesce(sum({expression}), 0)").alias(name)
        for name, expression in vars(_ROW_COUNTS[last_table]).items()
    ]
    groups = tables.read(last_table).where(same_run).groupBy("status")
    for group in groups.agg(functions.max("batch").alias("batch"), *sums).collect():
        status[group.status] += int(group.own)
        status[Status.QUARANTINED.value] += int(group.quarantined)
        batches = max(batches, group.batch + 1)
        bytes_in += int(group.bytes_in)
        bytes_out += int(group.bytes_out)
    if not recorded and not batches:
        return None
    return PreviousAttempt(batches, status, bytes_in, bytes_out, bool(recorded))


def _is_same_work(run: RunRow, other: RunRow) -> bool:
    if (run.command, run.rules_hash) != (other.command, other.rules_hash):
        return False
    ours, theirs = run.parameters or {}, other.parameters or {}
    return all(ours.get(name) == theirs.get(name) for name in _SHARED_PARAMETERS)
