"""Run one command over its sources: resume, process batch by batch, report the counts."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial
from typing import Any, ClassVar, NamedTuple, Optional

import pyarrow.dataset as ds

from jobs.common.cli.errors import (
    JobError,
    UsageError,
    describe_cause,
)
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.cli.log import log_event
from jobs.common.delta.lease import hold_lease
from jobs.common.delta.maintenance import compact_small_files
from jobs.common.delta.rows import RunRow
from jobs.common.delta.run_journal import RunJournal, recover
from jobs.common.delta.table_set import Tables
from jobs.common.observe.observer import Observer
from jobs.common.run.batch_runner import RunTotals, source_id
from jobs.common.run.existing_work import check_settings
from jobs.common.run.final_outcomes import is_final
from jobs.common.run.output_check import remake_missing_outputs
from jobs.common.run.resume import PreviousAttempt, find_previous_attempt
from jobs.common.run.run_config import RunConfig, list_versions
from jobs.common.run.stop_signals import stop_on_signals
from jobs.common.spark.session import lazy_session
from jobs.common.storage.backend import Source
from jobs.common.storage.objects import remove_partial_files
from safelight.records import Status

#: Columns of ``runs`` that a resumed run updates.
_END_COLUMNS = ("outcome", "ended_at", "counts", "bytes_in", "bytes_out")

_INTERRUPTED = "interrupted; run the same command again to resume"


class PendingWork(NamedTuple):
    """Work of a run.

    Attributes
    ----------
    sources : list of Source
        Sources to process.
    skipped : int
        Objects or notes that earlier runs have finished.
    """

    sources: list[Source]
    skipped: int


class Job(ABC):
    """One run of a command that de-identifies sources in batches.

    Parameters
    ----------
    config : RunConfig
        Checked arguments and listed sources.

    Attributes
    ----------
    command : str
        Name of the sub-command, as `runs` records it.
    last_table : str
        Table whose rows make a batch count. It is committed last.
    tables : tuple of str
        Tables that the run writes.
    """

    command: ClassVar[str]
    last_table: ClassVar[str]
    tables: ClassVar[tuple[str, ...]]

    def __init__(self, config: RunConfig):
        self._config = config
        self._started = time.time()
        self._totals = RunTotals()
        self._skipped = 0
        self._observer = Observer(self.command, config.run_id, config.metrics)
        self._run_row = RunRow(
            run_id=config.run_id,
            command=self.command,
            started_at=datetime.now(timezone.utc),
            parameters=config.parameters,
            rules_hash=config.deidentifier.rules_hash,
            versions=list_versions(config.text_model),
        )

    @abstractmethod
    def _find_pending(self, tables: Tables) -> PendingWork:
        """Return the sources that no earlier run has finished under the same settings."""

    @abstractmethod
    def _process(self, tables: Tables, sources: list[Source], first_batch: int) -> None:
        """Process the pending sources batch by batch; ``_totals`` counts committed batches."""

    def _observe_work(self, tables: Tables, sources: Sequence[Source]) -> None:
        """Tell the observer the size of the work and the Spark context."""
        size = sum(source.size for source in sources)
        self._observer.expect(len(sources), size, self._skipped)
        self._observer.attach(tables.spark.sparkContext)

    @contextmanager
    def _observe_batch(self, number: int, tasks: Sequence[Sequence[Source]]) -> Iterator[None]:
        """Observe a batch that is processed and committed in the block."""
        objects = sum(map(len, tasks))
        size = sum(source.size for task in tasks for source in task)
        with self._observer.stage("REBUILD", number, len(tasks), objects, size):
            yield
        self._totals.observe_batch(self._observer, number, objects)

    def run(self) -> int:
        """Process all pending sources and print the summary as the last line of stdout.

        Returns
        -------
        int
            Exit code of the process.

        Raises
        ------
        UsageError, JobError
            After the summary is printed. It then holds the message as ``error`` and the counts
            of the batches that were committed.
        """
        try:
            with stop_on_signals(partial(self._print_failure, _INTERRUPTED)), self._observer:
                self._run_under_lease()
                self._observer.finish()
        except (UsageError, JobError, KeyboardInterrupt) as error:
            self._print_failure(str(error) or _INTERRUPTED)
            raise
        summary = self._summary()
        print(json.dumps(summary))
        failed = self._config.fail_on_quarantine and summary["quarantined"]
        return ExitCode.QUARANTINED if failed else ExitCode.DONE

    def _print_failure(self, message: str) -> None:
        print(json.dumps(self._summary() | {"error": message}), flush=True)

    def _run_under_lease(self) -> None:
        config = self._config
        with hold_lease(config.tables, config.lease_table) as lease:
            with lazy_session(
                self.command, config.master, config.settings, config.cluster_needs
            ) as spark:
                try:
                    self._run(Tables(spark, config.tables, config.mapping, lease))
                except (UsageError, JobError):
                    raise
                except Exception as error:
                    cause = describe_cause(error)
                    raise JobError(
                        f"the run failed ({cause}); run the same command again"
                    ) from None

    def _run(self, tables: Tables) -> None:
        config = self._config
        tables.evolve(self.tables)
        journal = RunJournal(config.tables)
        previous = None
        if config.named:
            previous = find_previous_attempt(
                tables, self.last_table, self._run_row, journal.unfinished()
            )
        check_settings(tables, config, self.last_table)
        if recover(tables, journal, config.run_id):
            log_event(
                "run_recovered", "an earlier run did not end; its last batch is processed again"
            )
            for location in {config.output, config.tables, config.mapping}:
                remove_partial_files(location)
        with self._observer.stage("SKIP"):
            remake_missing_outputs(tables, config, self.last_table, self._list_ids)
            pending = self._find_pending(tables)
        journal.begin(self._run_row)
        self._skipped = pending.skipped
        if pending.sources:
            first_batch = previous.batches if previous else 0
            self._process(tables, pending.sources, first_batch)
        self._record_run(tables, previous)
        journal.end(config.run_id)
        for table in compact_small_files(tables):
            log_event(
                "table_not_compacted",
                f"the table {table} has many small files; run `safelight tables optimize`",
            )

    def _list_ids(self) -> Iterator[str]:
        names = self._config.deidentifier.pseudonyms()
        return (source_id(names, source) for source in self._config.sources)

    def _summary(self) -> dict[str, Any]:
        """Return the counts of what was committed, for the last line of stdout."""
        totals = self._totals
        counts = {status.value: totals.status[status.value] for status in Status}
        return {
            "run_id": self._config.run_id,
            "seen": sum(counts.values()) + self._skipped,
            **counts,
            "skipped": self._skipped,
            "seconds": round(time.time() - self._started, 3),
            "bytes_in": totals.bytes_in,
            "bytes_out": totals.bytes_out,
        }

    def _has_final_outcome(self, tables: Tables) -> ds.Expression:
        """Return the condition for rows of ``last_table`` with a final outcome.

        They have the key, the namespace and the output of this run.
        """
        config = self._config
        return (
            (ds.field("key_id") == config.deidentifier.pseudonyms().key_id)
            & (ds.field("namespace") == config.deidentifier.namespace)
            & (ds.field("output_root") == config.output.uri)
            & is_final(tables, config.limits)
        )

    def _record_run(self, tables: Tables, previous: Optional[PreviousAttempt]) -> None:
        """Append the row of the run to ``runs``, or update the row of its earlier attempt."""
        summary = self._summary()
        run = replace(
            self._run_row,
            outcome="done",
            ended_at=datetime.now(timezone.utc),
            counts={
                name: summary[name] for name in ("seen", "skipped", *(s.value for s in Status))
            },
            bytes_in=summary["bytes_in"],
            bytes_out=summary["bytes_out"],
        )
        if previous is not None:
            run = previous.add_to(run)
        if previous is None or not previous.has_row:
            tables.append_rows([run])
            return
        ended = {name: getattr(run, name) for name in _END_COLUMNS}
        tables.update("runs", {"run_id": run.run_id}, ended)
