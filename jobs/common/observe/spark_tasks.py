"""Name the jobs of Spark by stage and batch, and count the tasks that Spark has finished."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, Optional

if TYPE_CHECKING:
    from pyspark import SparkContext

_GROUP = "spark.jobGroup.id"
_DESCRIPTION = "spark.job.description"


class TaskCount(NamedTuple):
    """Tasks of a Spark stage: finished and all."""

    done: int
    total: int


class JobDescriptions:
    """Descriptions of the Spark jobs that each thread starts.

    The Spark UI, the event log and the status tracker show them. Without a context, nothing is set.
    """

    def __init__(self) -> None:
        self._context: Optional[SparkContext] = None
        self._threads = threading.local()

    def attach(self, context: SparkContext) -> None:
        """Describe the jobs of a context, also those of the block that this thread is in."""
        self._context = context
        self._apply()

    @contextmanager
    def describe(self, text: str) -> Iterator[None]:
        """Set the group and the description of the jobs that this thread starts in the block.

        Parameters
        ----------
        text : str
            Group and description, free of PHI.
        """
        self._stack().append(text)
        self._apply()
        try:
            yield
        finally:
            self._stack().pop()
            self._apply()

    def _stack(self) -> list[str]:
        """Return the descriptions of the blocks that this thread is in, the innermost last."""
        stack: list[str] = self._threads.__dict__.setdefault("stack", [])
        return stack

    def _apply(self) -> None:
        context, stack = self._context, self._stack()
        if context is None or context._jsc is None:  # not attached, or the context has stopped
            return
        if stack:
            context.setJobGroup(stack[-1], stack[-1])
        else:
            for name in (_GROUP, _DESCRIPTION):
                context.setLocalProperty(name, None)  # type: ignore[arg-type]


def count_tasks(context: SparkContext, group: str) -> Optional[TaskCount]:
    """Return the tasks of the largest Spark stage of a group of jobs.

    Parameters
    ----------
    context : SparkContext
    group : str
        Group that :class:`JobDescriptions` has set.

    Returns
    -------
    TaskCount or None
        ``None`` if the group has no job yet, or the context has stopped.
    """
    try:
        tracker = context.statusTracker()
        jobs = [tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(group)]
        stages = [tracker.getStageInfo(stage) for job in jobs if job for stage in job.stageIds]
    except Exception:  # classes of py4j: the context has stopped
        return None
    counts = [TaskCount(stage.numCompletedTasks, stage.numTasks) for stage in stages if stage]
    return max(counts, key=lambda count: count.total, default=None)
