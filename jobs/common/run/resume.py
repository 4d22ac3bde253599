"""What was done before under the name of a run: it goes on, and its row speaks of all of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Optional

from jobs.common.cli.errors import UsageError
from jobs.common.delta.table_set import Tables
from jobs.common.run.duplicates import SAME_CONTENT
from safelight.records import Status

#: What must be the same for a run to go on under its name.
_SAME = ("command", "rules_hash")
_SAME_PARAMETERS = ("namespace", "pixels", "text")

#: What a row of the last table of a batch stands for, in SQL: objects or notes of its own status,
#: notes that were quarantined within it, bytes read and bytes written.
_MEANING = {
    "instances": {
        "own": "1",
        "within": "0",
        "bytes_in": "source_bytes",
        "bytes_out": f"IF(reason = '{SAME_CONTENT}', 0, output_bytes)",
    },
    "note_files": {
        "own": "IF(status = 'deidentified', notes - notes_quarantined, 1)",
        "within": "IF(status = 'deidentified', notes_quarantined, 0)",
        "bytes_in": "IF(piece = 1, source_bytes, 0)",
        "bytes_out": "output_bytes",
    },
}


@dataclass(frozen=True)
class PreviousAttempt:
    """A run of the same name.

    Attributes
    ----------
    batches : int
        Number of the first batch that is free.
    status : Counter
        Objects or notes that it has rows for, by outcome.
    has_row : bool
        Whether ``runs`` has it: not if it was killed.
    """

    batches: int
    status: Counter[str]
    bytes_in: int
    bytes_out: int
    has_row: bool

    def with_more(self, outcome: dict[str, Any]) -> dict[str, Any]:
        """An outcome for ``runs`` of both; what this run itself did before is not skipped."""
        counts = dict(outcome["counts"])
        skipped = max(0, counts["skipped"] - sum(self.status.values()))
        for status in Status:
            counts[status.value] += self.status[status.value]
        counts |= {"skipped": skipped, "seen": skipped + sum(counts[s.value] for s in Status)}
        more = {name: outcome[name] + getattr(self, name) for name in ("bytes_in", "bytes_out")}
        return outcome | {"counts": counts} | more


def find_previous_attempt(
    tables: Tables, last_table: str, row: dict[str, Any], unfinished: list[dict[str, Any]]
) -> Optional[PreviousAttempt]:
    """The run of this name, if there is one.

    Parameters
    ----------
    last_table : str
        Where a batch stands once it is done.
    row : dict
        The run that begins, as ``runs`` will have it.
    unfinished : list of dict
        Runs that were killed, as they had begun.

    Raises
    ------
    UsageError
        If it was another command, or had other rules or stages or another namespace.
    """
    from pyspark.sql import functions as F

    begun = [run for run in unfinished if run["run_id"] == row["run_id"]]
    if not tables.exists(last_table) and not tables.exists("runs") and not begun:
        return None
    same = F.col("run_id") == row["run_id"]
    before = tables.read("runs").where(same).collect()
    for one in (*begun, *(found.asDict() for found in before)):
        if any(one[name] != row[name] for name in _SAME) or any(
            one["parameters"].get(name) != row["parameters"].get(name) for name in _SAME_PARAMETERS
        ):
            raise UsageError(
                f"--run-id {row['run_id']} was a run with other rules, stages or namespace; "
                "give another"
            )
    status: Counter[str] = Counter()
    batches = bytes_in = bytes_out = 0
    sums = [
        F.expr(f"coalesce(sum({what}), 0)").alias(name)
        for name, what in _MEANING[last_table].items()
    ]
    last_rows = tables.read(last_table).where(same).groupBy("status")
    for group in last_rows.agg(F.max("batch").alias("batch"), *sums).collect():
        status[group.status] += int(group.own)
        status[Status.QUARANTINED.value] += int(group.within)
        batches = max(batches, group.batch + 1)
        bytes_in += int(group.bytes_in)
        bytes_out += int(group.bytes_out)
    if not before and not batches:
        return None
    return PreviousAttempt(batches, status, bytes_in, bytes_out, bool(before))
