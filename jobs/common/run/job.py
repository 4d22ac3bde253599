"""Run one command over its sources: resume, skip, pack, process and commit, report the counts.

There is one job for images and notes. What differs is in the plug-in, see
:mod:`jobs.common.run.plugin`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timezone
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

from jobs.common.cli.errors import (
    JobError,
    UsageError,
)
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.cli.log import log_event
from jobs.common.delta.lease import Lease, hold_lease
from jobs.common.delta.maintenance import compact_small_files
from jobs.common.delta.rows import MappingRow, RunRow, SourceRow
from jobs.common.delta.run_journal import RunJournal, recover
from jobs.common.delta.tables.table_set import Tables
from jobs.common.mapping_store.dynamodb_table import find_table
from jobs.common.observe.observer import Observer
from jobs.common.observe.run_counts import BatchCounts
from jobs.common.run.background_commits import BackgroundCommits, group_tasks
from jobs.common.run.batch_commit import BatchCommitter
from jobs.common.run.batch_processing import BatchProcessor
from jobs.common.run.done_sources import find_done_sources
from jobs.common.run.existing_work import check_settings
from jobs.common.run.failures import describe_failure, describe_unreadable_run
from jobs.common.run.output_check import remake_missing_outputs
from jobs.common.run.plugin import Plugin
from jobs.common.run.resume import PreviousAttempt, find_previous_attempt
from jobs.common.run.run_config import RunConfig, list_versions
from jobs.common.run.stop_signals import Once, stop_on_signals
from jobs.common.run.table_compaction import compact_in_cluster
from jobs.common.sources.done_sources import exclude_done
from jobs.common.sources.listing import Listing
from jobs.common.sources.packing import Expand, PackedTask, PackingLimits, choose_limits, pack
from jobs.common.spark.aws_access import share_rates
from jobs.common.spark.session import count_allocatable_cores
from jobs.common.storage.objects import remove_partial_files
from safelight.records import Status

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Columns of ``runs`` that a resumed run updates.
_END_COLUMNS = ("outcome", "ended_at", "counts", "bytes_in", "bytes_out")

_INTERRUPTED = "interrupted; run the same command again to resume"


class PendingWork(NamedTuple):
    """Work of a run.

    Attributes
    ----------
    listing : Listing
        Sources to process.
    skipped : int
        Objects or notes that earlier runs have finished.
    """

    listing: Listing
    skipped: int


class Job:
    """One run of a command that de-identifies sources in batches.

    Parameters
    ----------
    config : RunConfig
        Checked arguments and listed sources.
    plugin : Plugin
        Kind of the sources.
    spark : callable
        Returns the Spark session. It is called only if there is work.
    """

    def __init__(
        self,
        config: RunConfig,
        plugin: Plugin[Any, Any, Any],
        spark: Callable[[], SparkSession],
    ):
        self._config = config
        self._spark = spark
        self._plugin = plugin
        self._started = time.time()
        self._totals = BatchCounts()
        self._skipped = 0
        self._observer = Observer(plugin.command, config.run_id, config.metrics)
        self._run_row = RunRow(
            run_id=config.run_id,
            command=plugin.command,
            started_at=datetime.now(timezone.utc),
            parameters=config.parameters,
            rules_hash=config.deidentifier.rules_hash,
            versions=list_versions(config.text_model),
        )

    @cached_property
    def _listing(self) -> Listing:
        """Return the listed sources with their IDs, which are derived once."""
        return self._config.listing.with_source_ids(self._config.deidentifier.pseudonyms())

    def _find_pending(self, tables: Tables) -> PendingWork:
        """Return the sources that no earlier run has finished under the same settings."""
        config, listing = self._config, self._listing
        settings = {
            "rules_hash": config.deidentifier.rules_hash,
            "stages": config.deidentifier.stages,
        }
        done = find_done_sources(
            tables,
            self._plugin.last_table,
            listing.is_local,
            config.limits,
            self._settings_of_output() | settings,
        )
        pending, skipped = exclude_done(listing, done)
        return PendingWork(pending, skipped)

    def _has_work(self, pending: PendingWork) -> bool:
        """Return whether there is anything to process."""
        return pending.listing.count > 0

    def _choose_limits(self, listing: Listing, cores: int) -> PackingLimits:
        """Return the limits of tasks and batches."""
        return choose_limits(listing, cores, self._config.deidentifier.pixels)

    def _list_items(self) -> Expand:
        """Return the function from pending sources to their items."""
        return self._plugin.list_items

    def _pack(self, tables: Tables, listing: Listing, expand: Expand) -> Iterator[PackedTask]:
        """Return the packed tasks of sources."""
        limits = self._choose_limits(listing, self._cores(tables))
        return pack(listing, limits, expand, self._plugin.must_read, lambda: tables.spark)

    def _cores(self, tables: Tables) -> int:
        """Return the cores of the cluster, including those that it may still allocate."""
        context = tables.spark.sparkContext
        return max(context.defaultParallelism, count_allocatable_cores(context.getConf()))

    def _process(self, tables: Tables, pending: PendingWork, first_batch: int) -> None:
        """Process the pending sources batch by batch; ``_totals`` counts committed batches."""
        listing = pending.listing
        self._observer.expect(listing.count, listing.total_bytes, pending.skipped)
        processor = BatchProcessor(tables, self._config, self._plugin, self._observer)
        committer = BatchCommitter(tables, self._config, self._plugin, processor)
        with BackgroundCommits(committer, self._totals, self._observer) as commits:
            self._process_batches(tables, pending, processor, commits, first_batch)

    def _process_batches(
        self,
        tables: Tables,
        pending: PendingWork,
        processor: BatchProcessor,
        commits: BackgroundCommits,
        first_batch: int,
    ) -> int:
        """Process all batches; return the number of the next one.

        Parameters
        ----------
        tables : Tables
        pending : PendingWork
        processor : BatchProcessor
        commits : BackgroundCommits
        first_batch : int
        """
        number = first_batch
        cores = self._cores(tables)
        if self._config.shares_rates:
            share_rates(tables.spark, cores)
        limits = self._choose_limits(pending.listing, cores)
        packed = self._pack(tables, pending.listing, self._list_items())
        for tasks in group_tasks(packed, limits.batch_tasks):
            commits.submit(processor.process(tasks, number))
            number += 1
        return number

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
        last_words = Once(partial(self._print_failure, _INTERRUPTED))
        try:
            with stop_on_signals(last_words), self._observer:
                try:
                    self._run_under_lease()
                finally:
                    self._observer.finish()
        except KeyboardInterrupt:
            last_words()
            raise
        except (UsageError, JobError) as error:
            self._print_failure(str(error))
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
            try:
                self._run(self._open_tables(lease))
            except UsageError:
                raise
            except JobError:
                lease.check()
                raise
            except Exception as error:
                lease.check()  # another run may have caused the error after the lease was lost
                raise JobError(describe_failure(error)) from None

    def _open_tables(self, lease: Lease) -> Tables:
        config = self._config
        elsewhere = {MappingRow.table} if find_table(config.mapping_store) else set()
        return Tables(self._start_spark, config.tables, config.mapping, lease, elsewhere)

    def _start_spark(self) -> SparkSession:
        """Return the Spark session, which starts now unless the listing has needed it."""
        with self._observer.stage("START"):
            session = self._spark()
        self._observer.attach(session.sparkContext)
        return session

    def _run(self, tables: Tables) -> None:
        config = self._config
        tables.evolve((*self._plugin.tables, "annotations", "runs"))
        tables.protect((SourceRow.table, MappingRow.table))
        journal = RunJournal(config.tables)
        previous = None
        if config.named:
            previous = find_previous_attempt(
                tables, self._plugin.last_table, self._run_row, journal.unfinished()
            )
        check_settings(tables, config, self._plugin.last_table)
        if recover(tables, journal, config.run_id):
            log_event(
                "run_recovered",
                "an earlier run did not end; what it had not committed is processed again",
            )
            for location in {config.output, config.tables, config.mapping}:
                remove_partial_files(location)
        with self._observer.stage("SKIP"):
            remake_missing_outputs(
                tables, config, self._plugin.last_table, self._listing.source_ids
            )
            pending = self._find_pending(tables)
        journal.begin(self._run_row)
        self._skipped = pending.skipped
        if self._has_work(pending):
            self._process(tables, pending, previous.batches if previous else 0)
            for table in self._plugin.tables:  # of attempts of tasks that failed or were too slow
                tables.delete_uncommitted_files(table, config.run_id, ())
        failure = describe_unreadable_run(tables, config, self._plugin.last_table, self._summary())
        self._record_run(tables, previous, "failed" if failure else "done")
        journal.end(config.run_id)
        if failure:
            raise JobError(failure)
        with self._observer.stage("COMPACT"):
            not_compacted = self._compact(tables)
        for table in not_compacted:
            log_event(
                "table_not_compacted",
                f"the table {table} has many small files; run `safelight tables optimize`",
            )

    def _compact(self, tables: Tables) -> list[str]:
        """Compact tables with many small files; return the names of those that are left.

        If Spark runs, each table is one task of the cluster: compaction took half of the serial CPU
        time of the driver, and 100 MB of its memory.
        """
        if not tables.has_session:
            return compact_small_files(tables)
        return compact_small_files(tables, partial(compact_in_cluster, tables.spark))

    def _summary(self) -> dict[str, Any]:
        """Return the counts of what was committed, for the last line of stdout."""
        totals = self._totals
        counts = totals.by_status()
        return {
            "run_id": self._config.run_id,
            "seen": sum(counts.values()) + self._skipped,
            **counts,
            "skipped": self._skipped,
            "seconds": round(time.time() - self._started, 3),
            "bytes_in": totals.bytes_in,
            "bytes_out": totals.bytes_out,
        }

    def _settings_of_output(self) -> dict[str, str]:
        """Return the columns of rows of the last table that hold the settings of this run."""
        config = self._config
        return {
            "key_id": config.deidentifier.pseudonyms().key_id,
            "namespace": config.deidentifier.namespace,
            "output_root": config.output.uri,
        }

    def _record_run(
        self, tables: Tables, previous: Optional[PreviousAttempt], outcome: str
    ) -> None:
        """Append the row of the run to ``runs``, or update the row of its earlier attempt."""
        summary = self._summary()
        run = replace(
            self._run_row,
            outcome=outcome,
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
