"""Resume a run by ID; its ``runs`` row then covers both attempts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Optional

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from jobs.common.cli.errors import UsageError
from jobs.common.delta.rows import RunRow
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.duplicates import SAME_CONTENT_PREFIX
from safelight.records import Status

#: Parameters that both attempts of a run must share, besides the command and the rules.
_SHARED_PARAMETERS = ("namespace", "pixels", "text")


_RUN_COLUMNS = table_schema("runs").names

#: Columns of the tables that are committed last from which committed work is counted.
_COUNTED_COLUMNS = {
    "instances": ("status", "batch", "reason", "source_bytes", "output_bytes"),
    "note_files": (
        "status", "batch", "piece", "notes", "notes_quarantined", "source_bytes", "output_bytes",
    ),
}  # fmt: skip


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
    begun = [other for other in unfinished if other.run_id == run.run_id]
    if not tables.exists(last_table) and not tables.exists("runs") and not begun:
        return None
    same_run = ds.field("run_id") == run.run_id
    recorded = [_parse_run(row) for row in tables.rows("runs", _RUN_COLUMNS, same_run)]
    if any(not _is_same_work(run, other) for other in (*begun, *recorded)):
        raise UsageError(
            f"--run-id {run.run_id} was a run with other rules, stages or namespace; give another"
        )
    status: Counter[str] = Counter()
    batches = bytes_in = bytes_out = 0
    for rows in tables.batches(last_table, _COUNTED_COLUMNS[last_table], same_run):
        if not len(rows):
            continue
        counts = _COUNT[last_table](rows)
        for group in counts.group_by("status").aggregate([("own", "sum")]).to_pylist():
            status[group["status"]] += group["own_sum"] or 0
        status[Status.QUARANTINED.value] += _sum(counts["quarantined"])
        batches = max(batches, pc.max(rows["batch"]).as_py() + 1)
        bytes_in += _sum(counts["bytes_in"])
        bytes_out += _sum(counts["bytes_out"])
    if not recorded and not batches:
        return None
    return PreviousAttempt(batches, status, bytes_in, bytes_out, bool(recorded))


def _count_instances(rows: pa.RecordBatch) -> pa.Table:
    """Return what rows of ``instances`` count for; objects with the same content share bytes."""
    is_shared = pc.starts_with(rows["reason"], SAME_CONTENT_PREFIX)
    zero = pa.scalar(0, pa.int64())
    return pa.table(
        {
            "status": rows["status"],
            "own": pa.repeat(1, len(rows)),
            "quarantined": pa.repeat(0, len(rows)),
            "bytes_in": rows["source_bytes"],
            "bytes_out": pc.if_else(is_shared, zero, rows["output_bytes"]),
        }
    )


def _count_note_files(rows: pa.RecordBatch) -> pa.Table:
    """Return what rows of ``note_files`` count for: notes, or one file that was not written.

    The bytes of a file are those of its first piece.
    """
    zero, one = pa.scalar(0, pa.int64()), pa.scalar(1, pa.int64())
    is_written = pc.equal(rows["status"], Status.DEIDENTIFIED.value)
    written_notes = pc.subtract(rows["notes"], rows["notes_quarantined"])
    return pa.table(
        {
            "status": rows["status"],
            "own": pc.if_else(is_written, written_notes, one),
            "quarantined": pc.if_else(is_written, rows["notes_quarantined"], zero),
            "bytes_in": pc.if_else(pc.equal(rows["piece"], 1), rows["source_bytes"], zero),
            "bytes_out": rows["output_bytes"],
        }
    )


_COUNT = {"instances": _count_instances, "note_files": _count_note_files}


def _sum(column: pa.ChunkedArray) -> int:
    return int(pc.sum(column).as_py() or 0)


def _parse_run(columns: Mapping[str, Any]) -> RunRow:
    """Return a row of ``runs``. Arrow returns a map as a list of pairs."""
    maps = ("parameters", "counts", "versions")
    return RunRow(**{**columns, **{name: dict(columns[name] or ()) for name in maps}})


def _is_same_work(run: RunRow, other: RunRow) -> bool:
    if (run.command, run.rules_hash) != (other.command, other.rules_hash):
        return False
    ours, theirs = run.parameters or {}, other.parameters or {}
    return all(ours.get(name) == theirs.get(name) for name in _SHARED_PARAMETERS)
