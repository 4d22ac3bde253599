"""Decide what happens next: wait, start the run of a batch again, or start a new batch.

One invocation at a time decides. All state is in the control folder and in DynamoDB, each step can
be repeated, and pending events are deleted last: an invocation that ends anywhere loses nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import Optional

from jobs.aws.trigger.batch_table import Batch, BatchState, BatchTable, Turn
from jobs.aws.trigger.control_folder import ControlFolder
from jobs.aws.trigger.manifest import is_newer, make_manifest, manifest_name, read_manifest
from jobs.aws.trigger.pending_events import PendingEvents, PendingFile, is_due, take_oldest
from jobs.aws.trigger.runs import Runs, RunState
from jobs.aws.trigger.settings import BatchLimits
from jobs.aws.trigger.upload_events import keep_newest
from jobs.common.cli.log import log_error, log_event


class Decision(str, Enum):
    """Decision of an invocation.

    Attributes
    ----------
    BUSY
        Another invocation decides.
    WAITING
        A run is active, or another run holds the lease of the tables.
    COLLECTING
        No batch is due.
    STARTED
        A run was started.
    """

    BUSY = "busy"
    WAITING = "waiting"
    COLLECTING = "collecting"
    STARTED = "started"


class Dispatcher:
    """Decision of what happens next.

    Parameters
    ----------
    folder : ControlFolder
    table : BatchTable
    runs : Runs
    limits : BatchLimits
    is_leased : callable
        Returns whether a run holds the lease of the tables.
    now : callable, optional
        Clock, in seconds since the epoch.
    """

    def __init__(
        self,
        folder: ControlFolder,
        table: BatchTable,
        runs: Runs,
        limits: BatchLimits,
        is_leased: Callable[[], bool],
        now: Callable[[], float] = time.time,
    ):
        self._folder = folder
        self._pending = PendingEvents(folder)
        self._table = table
        self._runs = runs
        self._limits = limits
        self._is_leased = is_leased
        self._now = now

    def dispatch(self, owner: str, seconds: float) -> Decision:
        """Decide once.

        Parameters
        ----------
        owner : str
            ID of the invocation.
        seconds : float
            Time that the invocation may still take.

        Raises
        ------
        JobError
            If a service refuses a request. A later invocation repeats the step.
        """
        turn = self._table.lock(owner, self._now(), seconds)
        if turn is None:
            return Decision.BUSY
        try:
            return self._decide(turn, owner)
        finally:
            self._table.unlock(owner)

    def _decide(self, turn: Turn, owner: str) -> Decision:
        batch = self._table.get(turn.current) if turn.current else None
        previous = turn.previous
        if batch is not None:
            batch = self._follow(batch)
            if batch.state is BatchState.PLANNED:
                return self._start(batch)
            if batch.state is BatchState.STARTED:
                return Decision.WAITING
            self._table.end_turn(batch)
            previous = batch.digest if batch.state is BatchState.DONE else previous
        repeated = self._next_replay(turn.replays)
        if repeated is not None:
            return self._start(self._table.replay(repeated, owner))
        files = self._pending.list_files()
        if not is_due(files, self._limits, self._now()):
            return Decision.COLLECTING
        if self._is_leased():
            return Decision.WAITING
        return self._start_batch(files, previous, owner)

    def _next_replay(self, digests: tuple[str, ...]) -> Optional[Batch]:
        """Return the first failed batch that is to be repeated."""
        for digest in digests:
            batch = self._table.get(digest)
            if batch is not None and batch.state is BatchState.FAILED:
                return batch
            self._table.drop_replay(digest)
        return None

    def _follow(self, batch: Batch) -> Batch:
        """Return a batch in the state that follows from that of its run."""
        if batch.state is not BatchState.STARTED:
            return batch
        state = self._runs.get_state(batch.job_run_id)
        if state is RunState.ACTIVE:
            return batch
        if state is RunState.SUCCEEDED:
            changed = replace(batch, state=BatchState.DONE)
            log_event("batch_done", "the run of a batch has ended", objects=batch.objects)
        else:
            changed = self._count_failure(batch)
        changed = replace(changed, updated_at=self._now())
        self._table.update(changed)
        return changed

    def _count_failure(self, batch: Batch) -> Batch:
        """Return a batch whose run has failed: planned again, or failed."""
        failures = batch.failures + 1
        if failures < self._limits.max_attempts:
            log_error("run_failed", "the run of a batch has failed; it is started again")
            return replace(
                batch, state=BatchState.PLANNED, failures=failures, attempt=batch.attempt + 1
            )
        log_error(
            "batch_failed",
            "all runs of a batch have failed; read the logs of the run, then run "
            "`safelight trigger replay --failed`",
            objects=batch.objects,
        )
        return replace(batch, state=BatchState.FAILED, failures=failures)

    def _start(self, batch: Batch) -> Decision:
        """Start the run of a planned batch, unless another run holds the lease."""
        if self._is_leased():
            return Decision.WAITING
        uri = self._folder.locate(manifest_name(batch.digest)).uri
        job_run_id = self._runs.start(batch, uri)
        self._table.update(
            replace(batch, state=BatchState.STARTED, job_run_id=job_run_id, updated_at=self._now())
        )
        log_event("run_started", "the run of a batch was started", objects=batch.objects)
        return Decision.STARTED

    def _start_batch(
        self, files: list[PendingFile], previous: Optional[str], owner: str
    ) -> Decision:
        """Make a batch of the oldest pending events and start its run."""
        taken = take_oldest(files, self._limits.max_objects)
        batch = self._make_batch(taken, previous)
        added = self._table.add(batch, owner) if batch else None
        if added is None:
            self._pending.remove(taken)  # all of it was deleted, or in a batch before
            return Decision.COLLECTING
        decision = self._start(added)
        self._pending.remove(taken)
        return decision

    def _make_batch(self, files: list[PendingFile], previous: Optional[str]) -> Optional[Batch]:
        """Write the manifest of pending events; return ``None`` if no upload is left."""
        before = self._folder.find(manifest_name(previous)) if previous else None
        listed = read_manifest(before) if before else {}
        newest = keep_newest(self._pending.read(files)).values()
        uploads = [event for event in newest if not event.removed and is_newer(event, listed)]
        if not uploads:
            return None
        manifest = make_manifest(uploads)
        self._folder.write_new(manifest.name, manifest.content)
        now = self._now()
        return Batch(
            manifest.digest,
            BatchState.PLANNED,
            manifest.objects,
            manifest.size,
            created_at=now,
            updated_at=now,
        )
