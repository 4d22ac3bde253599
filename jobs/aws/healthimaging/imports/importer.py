"""Import de-identified objects: check, stage, start jobs, follow them, and record the results.

The steps of a chunk are recorded in the staging folder before they are taken, so that the same
command completes an import that was killed at any point: a repeated client token starts no second
job, and rows of a chunk that ``imports`` has are not added again.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

import pyarrow.dataset as ds

from jobs.aws.healthimaging.imports.chunk_store import ChunkState, ChunkStore
from jobs.aws.healthimaging.imports.chunks import COPIED, STOW, Chunk, pack_items
from jobs.aws.healthimaging.imports.in_place import find_in_place
from jobs.aws.healthimaging.imports.item_queue import ItemQueue, open_temporary_database
from jobs.aws.healthimaging.imports.items import (
    IMPORTED,
    REFUSED,
    UNLISTED,
    ImportItem,
    count_bytes,
)
from jobs.aws.healthimaging.imports.plan import ImportPlan
from jobs.aws.healthimaging.imports.results import FileResult, read_results
from jobs.aws.healthimaging.imports.selection import (
    Selection,
    read_deleted_patients,
    select_items,
)
from jobs.aws.healthimaging.imports.staging import UNREADABLE, CheckedItem, check_item, stage_item
from jobs.aws.healthimaging.imports.stow import find_stored, read_outcome, send_instances
from jobs.aws.healthimaging.release_gates import (
    WITHDRAWN,
    DicomwebWarningSearch,
    GateSettings,
    count_gates,
    hold_withdrawn,
    judge_chunk,
)
from jobs.aws.healthimaging.service import (
    BUSY_CODES,
    DataStoreClient,
    JobRequest,
    JobState,
    ServiceError,
)
from jobs.common.aws.client_errors import describe_error
from jobs.common.aws.dicomweb import StoreOutcome, healthimaging_client
from jobs.common.cli.errors import JobError
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.cli.log import log_event
from jobs.common.delta.lease import Lease, hold_lease
from jobs.common.delta.rows import ImportRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.spark.driver_memory import return_freed_memory

#: Factor by which the wait between two polls of a job rises, and the longest wait.
_POLL_FACTOR = 1.5
_MAX_POLL_FACTOR = 12

#: Seconds for which an import waits for the jobs of others before it gives up.
_BUSY_SECONDS = 1800.0

#: Types of refusals and failures that are not those of the service.
_TOO_LARGE = "FileTooLarge"
_JOB_FAILED = "ImportJobFailed"


@dataclass
class _RunningJob:
    """An import job that has not ended; the state of its chunk is in the staging folder."""

    job_id: str
    next_poll: float
    wait: float


class ImportSummary:
    """Counts of an import, for the last line of the command."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.exceptions: Counter[str] = Counter()
        self.warnings: Counter[str] = Counter()
        self.gates: Counter[str] = Counter()
        self.released = self.unreadable = self.jobs = self.running = self.bytes = 0

    def add(self, rows: Sequence[ImportRow]) -> None:
        """Count rows that were recorded."""
        self.statuses.update(row.status for row in rows)
        self.exceptions.update(row.exception_type for row in rows if row.exception_type)
        self.warnings.update(name for row in rows for name in row.warnings)
        self.gates.update(count_gates(rows))
        self.released += sum(row.released for row in rows)

    @property
    def held(self) -> int:
        """Number of imported instances that are not released."""
        return self.statuses[IMPORTED] - self.released

    def to_json(self) -> dict[str, Any]:
        """Return the counts as an object of JSON."""
        return {
            "imported": self.statuses[IMPORTED],
            "released": self.released,
            "held": self.held,
            "failed": self.statuses["failed"],
            "refused": self.statuses[REFUSED],
            "unreadable": self.unreadable,
            "running": self.running,
            "jobs": self.jobs,
            "bytes": self.bytes,
            "exceptions": dict(sorted(self.exceptions.items())),
            "warnings": dict(sorted(self.warnings.items())),
            "gates": dict(sorted(self.gates.items())),
        }


