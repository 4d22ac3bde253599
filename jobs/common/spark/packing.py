"""Pack sources by bytes into tasks, and tasks into batches that are committed one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from jobs.common.storage.backend import Source

S = TypeVar("S", bound=Source)

#: Limits of one task. A larger object is a task of its own.
TASK_MAX_BYTES = 64 * 1024 * 1024
TASK_MAX_FILES = 200

#: Tasks of one batch per core. A killed run repeats at most one batch. Batches of header work are
#: larger, so that cores seldom wait for the last task of a batch.
TASKS_PER_CORE = 32
TASKS_PER_CORE_WITH_PIXELS = 2

#: Upper limit of the tasks of one batch: the driver holds their rows, about 4 KB per object.
BATCH_MAX_TASKS = 512

#: A smaller task costs more to start than to run.
_TASK_MIN_BYTES = 1024 * 1024


@dataclass(frozen=True)
class PackingLimits:
    """Limits of tasks and batches.

    Attributes
    ----------
    task_bytes, task_files : int
        Bytes and files of one task.
    batch_tasks : int
        Tasks of one batch.
    """

    task_bytes: int
    task_files: int
    batch_tasks: int


def choose_limits(sources: Sequence[Source], cores: int, pixels: bool) -> PackingLimits:
    """Return limits that occupy all cores, even if there is little work.

    Parameters
    ----------
    sources : sequence of Source
    cores : int
        Cores of the cluster.
    pixels : bool
        Whether the pixel stage is on.
    """
    shares = 2 * cores
    size = sum(source.size for source in sources)
    tasks_per_core = TASKS_PER_CORE_WITH_PIXELS if pixels else TASKS_PER_CORE
    return PackingLimits(
        task_bytes=min(TASK_MAX_BYTES, max(_TASK_MIN_BYTES, -(-size // shares))),
        task_files=min(TASK_MAX_FILES, max(1, -(-len(sources) // shares))),
        batch_tasks=max(cores, min(BATCH_MAX_TASKS, cores * tasks_per_core)),
    )


def pack_tasks(sources: Iterable[S], limits: PackingLimits) -> Iterator[tuple[S, ...]]:
    """Yield tasks within the limits, in the order of the sources.

    A folder that fits into one task is not divided: the objects of a series are mostly in one
    folder or under one prefix, and a task computes their common names and texts once.

    Parameters
    ----------
    sources : iterable of Source
        Sources in the order of the listing, so that the sources of a folder are adjacent.
    limits : PackingLimits
        Limits of bytes and files per task. A larger source is a task of its own.

    Yields
    ------
    tuple of Source
        Sources of one task, at least one.
    """
    task: list[S] = []
    size = 0

    def is_full(more_files: int, more_bytes: int) -> bool:
        return bool(task) and (
            len(task) + more_files > limits.task_files or size + more_bytes > limits.task_bytes
        )

    for _, members in groupby(sources, key=lambda source: source.folder):
        folder = list(members)
        if is_full(len(folder), sum(source.size for source in folder)):
            yield tuple(task)
            task, size = [], 0
        for source in folder:
            if is_full(1, source.size):
                yield tuple(task)
                task, size = [], 0
            task.append(source)
            size += source.size
    if task:
        yield tuple(task)


def pack_batches(
    sources: Iterable[S], limits: PackingLimits
) -> Iterator[tuple[tuple[S, ...], ...]]:
    """Yield batches of tasks within the limits, in the order of the sources.

    Parameters
    ----------
    sources : iterable of Source
        Sources in the order of the listing.
    limits : PackingLimits
        Limits of each task, and of the number of tasks per batch.

    Yields
    ------
    tuple of tuple of Source
        Sources of one batch by task, at least one task. See :func:`pack_tasks`.
    """
    batch: list[tuple[S, ...]] = []
    for task in pack_tasks(sources, limits):
        batch.append(task)
        if len(batch) == limits.batch_tasks:
            yield tuple(batch)
            batch = []
    if batch:
        yield tuple(batch)
