from __future__ import annotations

from typing import Any

import pytest

from jobs.common.spark import aws_access
from jobs.common.spark.aws_access import endpoint_properties, share_aws_access


def test_s3a_has_the_endpoint_of_boto3() -> None:
    properties = endpoint_properties({"AWS_ENDPOINT_URL": "http://localhost:9000"})
    assert properties["fs.s3a.endpoint"] == "http://localhost:9000"
    assert properties["fs.s3a.connection.ssl.enabled"] == "false"


def test_the_endpoint_of_s3_wins_over_that_of_all_services() -> None:
    properties = endpoint_properties(
        {"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_S3": "https://s3"}
    )
    assert properties["fs.s3a.endpoint"] == "https://s3"


def test_amazon_s3_needs_no_endpoint() -> None:
    assert endpoint_properties({"AWS_REGION": "eu-central-1"}) == {}


def test_access_is_shared_without_a_setting(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = {
        "AWS_ACCESS_KEY_ID": "an-id",
        "AWS_SECRET_ACCESS_KEY": "a-planted-value",
        "AWS_ENDPOINT_URL_S3": "http://localhost:9000",
    }
    monkeypatch.setattr(aws_access, "portable_environment", lambda: shared)
    context = spark.sparkContext
    hadoop = context._jsc.hadoopConfiguration()
    names = ("fs.s3a.access.key", "fs.s3a.secret.key", *endpoint_properties(shared))
    before = {name: hadoop.get(name) for name in names}
    environment = dict(context.environment)
    try:
        share_aws_access(spark)
        assert context.environment["AWS_SECRET_ACCESS_KEY"] == "a-planted-value"
        assert hadoop.get("fs.s3a.secret.key") == "a-planted-value"
        assert hadoop.get("fs.s3.impl") == "org.apache.hadoop.fs.s3a.S3AFileSystem"
        assert "a-planted-value" not in str(context.getConf().getAll())
    finally:
        context.environment.clear()
        context.environment.update(environment)
        for name, value in before.items():
            hadoop.set(name, value) if value is not None else hadoop.unset(name)
