"""One Spark session for all tests, started when the first one asks for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest

from jobs.common.aws import clients
from jobs.common.aws.clients import get_client
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.mapping_store.table_design import make_create_request
from jobs.common.spark.aws_access import endpoint_properties
from jobs.common.spark.session import start_session
from jobs.common.storage import s3_client
from tests.jobs import s3_servers

KEY = bytes(range(32))


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    settings = {
        "spark.sql.shuffle.partitions": "1",
        "spark.databricks.delta.snapshotPartitions": "1",
        "spark.sql.ui.retainedExecutions": "20",
        "spark.ui.retainedJobs": "50",
        "spark.ui.retainedStages": "50",
    }
    session = start_session("tests", "local[2]", settings)
    yield session
    session.stop()


@pytest.fixture(scope="module", autouse=True)
def delta_log_cache() -> Iterator[None]:
    """Remove the tables of a module from Delta's cache, which would fill the memory of Java."""
    from pyspark.sql import SparkSession

    yield
    if (session := SparkSession.getActiveSession()) is not None:
        session.sparkContext._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()
        session.catalog.clearCache()


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "key.hex"
    path.write_text(KEY.hex())
    return f"file:{path}"


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Start an S3 server process and return the environment of its clients."""
    with s3_servers.moto(tmp_path_factory.mktemp("moto")) as environment:
        yield environment


@pytest.fixture(scope="session")
def strict_s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Start a server of another implementation, which checks credentials."""
    if not s3_servers.S3PROXY_JAR.exists():
        pytest.skip("s3proxy is missing: `make test` downloads it")
    with s3_servers.s3proxy(tmp_path_factory.mktemp("s3proxy")) as environment:
        yield environment


@pytest.fixture
def bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Create a bucket on a server, and let boto3 in this process use the server.

    The parameter may be the name of the fixture of the server.
    """
    for name, value in request.getfixturevalue(getattr(request, "param", "s3_server")).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it keeps its credentials
    s3_client.get_client.cache_clear()
    clients.get_client.cache_clear()
    name = f"bucket-{uuid4().hex}"
    s3_client.get_client().create_bucket(Bucket=name)
    yield name
    s3_client.get_client.cache_clear()
    clients.get_client.cache_clear()


@pytest.fixture
def spark_on_s3(spark: Any, bucket: str) -> Iterator[Any]:
    """Let the session, its workers and its file systems use the server."""
    context = spark.sparkContext
    hadoop = context._jsc.hadoopConfiguration()
    properties = endpoint_properties() | {
        "fs.s3a.access.key": os.environ["AWS_ACCESS_KEY_ID"],
        "fs.s3a.secret.key": os.environ["AWS_SECRET_ACCESS_KEY"],
    }
    for name, value in properties.items():
        hadoop.set(name, value)
    before = dict(context.environment)
    context.environment.update(
        {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    )
    yield spark
    context.environment.clear()
    context.environment.update(before)


@pytest.fixture
def mapping_table(
    s3_server: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[MappingTable]:
    """Create a table, and let clients in this process use the server."""
    for name, value in s3_server.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it keeps its credentials
    get_client.cache_clear()
    table = MappingTable(f"mapping-{uuid4().hex}")
    get_client("dynamodb").create_table(**make_create_request(table.name))
    yield table
    get_client.cache_clear()
