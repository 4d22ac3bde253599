from __future__ import annotations

import pytest

from jobs.aws.submit.spark_settings import check_settings, join_settings, read_settings


def test_settings_are_sorted_arguments() -> None:
    assert (
        join_settings({"spark.b": "2", "spark.a": "x#y"}) == "--conf spark.a=x#y --conf spark.b=2"
    )


@pytest.mark.parametrize("platform", ["emr-serverless", "emr-ec2", "emr-eks", "sagemaker"])
def test_shipped_settings_can_be_part_of_a_request(platform: str) -> None:
    check_settings(read_settings(platform))


def test_class_that_finds_credentials_is_no_secret() -> None:
    check_settings({"spark.hadoop.fs.s3a.aws.credentials.provider": "org.example.Provider"})
