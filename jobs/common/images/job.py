"""The main job, from its arguments to its last line."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime, timezone
from typing import Any, Optional

import pyarrow.dataset as ds

from jobs.common.cli.errors import JobError, UsageError, describe_cause
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.cli.progress_bar import progress_bar
from jobs.common.delta.lease import hold_lease
from jobs.common.delta.run_journal import Journal, recover
from jobs.common.delta.schemas import TABLES
from jobs.common.delta.table_set import Tables
from jobs.common.images.batches import BatchRunner
from jobs.common.run.batch_job import Totals, source_id
from jobs.common.run.resume import EarlierRun, earlier_run
from jobs.common.run.run_config import Plan, versions
from jobs.common.spark.packing import bounds_for, pack_batches
from jobs.common.spark.session import session_on_demand
from jobs.common.storage.backend import Source
from jobs.common.storage.objects import remove_partial_files
from safelight.records import Reason, Status

#: Objects that ended so are tried again by the next run: the cause may have gone.
TRANSIENT = (Reason.UNREADABLE_SOURCE.value,)


class Deidentification:
    """One run.

    Attributes
    ----------
    command : str
        Whose run it is.
    table : str
        Where a batch stands once it is done.
    tables : tuple of str
        What it writes.
    """

    command = "deidentify"
    table = "instances"
    tables: tuple[str, ...] = (*TABLES, "runs")

    def __init__(self, plan: Plan):
        self._plan = plan
        self._started = time.time()
        self._totals = Totals()
        self._skipped_now = 0
        self._row = {
            "run_id": plan.run_id,
            "command": self.command,
            "started_at": datetime.now(timezone.utc),
            "parameters": plan.parameters,
            "rules_hash": plan.engine.rules_hash,
            "versions": versions(plan.text_model),
        }

    def run(self) -> int:
        """Do all that is not done yet; print the last line; the exit code.

        Raises
        ------
        UsageError, JobError
            After the last line, which then has the sentence as ``error`` beside the counts of
            what was committed.
        """
        plan = self._plan
        try:
            self._run_under_lease()
        except (UsageError, JobError, KeyboardInterrupt) as error:
            told = str(error) or "interrupted; run the same command to resume"
            print(json.dumps(self._summary() | {"error": told}))
            raise
        summary = self._summary()
        print(json.dumps(summary))
        failed = plan.fail_on_quarantine and summary["quarantined"]
        return ExitCode.QUARANTINED if failed else ExitCode.DONE

    def _run_under_lease(self) -> None:
        plan = self._plan
        with hold_lease(plan.tables, plan.lease_table) as lease:
            with session_on_demand(self.command, plan.master, plan.settings) as spark:
                try:
                    self._run(Tables(spark, plan.tables, plan.mapping, lease))
                except (UsageError, JobError):
                    raise
                except Exception as error:
                    raise JobError(
                        f"the run failed ({describe_cause(error)}); run it again"
                    ) from None

    def _run(self, tables: Tables) -> None:
        plan = self._plan
        tables.check(self.tables)
        journal = Journal(plan.tables)
        earlier = None
        if plan.named:
            earlier = earlier_run(tables, self.table, self._row, journal.unfinished())
        if recover(tables, journal, plan.run_id):
            print("an earlier run had not ended; its last batch is done again", file=sys.stderr)
            for place in {plan.output, plan.tables, plan.mapping}:
                remove_partial_files(place)
        todo = self._not_done(tables)
        journal.begin(self._row)
        self._skipped_now = self._skipped(todo)
        if todo:
            self._totals = self._process(tables, todo, earlier.batches if earlier else 0)
        self._close(tables, earlier)
        journal.end(plan.run_id)
        for reason, count in sorted(self._totals.reasons.items()):
            print(f"{reason}: {count}", file=sys.stderr)

    def _summary(self) -> dict[str, Any]:
        """The last line, of as much as was committed."""
        totals = self._totals
        counts = {status.value: totals.status[status.value] for status in Status}
        return {
            "run_id": self._plan.run_id,
            "seen": sum(counts.values()) + self._skipped_now,
            **counts,
            "skipped": self._skipped_now,
            "seconds": round(time.time() - self._started, 3),
            "bytes_in": totals.bytes_in,
            "bytes_out": totals.bytes_out,
        }

    def _process(self, tables: Tables, todo: list[Source], first: int) -> Totals:
        """Do what is to be done, batch by batch."""
        plan, spark = self._plan, tables.spark
        runner = BatchRunner(
            tables, plan.engine, plan.output.uri, plan.run_id, plan.rules_name, plan.text_model
        )
        self._totals = runner.totals
        bounds = bounds_for(todo, spark.sparkContext.defaultParallelism, plan.engine.pixels)
        with progress_bar(len(todo)) as advance:
            for number, tasks in enumerate(pack_batches(todo, bounds), first):
                runner.run(tasks, number)
                advance(sum(map(len, tasks)))
        return runner.totals

    def _skipped(self, todo: list[Source]) -> int:
        """How many were done before."""
        return len(self._plan.sources) - len(todo)

    def _not_done(self, tables: Tables) -> list[Source]:
        """The sources that ``instances`` does not show as done in the same way."""
        plan = self._plan
        if not plan.sources or not tables.exists("instances"):
            return plan.sources
        names = plan.engine.pseudonyms()
        todo = {source_id(names, source): source for source in plan.sources}
        rules = ds.field("rules_hash") == plan.engine.rules_hash
        stages = ds.field("stages") == plan.engine.stages
        same = rules & stages & self._settled()
        for row in tables.rows("instances", ["source_id"], same):
            todo.pop(row["source_id"], None)
        return list(todo.values())

    def _settled(self) -> ds.Expression:
        """Rows of outcomes that stand, for our key, namespace and output."""
        plan = self._plan
        return (
            (ds.field("key_id") == plan.engine.pseudonyms().key_id)
            & (ds.field("namespace") == plan.engine.namespace)
            & (ds.field("output_root") == plan.output.uri)
            & ~ds.field("reason_code").isin(list(TRANSIENT))
        )

    def _close(self, tables: Tables, earlier: Optional[EarlierRun]) -> None:
        """Enter the run into ``runs``, or bring its row up to date."""
        from pyspark.sql import functions as F

        summary = self._summary()
        outcome = {
            "outcome": "done",
            "ended_at": datetime.now(timezone.utc),
            "counts": {
                name: summary[name] for name in ("seen", "skipped", *(s.value for s in Status))
            },
            "bytes_in": summary["bytes_in"],
            "bytes_out": summary["bytes_out"],
        }
        if earlier is not None:
            outcome = earlier.with_more(outcome)
        if earlier is not None and earlier.has_row:
            tables.update("runs", F.col("run_id") == self._plan.run_id, outcome)
        else:
            tables.append_rows("runs", [self._row | outcome])
