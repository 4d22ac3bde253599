from __future__ import annotations

from pathlib import Path

import pytest

from jobs.aws.submit.release import read_release
from jobs.aws.submit.staging import plan_staging, read_staged_release, stage
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.storage import s3_client


def test_only_changed_files_are_copied(services: str, distribution: Path) -> None:
    staging = f"s3://{services}/safelight/"
    first = plan_staging(str(distribution), staging)
    assert stage(first) == 3
    assert stage(first) == 0
    (distribution / "main.py").write_bytes(b"other main")
    second = plan_staging(str(distribution), staging)
    assert stage(second) == 1
    # The files of the first release are still there, for its running jobs.
    for file in first.files:
        answer = s3_client.get_client().get_object(Bucket=services, Key=file.location.path)
        assert answer["Metadata"]["sha256"] == file.sha256


def test_damaged_copy_is_replaced(services: str, distribution: Path) -> None:
    plan = plan_staging(str(distribution), f"s3://{services}")
    stage(plan)
    key = plan.files[0].location.path
    s3_client.get_client().put_object(Bucket=services, Key=key, Body=b"damage")
    assert stage(plan) == 1


def test_release_is_stored_beside_its_files(services: str, distribution: Path) -> None:
    plan = plan_staging(str(distribution), f"s3://{services}/safelight")
    stage(plan)
    assert read_release(read_staged_release(plan.location.uri)) == plan.release


def test_jars_that_emr_has_are_left_out(distribution: Path) -> None:
    release = plan_staging(str(distribution), "s3://control/x/").release
    assert [jar.rpartition("/")[2] for jar in release.jars] == ["spark-nlp_2.12-5.5.3.jar"]
    assert release.environment is not None and release.log_settings is None
    assert release.environment.endswith("/environment.tar.gz")


def test_settings_of_the_log_are_part_of_the_release(distribution: Path) -> None:
    (distribution / "log4j2.properties").write_text("rootLogger.level = error")
    log_settings = plan_staging(str(distribution), "s3://control/x/").release.log_settings
    assert log_settings is not None and log_settings.endswith("/log4j2.properties")


def test_staging_needs_a_complete_distribution_and_s3(distribution: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="takes a folder on S3"):
        plan_staging(str(distribution), str(tmp_path))
    (distribution / "environment.tar.gz").unlink()
    with pytest.raises(UsageError, match="run `make dist`"):
        plan_staging(str(distribution), "s3://control/")


def test_missing_bucket_is_one_sentence(services: str, distribution: Path) -> None:
    plan = plan_staging(str(distribution), f"s3://{services}-missing/")
    with pytest.raises(JobError, match=r"NoSuchBucket\); check the name of the bucket"):
        stage(plan)
    with pytest.raises(JobError, match="cannot be read"):
        read_staged_release(f"s3://{services}/no/release.json")
