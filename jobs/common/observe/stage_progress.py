"""Add up the progress of the stages of a run from the reports of tasks."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from jobs.common.observe.progress_reporter import ProgressReport


class Progress(NamedTuple):
    """Progress of one stage over all batches of a run.

    Attributes
    ----------
    stage : str
    objects, total : int
        Finished objects, and those of the run; a total of 0 is unknown.
    bytes : int
        Bytes of the sources of the finished objects.
    seconds : float
        Time in which the stage was active.
    rate : float
        Objects per second of the active time.
    seconds_left : float or None
        Expected time until the stage has finished all objects of the run.
    """

    stage: str
    objects: int
    total: int
    bytes: int
    seconds: float
    rate: float
    seconds_left: Optional[float]


class _Total(NamedTuple):
    """Finished objects and the bytes of their sources."""

    objects: int
    bytes: int


@dataclass
class BatchProgress:
    """Progress of one stage in one batch.

    Attributes
    ----------
    stage : str
    batch : int
    tasks, objects, bytes : int
        Size of the batch; 0 is unknown.
    started : float
        Monotonic time of the start.
    reported : dict
        Total of each task by its number.
    tasks_done : int
        Number of tasks that Spark has finished.
    """

    stage: str
    batch: int
    tasks: int
    objects: int
    bytes: int
    started: float
    reported: dict[int, _Total] = field(default_factory=dict)
    tasks_done: int = 0

    def add(self, task: int, objects: int, size: int) -> None:
        """Set the total of a task; a retried task does not move backward."""
        known = self.reported.get(task, _Total(0, 0))
        self.reported[task] = _Total(max(known.objects, objects), max(known.bytes, size))

    def total(self) -> _Total:
        """Return the finished objects: those reported, or more if Spark has finished more tasks."""
        objects = sum(total.objects for total in self.reported.values())
        size = sum(total.bytes for total in self.reported.values())
        if self.tasks:
            share = min(self.tasks_done, self.tasks) / self.tasks
            objects = max(objects, int(share * self.objects))
            size = max(size, int(share * self.bytes))
        if self.objects:
            objects = min(objects, self.objects)
        return _Total(objects, size)


class StageProgress:
    """Progress of one stage over all batches. The caller serializes all calls.

    Parameters
    ----------
    stage : str
    """

    def __init__(self, stage: str):
        self.stage = stage
        self.running: dict[int, BatchProgress] = {}
        self._counts_objects = False
        self._finished = _Total(0, 0)
        self._active_seconds = 0.0
        self._active_since = 0.0
        self._first_started = time.monotonic()

    def begin(self, batch: BatchProgress) -> None:
        """Add a batch that begins now."""
        if not self.running:
            self._active_since = batch.started
        self.running[batch.batch] = batch
        self._counts_objects |= batch.objects > 0

    def end(self, batch: BatchProgress, is_done: bool) -> None:
        """Remove a batch; all of its objects are finished unless the stage failed."""
        self.running.pop(batch.batch, None)
        if not self.running:
            self._active_seconds += time.monotonic() - self._active_since
        if is_done:
            total = batch.total()
            objects, size = self._finished
            self._finished = _Total(
                objects + (batch.objects or total.objects), size + (batch.bytes or total.bytes)
            )

    def add(self, report: ProgressReport) -> None:
        """Add the report of a task; a report of a batch that has ended is late and ignored."""
        batch = self.running.get(report.batch)
        if batch is not None:
            batch.add(report.task, report.objects, report.bytes)

    def progress(self, run_objects: int) -> Progress:
        """Return the progress until now.

        Parameters
        ----------
        run_objects : int
            Objects of the run; 0 is unknown.
        """
        totals = [self._finished, *(batch.total() for batch in self.running.values())]
        objects = sum(total.objects for total in totals)
        now = time.monotonic()
        seconds = self._active_seconds + (now - self._active_since if self.running else 0.0)
        rate = objects / seconds if seconds > 0 else 0.0
        left = None
        if not self._counts_objects:
            run_objects = 0
        if objects and run_objects:
            left = max(0, run_objects - objects) * (now - self._first_started) / objects
        total = max(run_objects, objects) if run_objects else 0
        size = sum(total.bytes for total in totals)
        return Progress(self.stage, objects, total, size, seconds, rate, left)
