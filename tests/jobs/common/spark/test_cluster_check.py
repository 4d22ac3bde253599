"""Parts of the pre-flight check; tests/cluster runs all of it on a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.common.cli.errors import JobError
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.spark import cluster_check
from jobs.common.spark.cluster_check import (
    ClusterNeeds,
    WorkerCheck,
    check_cluster,
    find_problem,
)
from jobs.common.storage.location import Location, parse_uri


def test_a_run_on_local_disks_needs_no_classes_of_s3() -> None:
    needs = ClusterNeeds((("--output", Location("", "/out")),))
    assert needs.classes == (cluster_check.DELTA_CLASS,)


def test_a_run_on_s3_with_texts_needs_s3a_and_spark_nlp() -> None:
    needs = ClusterNeeds((("--output", Location("bucket", "out")),), text_model=True)
    assert needs.classes[1:] == (cluster_check.S3A_CLASS, cluster_check.SPARK_NLP_CLASS)


def test_a_folder_that_exists_has_no_problem(tmp_path: Path) -> None:
    assert find_problem(Location("", str(tmp_path))) == ""
    assert find_problem(Location("", str(tmp_path / "absent"))) == "FileNotFoundError"


def test_a_bucket_that_cannot_be_used_has_an_error_code(bucket: str) -> None:
    assert find_problem(parse_uri(f"s3://{bucket}/out")) == ""
    assert find_problem(parse_uri("s3://no-such-bucket/out")) == "NoSuchBucket"


def test_a_table_that_cannot_be_used_has_an_error_code(mapping_table: MappingTable) -> None:
    def find(name: str) -> list[dict[str, Any]]:
        (found,) = WorkerCheck([], name)([pa.record_batch([[""]], ["classes"])])
        return list(found.to_pylist())

    assert [row["folder"] for row in find(mapping_table.name)] == [-1]
    (row,) = find("no-such-table")
    assert (row["folder"], row["problem"]) == (0, "ResourceNotFoundException")


def test_a_table_that_executors_cannot_use_is_a_sentence(
    spark_on_s3: Any, mapping_table: MappingTable
) -> None:
    check_cluster(spark_on_s3, ClusterNeeds(mapping_table=mapping_table.name))
    with pytest.raises(JobError, match="gone of --mapping-store .ResourceNotFoundException"):
        check_cluster(spark_on_s3, ClusterNeeds(mapping_table=f"{mapping_table.name}-gone"))


def test_a_missing_class_of_the_driver_is_named(
    spark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_check, "DELTA_CLASS", "org.absent.Extension")
    monkeypatch.setitem(cluster_check._JARS, "org.absent.Extension", "absent")
    with pytest.raises(JobError, match="the Java of the driver does not find Extension: add the"):
        check_cluster(spark, ClusterNeeds())


def test_an_executor_of_another_version_is_refused(
    spark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_check, "VERSION", "9.9.9")
    with pytest.raises(JobError, match=r"and the driver has 9\.9\.9: submit with the environment"):
        check_cluster(spark, ClusterNeeds())
