from __future__ import annotations

import time

import pytest

from jobs.common.observe.progress_reporter import ProgressReport
from jobs.common.observe.stage_progress import BatchProgress, StageProgress


def make_batch(number: int = 0, tasks: int = 2, objects: int = 10) -> BatchProgress:
    return BatchProgress("SCAN", number, tasks, objects, objects * 100, time.monotonic())


def make_stage(*batches: BatchProgress) -> StageProgress:
    stage = StageProgress("SCAN")
    for batch in batches:
        stage.begin(batch)
    return stage


def test_totals_of_tasks_add_up() -> None:
    stage = make_stage(make_batch())
    for report in (
        ProgressReport("SCAN", 0, 0, 1, 100),
        ProgressReport("SCAN", 0, 1, 2, 200),
        ProgressReport("SCAN", 0, 0, 3, 300),
    ):
        stage.add(report)
    progress = stage.progress(100)
    assert (progress.objects, progress.total, progress.bytes) == (5, 100, 500)


def test_a_retried_task_does_not_move_backward() -> None:
    stage = make_stage(make_batch())
    stage.add(ProgressReport("SCAN", 0, 0, 4, 400))
    stage.add(ProgressReport("SCAN", 0, 0, 1, 100))
    assert stage.progress(10).objects == 4


def test_a_lost_report_is_made_up_for_at_the_end_of_the_batch() -> None:
    batch = make_batch()
    stage = make_stage(batch)
    stage.add(ProgressReport("SCAN", 0, 0, 4, 400))
    stage.end(batch, is_done=True)
    assert stage.progress(20).objects == 10
    assert stage.progress(20).bytes == 1000


def test_a_late_report_is_ignored() -> None:
    batch = make_batch()
    stage = make_stage(batch)
    stage.end(batch, is_done=True)
    stage.add(ProgressReport("SCAN", 0, 1, 5, 500))
    assert stage.progress(20).objects == 10


def test_a_failed_batch_counts_nothing() -> None:
    batch = make_batch()
    stage = make_stage(batch)
    stage.add(ProgressReport("SCAN", 0, 0, 4, 400))
    stage.end(batch, is_done=False)
    assert stage.progress(20).objects == 0


def test_two_batches_may_be_active_at_once() -> None:
    first, second = make_batch(0), make_batch(1)
    stage = make_stage(first, second)
    stage.add(ProgressReport("SCAN", 1, 0, 3, 0))
    stage.end(first, is_done=True)
    assert stage.progress(20).objects == 13


def test_finished_tasks_of_spark_count_if_reports_are_lost() -> None:
    batch = make_batch(tasks=5)
    stage = make_stage(batch)
    stage.add(ProgressReport("SCAN", 0, 0, 1, 0))
    batch.tasks_done = 3
    assert stage.progress(10).objects == 6


def test_a_batch_has_no_more_objects_than_it_was_given() -> None:
    stage = make_stage(make_batch())
    stage.add(ProgressReport("SCAN", 0, 0, 11, 0))
    assert stage.progress(10).objects == 10


def test_rate_and_time_left_follow_from_the_time_of_the_stage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    batch = make_batch()
    stage = make_stage(batch)
    now = 1002.0
    stage.add(ProgressReport("SCAN", 0, 0, 4, 0))
    progress = stage.progress(10)
    assert (progress.seconds, progress.rate, progress.seconds_left) == (2, 2, 3)


def test_the_time_between_batches_lowers_the_time_left_but_not_the_rate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    batch = make_batch()
    stage = make_stage(batch)
    now = 1005.0
    stage.end(batch, is_done=True)
    now = 1010.0
    progress = stage.progress(20)
    assert (progress.seconds, progress.rate, progress.seconds_left) == (5, 2, 10)


def test_without_a_known_total_there_is_no_time_left() -> None:
    stage = make_stage(make_batch())
    stage.add(ProgressReport("SCAN", 0, 0, 4, 0))
    progress = stage.progress(0)
    assert (progress.objects, progress.total, progress.seconds_left) == (4, 0, None)


def test_a_stage_that_counts_no_objects_has_no_total() -> None:
    stage = make_stage(make_batch(objects=0))
    assert stage.progress(20).total == 0
