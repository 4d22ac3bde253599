from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from jobs.common.observe.spark_tasks import JobDescriptions, TaskCount, count_tasks


@pytest.fixture
def descriptions(spark: Any) -> JobDescriptions:
    found = JobDescriptions()
    found.attach(spark.sparkContext)
    return found


def test_jobs_of_the_block_have_the_description(spark: Any, descriptions: JobDescriptions) -> None:
    context = spark.sparkContext
    with descriptions.describe("safelight test r1: batch 3, SCAN"):
        assert context.getLocalProperty("spark.job.description") == (
            "safelight test r1: batch 3, SCAN"
        )
        context.parallelize(range(6), 3).count()
    (job,) = context.statusTracker().getJobIdsForGroup("safelight test r1: batch 3, SCAN")
    assert context.statusTracker().getJobInfo(job).status == "SUCCEEDED"
    assert context.getLocalProperty("spark.job.description") is None
    assert context.getLocalProperty("spark.jobGroup.id") is None


def test_an_inner_block_restores_the_outer_description(
    spark: Any, descriptions: JobDescriptions
) -> None:
    with descriptions.describe("outer"):
        with descriptions.describe("inner"):
            pass
        assert spark.sparkContext.getLocalProperty("spark.jobGroup.id") == "outer"


def test_a_context_that_starts_within_a_block_has_the_description(spark: Any) -> None:
    descriptions = JobDescriptions()
    with descriptions.describe("outer"):
        descriptions.attach(spark.sparkContext)
        assert spark.sparkContext.getLocalProperty("spark.jobGroup.id") == "outer"
    assert spark.sparkContext.getLocalProperty("spark.jobGroup.id") is None


def test_each_thread_has_a_description_of_its_own(
    spark: Any, descriptions: JobDescriptions
) -> None:
    def read() -> Any:
        with descriptions.describe("commit"):
            return spark.sparkContext.getLocalProperty("spark.jobGroup.id")

    with descriptions.describe("scan"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(read).result() == "commit"
        assert spark.sparkContext.getLocalProperty("spark.jobGroup.id") == "scan"


def test_finished_tasks_are_counted(spark: Any, descriptions: JobDescriptions) -> None:
    context = spark.sparkContext
    with descriptions.describe("safelight test r1: batch 4, SCAN"):
        context.parallelize(range(6), 3).count()
    assert count_tasks(context, "safelight test r1: batch 4, SCAN") == TaskCount(3, 3)
    assert count_tasks(context, "no such group") is None


def test_without_a_context_nothing_is_described() -> None:
    with JobDescriptions().describe("text"):
        pass
