from __future__ import annotations

from typing import Any

from jobs.common.observe.spark_tasks import TaskCount, count_tasks, job_description


def test_jobs_of_the_block_have_the_description(spark: Any) -> None:
    context = spark.sparkContext
    with job_description(context, "safelight test r1: batch 3, SCAN"):
        assert context.getLocalProperty("spark.job.description") == (
            "safelight test r1: batch 3, SCAN"
        )
        context.parallelize(range(6), 3).count()
    (job,) = context.statusTracker().getJobIdsForGroup("safelight test r1: batch 3, SCAN")
    assert context.statusTracker().getJobInfo(job).status == "SUCCEEDED"
    assert context.getLocalProperty("spark.job.description") is None
    assert context.getLocalProperty("spark.jobGroup.id") is None


def test_an_inner_block_restores_the_outer_description(spark: Any) -> None:
    context = spark.sparkContext
    with job_description(context, "outer"):
        with job_description(context, "inner"):
            pass
        assert context.getLocalProperty("spark.jobGroup.id") == "outer"


def test_finished_tasks_are_counted(spark: Any) -> None:
    context = spark.sparkContext
    with job_description(context, "safelight test r1: batch 4, SCAN"):
        context.parallelize(range(6), 3).count()
    assert count_tasks(context, "safelight test r1: batch 4, SCAN") == TaskCount(3, 3)
    assert count_tasks(context, "no such group") is None


def test_without_a_context_nothing_is_described() -> None:
    with job_description(None, "text"):
        pass
