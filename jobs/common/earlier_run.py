"""What was done before under the name of a run: it goes on, and its row speaks of all of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Optional

from jobs.common.problems import ArgumentProblem
from jobs.common.tables import Tables
from safelight.records import Status

#: What must be the same for a run to go on under its name.
_SAME = ("command", "rules_hash")
_SAME_PARAMETERS = ("namespace", "pixels", "text")

#: Table of a batch's last rows: how many objects or notes a row stands for, by outcome.
_COUNTED = {
    "instances": "1",
    "note_files": "CASE WHEN status = 'deidentified' THEN notes - notes_quarantined ELSE 1 END",
}
_QUARANTINED_WITHIN = {
    "instances": "0",
    "note_files": "CASE WHEN status = 'deidentified' THEN notes_quarantined ELSE 0 END",
}


@dataclass(frozen=True)
class EarlierRun:
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


def earlier_run(tables: Tables, last_table: str, row: dict[str, Any]) -> Optional[EarlierRun]:
    """The run of this name, if there is one.

    Parameters
    ----------
    last_table : str
        Where a batch stands once it is done.
    row : dict
        The run that begins, as ``runs`` will have it.

    Raises
    ------
    ArgumentProblem
        If it was another command, or had other rules or stages or another namespace.
    """
    from pyspark.sql import functions as F

    if not tables.exists(last_table) and not tables.exists("runs"):
        return None
    same = F.col("run_id") == row["run_id"]
    before = tables.read("runs").where(same).collect()
    for one in before:
        unlike = any(one[name] != row[name] for name in _SAME) or any(
            (one.parameters or {}).get(name) != row["parameters"].get(name)
            for name in _SAME_PARAMETERS
        )
        if unlike:
            raise ArgumentProblem(
                f"--run-id {row['run_id']} was a run with other rules, stages or namespace; "
                "give another"
            )
    status: Counter[str] = Counter()
    batches = bytes_in = bytes_out = 0
    grouped = (
        tables.read(last_table)
        .where(same)
        .groupBy("status")
        .agg(
            F.expr(f"sum({_COUNTED[last_table]})").alias("count"),
            F.expr(f"sum({_QUARANTINED_WITHIN[last_table]})").alias("within"),
            F.sum("source_bytes").alias("bytes_in"),
            F.sum(F.coalesce("output_bytes", F.lit(0))).alias("bytes_out"),
            F.max("batch").alias("batch"),
        )
    )
    for group in grouped.collect():
        status[group.status] += int(group["count"])
        status[Status.QUARANTINED.value] += int(group.within)
        batches = max(batches, group.batch + 1)
        bytes_in += group.bytes_in
        bytes_out += group.bytes_out
    if not before and not batches:
        return None
    return EarlierRun(batches, status, bytes_in, bytes_out, bool(before))