class Importer:
    """One import.

    Parameters
    ----------
    plan : ImportPlan
        Checked arguments.
    sleep : callable, optional
        Waits for a number of seconds.
    """

    def __init__(self, plan: ImportPlan, sleep: Callable[[float], None] = time.sleep):
        self._plan = plan
        self._sleep = sleep
        self._started = time.time()
        self._summary = ImportSummary()
        self._store = ChunkStore(plan.staging, plan.wanted.datastore_id)
        self._running: dict[str, _RunningJob] = {}
        self._resumed: set[str] = set()

    def run(self) -> int:
        """Import all objects that the data store does not hold yet, and print the last line.

        Raises
        ------
        UsageError, JobError
            If the import cannot be completed.
        """
        return_freed_memory()
        plan = self._plan
        self._client = DataStoreClient(plan.wanted.datastore_id, plan.region, self._sleep)
        self._client.require_active()
        self._gates = self._make_gates()
        # The table has its own lease: runs may write the others meanwhile.
        folder = plan.tables.child(ImportRow.table)
        with hold_lease(folder, plan.lease_table) as lease:
            self._tables = Tables(None, plan.tables, lease=Lease(lease.check))
            self._tables.evolve([ImportRow.table])
            with ThreadPoolExecutor(plan.threads) as pool:
                self._pool = pool
                counts = self._import()
        summary = self._summary
        seconds = round(time.time() - self._started, 3)
        print(json.dumps({**summary.to_json(), **counts, "seconds": seconds}))
        if summary.statuses[UNLISTED]:
            raise JobError(
                f"import jobs imported {summary.statuses[UNLISTED]} files that no chunk holds; "
                "find their image sets in `imports` (status unlisted), and delete them"
            )
        if summary.gates[WITHDRAWN]:
            raise JobError(
                f"{summary.gates[WITHDRAWN]} instances of patients who were deleted meanwhile have "
                "been imported; run `safelight healthimaging delete` for these patients again"
            )
        is_held = summary.held or summary.statuses["failed"] or summary.statuses[REFUSED]
        return ExitCode.QUARANTINED if plan.fail_on_held and is_held else ExitCode.DONE

    def _make_gates(self) -> GateSettings:
        plan = self._plan
        search = None
        if plan.search_warnings:
            search = DicomwebWarningSearch.of_datastore(plan.wanted.datastore_id, plan.region)
        return GateSettings(plan.policy, self._client, search, plan.compare_frames)

    def _import(self) -> dict[str, int]:
        """Import all objects that are selected; return counts of objects left out."""
        with closing(open_temporary_database()) as database:
            selection = select_items(self._tables, self._plan.wanted, database)
            self._import_items(selection.items)
        return _count_left_out(selection)

    def _import_items(self, items: ItemQueue) -> None:
        """Resume open chunks, then import new ones."""
        pending = map(self._store.read, self._find_pending(items))
        for state in chain(pending, map(ChunkState, self._make_chunks(items))):
            self._make_room()
            self._advance(state)
            self._collect(self._due_jobs())
        while self._running and self._plan.wait:
            self._sleep_until_due()
            self._collect(self._due_jobs())
        self._summary.running = len(self._running)

    def _find_pending(self, items: ItemQueue) -> list[str]:
        """Return the tokens of the open chunks of an earlier import; remove their objects.

        Recorded ones are forgotten. So are those that hold an object which the current arguments do
        not select, such as one of a patient who was deleted meanwhile, if their job was not
        started: their other objects are packed again.

        Parameters
        ----------
        items : ItemQueue
            Objects that are selected.
        """
        pending = []
        count = 0
        for state in map(self._store.read, self._store.list_tokens()):
            chunk = state.chunk
            is_selected = items.has_all(chunk.items)
            if self._is_recorded(state) or not (is_selected or self._is_started(state)):
                self._store.remove(state)
            else:
                items.remove(chunk.items)
                pending.append(chunk.token)
                count += len(chunk.items)
        self._resumed = set(pending)
        if pending:
            log_event("import_resumed", f"{len(pending)} open imports are resumed", objects=count)
        return pending

    def _is_started(self, state: ChunkState) -> bool:
        """Return whether objects of an open chunk may be in the data store."""
        if state.job_id or state.is_sending:
            return True
        return self._client.find_job(state.chunk.job_name) is not None

    def _is_recorded(self, state: ChunkState) -> bool:
        condition = ds.field("chunk") == state.chunk.token
        return next(self._tables.rows(ImportRow.table, ["chunk"], condition), None) is not None

    def _make_chunks(self, items: ItemQueue) -> Iterator[Chunk]:
        """Yield all objects in chunks, and remove them; refuse those that are too large."""
        plan = self._plan
        datastore_id, limits = plan.wanted.datastore_id, plan.limits
        too_large = (item for item in items if item.size > limits.file_bytes)
        while refused := tuple(islice(too_large, limits.files)):
            self._refuse(refused)
            items.remove(refused)
        if plan.in_place:
            for chunk in find_in_place(items, datastore_id, limits):
                items.remove(chunk.items)
                yield chunk
        method = STOW if plan.stow else COPIED
        yield from (Chunk(datastore_id, method, part) for part in pack_items(items, limits))

    def _refuse(self, items: tuple[ImportItem, ...]) -> None:
        """Record objects that no import can take."""
        chunk = Chunk(self._plan.wanted.datastore_id, COPIED, items)
        state = ChunkState(chunk, [CheckedItem(item, _TOO_LARGE) for item in items])
        self._record(state, {})

    # Steps of one chunk

    def _advance(self, state: ChunkState) -> None:
        """Take a chunk as far as it gets without waiting for its job."""
        if state.checked is None:
            self._store.save(state)
            if state.chunk.method != STOW:
                self._check(state)
        if state.chunk.method == STOW:
            self._record(state, self._send(state))
        elif not state.accepted:
            self._record(state, {})
        else:
            if not state.job_id:
                self._start(state)
            wait = self._plan.poll_seconds
            next_poll = time.monotonic() + wait
            self._running[state.chunk.token] = _RunningJob(state.job_id, next_poll, wait)

    def _check(self, state: ChunkState) -> None:
        """Check all objects of a chunk, and copy them unless they are imported in place."""
        plan, chunk = self._plan, state.chunk
        folder = self._store.input_folder(chunk)

        def check(item: ImportItem) -> CheckedItem:
            if chunk.input_uri:
                return check_item(item, plan.compare_frames).checked
            return stage_item(item, folder, plan.compare_frames)

        try:
            state.checked = list(self._pool.map(check, chunk.items))
        except JobError:
            raise
        except Exception as error:  # OSError, or classes of botocore
            raise _staging_failed(error) from None
        if chunk.input_uri and len(state.accepted) < len(chunk.items):
            # The job would import the refused objects as well: take the way with copies.
            self._store.remove(state)
            state.chunk, state.checked = replace(chunk, method=COPIED, input_uri=""), None
            self._store.save(state)
            self._check(state)
            return
        self._store.save(state)

    def _start(self, state: ChunkState) -> None:
        """Start the job of a chunk; an earlier import may have started it before it was killed."""
        chunk = state.chunk
        if chunk.token in self._resumed:
            state.job_id = self._client.find_job(chunk.job_name) or ""
        deadline = time.monotonic() + _BUSY_SECONDS
        while not state.job_id:
            try:
                state.job_id = self._client.start_job(self._request_of(chunk))
            except ServiceError as error:
                if error.code not in BUSY_CODES or time.monotonic() > deadline:
                    raise
                self._sleep(self._plan.poll_seconds)
                self._collect(self._due_jobs())
        self._store.save(state)
        self._summary.jobs += 1
        log_event(
            "import_job_started",
            f"an import job of {len(state.accepted)} objects has started",
            objects=len(state.accepted),
            bytes=count_bytes(chunk.items),
        )

    def _request_of(self, chunk: Chunk) -> JobRequest:
        folder = chunk.input_uri or self._store.input_folder(chunk).uri
        return JobRequest(
            chunk.job_name,
            chunk.token,
            self._plan.role_arn,
            folder.rstrip("/") + "/",
            self._store.output_folder.uri + "/",
        )

    def _send(self, state: ChunkState) -> dict[str, FileResult]:
        """Send the objects of a chunk by STOW-RS, unless an earlier request has stored them."""
        plan = self._plan
        found = list(
            self._pool.map(lambda item: check_item(item, plan.compare_frames), state.chunk.items)
        )
        state.checked = [one.checked for one in found]
        before = StoreOutcome()
        if state.is_sending:
            before = find_stored(state, self._client)
        state.is_sending = True
        self._store.save(state)
        data = [
            one.data
            for one in found
            if not one.checked.refusal and one.checked.item.sop_uid not in before.stored
        ]
        sent = StoreOutcome()
        if data:
            sender = healthimaging_client(plan.wanted.datastore_id, plan.region)
            sent = send_instances(sender, data)
        outcome = StoreOutcome((*before.stored, *sent.stored), sent.warnings, sent.failures)
        return read_outcome(state, outcome, self._client, self._sleep)

    # Jobs

    def _make_room(self) -> None:
        """Wait until one more job may run."""
        while len(self._running) >= self._plan.jobs:
            self._sleep_until_due()
            self._collect(self._due_jobs())

    def _sleep_until_due(self) -> None:
        first = min(job.next_poll for job in self._running.values())
        wait = first - time.monotonic()
        if wait > 0:
            self._sleep(min(wait, self._plan.poll_seconds))

    def _due_jobs(self) -> list[tuple[str, JobState]]:
        """Poll the jobs that are due, or that an event reported as ended.

        Returns
        -------
        list of (str, JobState)
            Token of the chunk and state of each job that has ended.
        """
        if not self._running:
            return []
        reported = self._store.list_ended_jobs()
        now = time.monotonic()
        ended = []
        for token, running in list(self._running.items()):
            if running.next_poll > now and running.job_id not in reported:
                continue
            job = self._client.get_job(running.job_id)
            if job.has_ended:
                del self._running[token]
                ended.append((token, job))
                continue
            longest = self._plan.poll_seconds * _MAX_POLL_FACTOR
            running.wait = min(running.wait * _POLL_FACTOR, longest)
            running.next_poll = now + running.wait
        return ended

    def _collect(self, ended: Sequence[tuple[str, JobState]]) -> None:
        """Record the results of jobs that have ended."""
        for token, job in ended:
            state = self._store.read(token)
            if job.status == "COMPLETED":
                self._record(state, read_results(job.output_uri, self._sleep).files)
            else:
                failure = FileResult(exception_type=_JOB_FAILED)
                self._record(state, {one.item.file_name: failure for one in state.accepted})

    def _record(self, state: ChunkState, files: Any) -> None:
        """Append the rows of a chunk, then forget it."""
        rows = judge_chunk(state, files, self._gates)
        withdrawn = read_deleted_patients(self._tables, self._plan.wanted.datastore_id)
        hold_withdrawn(rows, withdrawn)
        if rows:
            self._tables.append_rows(rows)
        self._store.remove(state)
        summary = self._summary
        summary.add(rows)
        summary.unreadable += sum(one.refusal == UNREADABLE for one in state.checked or ())
        summary.bytes += count_bytes(one.item for one in state.accepted)
        held = sum(row.status == IMPORTED and not row.released for row in rows)
        failed = sum(row.status not in (IMPORTED, REFUSED) for row in rows)
        log_event(
            "import_recorded",
            f"an import of {len(state.accepted)} objects is recorded: {held} held, {failed} failed",
            objects=len(state.accepted),
        )


def _count_left_out(selection: Selection) -> dict[str, int]:
    return {
        "skipped": selection.done,
        "failed_before": selection.failed_before,
        "withdrawn": selection.withdrawn,
        "not_released": selection.not_released,
    }


def _staging_failed(error: Exception) -> JobError:
    sentence = "an object cannot be copied to the staging folder"
    return JobError(describe_error(sentence, error, "check --staging and its permissions"))
