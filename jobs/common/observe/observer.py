"""Observe a run in the driver: progress, log lines, metrics, Spark job descriptions."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Optional

from jobs.common.cli.log import (
    LogValue,
    add_log_context,
    is_json_log,
    log_event,
    set_line_guard,
)
from jobs.common.observe.metrics import MetricsOptions, MetricsSink, RunMetrics
from jobs.common.observe.progress_reporter import NO_BATCH, ProgressAddress, ProgressReport
from jobs.common.observe.progress_text import format_bar, format_sentence
from jobs.common.observe.report_receiver import ReportReceiver, open_receiver
from jobs.common.observe.run_counts import MAX_SAMPLES, BatchCounts, QuarantinedObject
from jobs.common.observe.spark_tasks import JobDescriptions, count_tasks
from jobs.common.observe.stage_progress import BatchProgress, Progress, StageProgress
from jobs.common.observe.terminal_display import TerminalDisplay

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

#: Seconds between two drawings on a terminal.
DRAW_SECONDS = 0.5

#: Seconds between two lines of progress if stderr is not a terminal, and between two
#: publications of metrics within a batch.
LINE_SECONDS = 30.0

#: Seconds without a report after which the tasks that Spark has finished are counted.
SILENT_SECONDS = 3.0


class StageHandle:
    """Stage of a batch that is active; the driver reports its own work to it.

    Parameters
    ----------
    observer : Observer
    progress : BatchProgress
    """

    def __init__(self, observer: Observer, progress: BatchProgress):
        self._observer = observer
        self._progress = progress
        self._objects = 0
        self._bytes = 0

    def report(self, objects: int = 1, size: int = 0) -> None:
        """Add objects that the driver has finished in this stage.

        Parameters
        ----------
        objects : int
            Number of objects since the last call.
        size : int
            Bytes of their sources.
        """
        self._objects += objects
        self._bytes += size
        progress = self._progress
        task = NO_BATCH  # no task of Spark has this number
        self._observer.receive(
            ProgressReport(progress.stage, progress.batch, task, self._objects, self._bytes)
        )


class Observer:
    """Observer of one run. Use it in a ``with`` block around the whole run.

    All methods may be called from any thread.

    Parameters
    ----------
    command : str
        Name of the sub-command.
    run_id : str
        ID of the run, or an empty string if the command has none.
    metrics : MetricsOptions, optional
        Destinations of the metrics (default: none).
    """

    def __init__(self, command: str, run_id: str = "", metrics: Optional[MetricsOptions] = None):
        self._command = command
        self._run_id = run_id
        self._sinks = _make_sinks(metrics or MetricsOptions())
        self._lock = threading.RLock()
        self._publish_lock = threading.Lock()
        self._stages: dict[str, StageProgress] = {}
        self._counts = BatchCounts()
        self._batches = 0
        self._samples: list[QuarantinedObject] = []
        self._objects = self._size = self._skipped = 0
        self._started = time.time()
        self._last_commit = self._last_report = time.monotonic()
        self._context: Optional[SparkContext] = None
        self._descriptions = JobDescriptions()
        self._receiver: Optional[ReportReceiver] = None
        self._display = _make_display()
        self._closed = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="progress-display", daemon=True)

    def __enter__(self) -> Observer:
        """Start the display, and name the run in all log lines."""
        add_log_context(command=self._command)
        if self._run_id:
            add_log_context(run_id=self._run_id)
        if self._display is not None:
            set_line_guard(self._display.around_line)
        self._ticker.start()
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """Remove the display and publish the last metrics."""
        self._close()
        self._publish(succeeded=error is None)

    @property
    def address(self) -> Optional[ProgressAddress]:
        """Return the address for the reports of workers; ``None`` before :meth:`attach`."""
        return self._receiver.address if self._receiver is not None else None

    def attach(self, context: SparkContext) -> None:
        """Describe the jobs of a Spark context, and receive the reports of its workers.

        Parameters
        ----------
        context : SparkContext
            Context of the run. A second call has no effect.
        """
        if self._context is None:
            self._context = context
            self._descriptions.attach(context)
            self._receiver = open_receiver(context, self.receive)

    def attach_at_start(self, start: Callable[[], SparkSession]) -> Callable[[], SparkSession]:
        """Return a function that starts a session and attaches its context.

        Parameters
        ----------
        start : callable
            Function without parameters that returns the session.

        Returns
        -------
        callable
            Function without parameters that returns the session.
        """

        def start_attached() -> SparkSession:
            session = start()
            self.attach(session.sparkContext)
            return session

        return start_attached

    def expect(self, objects: int, size: int = 0, skipped: int = 0) -> None:
        """Set the size of the work of the run.

        Parameters
        ----------
        objects : int
            Number of objects to process, without the skipped ones; 0 if it is unknown.
        size : int
            Bytes of their sources; 0 if it is unknown.
        skipped : int
            Objects that earlier runs have finished.
        """
        with self._lock:
            self._objects, self._size, self._skipped = objects, size, skipped
        self._log_json(
            "work_listed", f"{objects} objects to process", objects=objects, bytes=size,
            skipped=skipped,
        )  # fmt: skip

    @contextmanager
    def stage(
        self,
        name: str,
        batch: Optional[int] = None,
        tasks: int = 0,
        objects: int = 0,
        size: int = 0,
    ) -> Iterator[StageHandle]:
        """Observe one stage of one batch, and describe the Spark jobs that it starts.

        Stages of several batches, and several stages, may be active at once in several threads.

        Parameters
        ----------
        name : str
            Name of the stage in upper case, such as ``REBUILD``; at most 16 letters.
        batch : int, optional
            Number of the batch in the run.
        tasks : int
            Number of Spark tasks of the stage; 0 if it has none.
        objects, size : int
            Objects of the batch and bytes of their sources; 0 if the stage does not report them.

        Yields
        ------
        StageHandle
            Takes reports of work that the driver does itself.
        """
        number = NO_BATCH if batch is None else batch
        progress = BatchProgress(name, number, tasks, objects, size, time.monotonic())
        with self._lock:
            stage = self._stages.setdefault(name, StageProgress(name))
            stage.begin(progress)
        self._log_json("stage_started", f"{name} started", stage=name, batch=batch)
        is_done = False
        try:
            with self._descriptions.describe(self._describe(name, batch)):
                yield StageHandle(self, progress)
            is_done = True
        finally:
            with self._lock:
                stage.end(progress, is_done)
            seconds = round(time.monotonic() - progress.started, 3)
            event, verb = ("stage_finished", "finished") if is_done else ("stage_failed", "failed")
            self._log_json(event, f"{name} {verb}", stage=name, batch=batch, seconds=seconds)

    def receive(self, report: ProgressReport) -> None:
        """Add the report of a task."""
        with self._lock:
            self._last_report = time.monotonic()
            stage = self._stages.get(report.stage)
            if stage is not None:
                stage.add(report)

    def quarantined(self, source_id: str, reason: str) -> None:
        """Add a quarantined object to the examples that the end of the run names.

        Only the first ten of the run are kept. Call it in the order of the listing, so that two
        runs name the same objects.

        Parameters
        ----------
        source_id : str
            Keyed hash of the source.
        reason : str
            Code of the reason.
        """
        with self._lock:
            if len(self._samples) < MAX_SAMPLES:
                self._samples.append(QuarantinedObject(source_id, reason))

    def batch_committed(self, batch: int, counts: BatchCounts) -> None:
        """Count a committed batch, and publish the metrics.

        Parameters
        ----------
        batch : int
            Number of the batch in the run.
        counts : BatchCounts
            Counts of this batch.
        """
        with self._lock:
            self._counts.add(counts)
            self._batches += 1
            self._last_commit = time.monotonic()
        reasons = {outcome.reason: count for outcome, count in counts.by_reason()}
        self._log_json(
            "batch_committed", f"batch {batch} committed", batch=batch, objects=counts.objects,
            bytes_in=counts.bytes_in, bytes_out=counts.bytes_out, statuses=counts.by_status(),
            reasons=reasons,
        )  # fmt: skip
        self._publish()

    def finish(self) -> None:
        """Log the reasons with counts and the examples of quarantined objects.

        These are the last lines on stderr, before the error of a run that has failed.
        """
        self._close()
        for outcome, count in self._counts.by_reason():
            log_event(
                "reason_count", f"{outcome.status} {outcome.reason}: {count}",
                status=outcome.status, reason=outcome.reason, count=count,
            )  # fmt: skip
        for source_id, reason in self._samples:
            log_event(
                "quarantined_object", f"quarantined {source_id} {reason}",
                source_id=source_id, reason=reason,
            )  # fmt: skip
        more = self._counts.by_status()["quarantined"] - len(self._samples)
        if self._samples and more > 0:
            log_event(
                "quarantined_more",
                f"and {more} more; `safelight status` lists all of them",
                count=more,
            )

    def progress(self) -> list[Progress]:
        """Return the progress of the stages, in the order in which they began."""
        with self._lock:
            return [stage.progress(self._objects) for stage in self._stages.values()]

    def _close(self) -> None:
        """Stop the threads and remove the display."""
        self._closed.set()
        if self._ticker.is_alive() and self._ticker is not threading.current_thread():
            self._ticker.join(2 * DRAW_SECONDS)  # it may wait for a Java process that has died
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.close()
        display, self._display = self._display, None
        if display is not None:
            display.clear()
            set_line_guard(nullcontext)

    def _describe(self, name: str, batch: Optional[int]) -> str:
        """Return the description of the Spark jobs of a stage."""
        run = f"safelight {self._command} {self._run_id}".rstrip()
        return f"{run}: {name}" if batch is None else f"{run}: batch {batch}, {name}"

    def _log_json(self, event: str, message: str, **fields: LogValue) -> None:
        """Log an event that people do not need to read."""
        if is_json_log():
            given = {name: value for name, value in fields.items() if value is not None}
            log_event(event, message, **given)

    def _tick(self) -> None:
        """Draw the progress, log it and publish metrics until the observer is closed."""
        next_line = time.monotonic() + LINE_SECONDS
        while not self._closed.wait(DRAW_SECONDS):
            self._count_spark_tasks()
            display = self._display
            if display is not None:
                display.draw([format_bar(p) for p in self.progress() if self._is_shown(p)])
            if time.monotonic() >= next_line:
                next_line = time.monotonic() + LINE_SECONDS
                self._publish()
                if self._display is None:
                    self._log_progress()

    def _is_shown(self, progress: Progress) -> bool:
        """Return whether a terminal shows a stage: it is active, or counts objects."""
        return bool(self._stages[progress.stage].running) or progress.objects > 0

    def _log_progress(self) -> None:
        """Log the progress of the active stages."""
        for progress in self.progress():
            if self._stages[progress.stage].running:
                log_event(
                    "progress", format_sentence(progress), stage=progress.stage,
                    objects=progress.objects, total=progress.total, bytes=progress.bytes,
                    seconds=round(progress.seconds, 1), rate=round(progress.rate, 3),
                    seconds_left=progress.seconds_left and round(progress.seconds_left),
                )  # fmt: skip

    def _count_spark_tasks(self) -> None:
        """Count the finished tasks of active stages if no report has arrived for some time."""
        context = self._context
        if context is None or time.monotonic() - self._last_report < SILENT_SECONDS:
            return
        with self._lock:
            self._last_report = time.monotonic()
            running = [p for stage in self._stages.values() for p in stage.running.values()]
        for progress in running:
            batch = None if progress.batch == NO_BATCH else progress.batch
            count = count_tasks(context, self._describe(progress.stage, batch))
            if count is not None and progress.objects:
                with self._lock:
                    progress.tasks, progress.tasks_done = count.total, count.done

    def _publish(self, succeeded: Optional[bool] = None) -> None:
        """Publish the metrics; publications do not overlap."""
        if not self._sinks:
            return
        with self._publish_lock:
            metrics = self._measure(succeeded)
            for sink in self._sinks:
                sink.publish(metrics)

    def _measure(self, succeeded: Optional[bool]) -> RunMetrics:
        """Return the current values of the metrics."""
        with self._lock:
            queued = max(0, self._objects - self._counts.objects)
            lag = time.monotonic() - self._last_commit if queued and succeeded is None else 0.0
            counts = BatchCounts()
            counts.add(self._counts)
            return RunMetrics(
                command=self._command,
                run_id=self._run_id,
                counts=counts,
                batches=self._batches,
                skipped=self._skipped,
                stage_seconds={p.stage: p.seconds for p in self.progress()},
                queue_objects=queued,
                queue_bytes=max(0, self._size - counts.bytes_in) if queued else 0,
                queue_lag_seconds=lag,
                started=self._started,
                updated=time.time(),
                succeeded=succeeded,
            )


def _make_display() -> Optional[TerminalDisplay]:
    """Return the display, if stderr is a terminal and lines are for people."""
    try:
        is_terminal = sys.stderr.isatty()
    except ValueError:  # stderr is closed
        is_terminal = False
    return TerminalDisplay() if is_terminal and not is_json_log() else None


def _make_sinks(options: MetricsOptions) -> list[MetricsSink]:
    """Return the destinations of the metrics."""
    sinks: list[MetricsSink] = []
    if options.file:
        from jobs.common.observe.prometheus_file import PrometheusFile

        sinks.append(PrometheusFile(options.file))
    if options.cloudwatch_namespace:
        from jobs.common.observe.cloudwatch import CloudWatchMetrics

        sinks.append(CloudWatchMetrics(options.cloudwatch_namespace))
    return sinks
