"""Commit batches in their order in the background, while the next batch is processed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Optional

from jobs.common.observe.observer import Observer
from jobs.common.observe.run_counts import BatchCounts
from jobs.common.run.batch_commit import BatchCommitter
from jobs.common.run.batch_processing import ProcessedBatch
from jobs.common.sources.packing import PackedTask


class BackgroundCommits:
    """Commits of the batches of a run: at most one is in progress.

    Parameters
    ----------
    committer : BatchCommitter
    totals : BatchCounts
        Counts the committed batches.
    observer : Observer
    """

    def __init__(self, committer: BatchCommitter, totals: BatchCounts, observer: Observer):
        self._committer = committer
        self._totals = totals
        self._observer = observer
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._last: Optional[Future[None]] = None

    def __enter__(self) -> BackgroundCommits:
        """Return the commits."""
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        """Wait for the last commit.

        Raises
        ------
        JobError
            If the last commit failed, unless the block has raised already.
        """
        try:
            if error is None:
                self.wait()
        finally:
            self._pool.shutdown()

    def submit(self, batch: ProcessedBatch) -> None:
        """Commit a batch after those before it.

        Raises
        ------
        JobError
            If the commit of the batch before failed.
        """
        self.wait()
        self._last = self._pool.submit(self._commit, batch)

    def wait(self) -> None:
        """Wait until all batches are committed.

        Raises
        ------
        JobError
            If a commit failed.
        """
        if self._last is not None:
            self._last.result()
            self._last = None

    def _commit(self, batch: ProcessedBatch) -> None:
        number = batch.context.batch
        with self._observer.stage("COMMIT", number):
            committed = self._committer.commit(batch)
        self._totals.add(committed.counts)
        for source_id, reason in committed.quarantined:
            self._observer.quarantined(source_id, reason)
        self._observer.batch_committed(number, committed.counts)


def group_tasks(tasks: Iterable[PackedTask], count: int) -> Iterator[list[PackedTask]]:
    """Yield the tasks of each batch.

    Parameters
    ----------
    tasks : iterable of PackedTask
    count : int
        Tasks of one batch.
    """
    group: list[PackedTask] = []
    for task in tasks:
        group.append(task)
        if len(group) == count:
            yield group
            group = []
    if group:
        yield group
