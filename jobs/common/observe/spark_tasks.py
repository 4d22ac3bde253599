"""Name the jobs of Spark by stage and batch, and count the tasks that Spark has finished."""

from __future__ import annotations

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


@contextmanager
def job_description(context: Optional[SparkContext], text: str) -> Iterator[None]:
    """Set the group and the description of the Spark jobs that this thread starts in the block.

    The Spark UI, the event log and the status tracker show them.

    Parameters
    ----------
    context : SparkContext, optional
        Without it, nothing is set.
    text : str
        Group and description, free of PHI.
    """
    if context is None:
        yield
        return
    before = {name: context.getLocalProperty(name) for name in (_GROUP, _DESCRIPTION)}
    context.setJobGroup(text, text)
    try:
        yield
    finally:
        if context._jsc is not None:  # the context may have stopped
            for name, value in before.items():
                context.setLocalProperty(name, value)  # type: ignore[arg-type]


def count_tasks(context: SparkContext, group: str) -> Optional[TaskCount]:
    """Return the tasks of the largest Spark stage of a group of jobs.

    Parameters
    ----------
    context : SparkContext
    group : str
        Group that :func:`job_description` has set.

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
