"""Pack sources by bytes into tasks, and tasks into batches that are committed one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from jobs.common.storage.backend import Source

#: PackingLimits of one task. One object of more bytes is a task of its own.
TASK_BYTES = 64 * 1024 * 1024
TASK_FILES = 200

#: Tasks of one batch for each core: what a killed run has to do again. Header work goes in
#: large batches, so that no core waits long for the last task of one.
TASKS_PER_CORE = 32
TASKS_PER_CORE_WITH_PIXELS = 2

#: Tasks of one batch, whatever the cluster: their rows meet in the driver, about 4 KB an object.
BATCH_TASKS = 512

#: Below this a task is not worth its start.
_SMALLEST_TASK = 1024 * 1024


@dataclass(frozen=True)
class PackingLimits:
    """How much one task and one batch may hold."""

    task_bytes: int
    task_files: int
    batch_tasks: int


def choose_limits(sources: Sequence[Source], cores: int, pixels: bool) -> PackingLimits:
    """PackingLimits that let all cores work, also when there is little to do."""
    shares = 2 * cores
    size = sum(source.size for source in sources)
    return PackingLimits(
        task_bytes=min(TASK_BYTES, max(_SMALLEST_TASK, -(-size // shares))),
        task_files=min(TASK_FILES, max(1, -(-len(sources) // shares))),
        batch_tasks=max(
            cores,
            min(BATCH_TASKS, cores * (TASKS_PER_CORE_WITH_PIXELS if pixels else TASKS_PER_CORE)),
        ),
    )


def pack_tasks(sources: Iterable[Source], bounds: PackingLimits) -> Iterator[tuple[Source, ...]]:
    """Tasks within the bounds, in the order of the sources.

    A folder is not cut where it fits into one task: what belongs to a series stands in one
    folder or under one prefix as a rule, and then its names and texts are computed once.
    """
    task: list[Source] = []
    size = 0

    def full(count: int, more: int) -> bool:
        return bool(task) and (
            len(task) + count > bounds.task_files or size + more > bounds.task_bytes
        )

    for _, members in groupby(sources, key=lambda source: source.folder):
        folder = list(members)
        if full(len(folder), sum(source.size for source in folder)):
            yield tuple(task)
            task, size = [], 0
        for source in folder:
            if full(1, source.size):
                yield tuple(task)
                task, size = [], 0
            task.append(source)
            size += source.size
    if task:
        yield tuple(task)


def pack_batches(
    sources: Iterable[Source], bounds: PackingLimits
) -> Iterator[tuple[tuple[Source, ...], ...]]:
    """Batches of tasks."""
    batch: list[tuple[Source, ...]] = []
    for task in pack_tasks(sources, bounds):
        batch.append(task)
        if len(batch) == bounds.batch_tasks:
            yield tuple(batch)
            batch = []
    if batch:
        yield tuple(batch)
