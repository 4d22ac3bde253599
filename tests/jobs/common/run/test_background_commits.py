from __future__ import annotations

import threading
from typing import Any

import pytest

from jobs.common.cli.errors import JobError
from jobs.common.observe.observer import Observer
from jobs.common.observe.run_counts import BatchCounts, Outcome, QuarantinedObject
from jobs.common.run.background_commits import BackgroundCommits, group_tasks
from jobs.common.run.batch_commit import CommittedBatch
from jobs.common.run.batch_processing import ProcessedBatch
from jobs.common.run.work_items import BatchContext
from jobs.common.sources.packing import PackedTask
from jobs.common.spark.object_limits import ObjectLimits
from tests.jobs.runs import fake_config


class Committer:
    """Committer that records the order of its batches, and waits for a permission."""

    def __init__(self) -> None:
        self.committed: list[int] = []
        self.may_commit = threading.Event()
        self.fails_at = -1

    def commit(self, batch: ProcessedBatch) -> CommittedBatch:
        assert self.may_commit.wait(10)
        number = batch.context.batch
        if number == self.fails_at:
            raise JobError("the lease of the tables was lost")
        self.committed.append(number)
        counts = BatchCounts(objects=1)
        counts.outcomes[Outcome("quarantined", "truncated")] = 1
        return CommittedBatch(counts, [QuarantinedObject(f"s{number}", "truncated")])


def batch(number: int) -> ProcessedBatch:
    context = BatchContext(fake_config(), "/o", "/t", "/t", "r1", number, "fake", ObjectLimits())
    return ProcessedBatch(context, [], ())


def commits_of(committer: Any, totals: BatchCounts) -> BackgroundCommits:
    return BackgroundCommits(committer, totals, Observer("tests"))


def test_the_caller_goes_on_while_a_batch_is_committed() -> None:
    committer, totals = Committer(), BatchCounts()
    with commits_of(committer, totals) as commits:
        commits.submit(batch(0))
        assert committer.committed == []
        committer.may_commit.set()
        commits.submit(batch(1))
    assert committer.committed == [0, 1]
    assert totals.by_status()["quarantined"] == 2


def test_a_commit_that_fails_ends_the_run_at_the_next_batch() -> None:
    committer, totals = Committer(), BatchCounts()
    committer.may_commit.set()
    committer.fails_at = 0
    with pytest.raises(JobError, match="lease"), commits_of(committer, totals) as commits:
        commits.submit(batch(0))
        commits.submit(batch(1))
    assert committer.committed == [] and totals.objects == 0


def test_the_last_commit_is_waited_for_and_may_fail() -> None:
    committer, totals = Committer(), BatchCounts()
    committer.may_commit.set()
    committer.fails_at = 1
    with pytest.raises(JobError, match="lease"), commits_of(committer, totals) as commits:
        commits.submit(batch(0))
        commits.submit(batch(1))
    assert committer.committed == [0]


def test_tasks_are_grouped_into_batches_in_their_order() -> None:
    tasks = [PackedTask(bytes([n]), 1, n) for n in range(5)]
    groups = [[task.bytes for task in group] for group in group_tasks(tasks, 2)]
    assert groups == [[0, 1], [2, 3], [4]]
