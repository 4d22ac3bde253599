from __future__ import annotations

from jobs.aws.submit.spark_settings import check_settings, join_settings, read_settings


def test_settings_are_sorted_arguments() -> None:
    assert (
        join_settings({"spark.b": "2", "spark.a": "x#y"}) == "--conf spark.a=x#y --conf spark.b=2"
    )


def test_shipped_settings_can_be_part_of_a_request() -> None:
    check_settings(read_settings("emr-serverless"))


def test_class_that_finds_credentials_is_no_secret() -> None:
    check_settings({"spark.hadoop.fs.s3a.aws.credentials.provider": "org.example.Provider"})
