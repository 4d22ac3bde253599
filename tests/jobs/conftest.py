"""One Spark session for all tests, started when the first one asks for it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from jobs.common import s3
from jobs.common.session import endpoint_settings, start_session

KEY = bytes(range(32))


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    settings = {
        "spark.sql.shuffle.partitions": "1",
        "spark.databricks.delta.snapshotPartitions": "1",
    }
    session = start_session("tests", "local[2]", settings)
    yield session
    session.stop()


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "key.hex"
    path.write_text(KEY.hex())
    return f"file:{path}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A real S3 server process; gives the environment that leads to it."""
    port = free_port()
    log = (tmp_path_factory.mktemp("s3") / "log").open("wb")
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=log, stderr=log)
    endpoint = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"{endpoint}/moto-api/data.json", timeout=2):
                    break
            except OSError:
                assert server.poll() is None, "the S3 server ended"
                time.sleep(0.25)
        yield {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
    finally:
        server.terminate()
        server.wait()
        log.close()


@pytest.fixture
def bucket(s3_server: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh bucket on the server, which boto3 in this process is led to."""
    for name, value in s3_server.items():
        monkeypatch.setenv(name, value)
    s3.client.cache_clear()
    name = f"bucket-{uuid4().hex}"
    s3.client().create_bucket(Bucket=name)
    yield name
    s3.client.cache_clear()


@pytest.fixture
def spark_on_s3(spark: Any, bucket: str, s3_server: dict[str, str]) -> Iterator[Any]:
    """The session, its workers and its file systems led to the server."""
    context = spark.sparkContext
    hadoop = context._jsc.hadoopConfiguration()
    settings = endpoint_settings() | {
        "spark.hadoop.fs.s3a.access.key": s3_server["AWS_ACCESS_KEY_ID"],
        "spark.hadoop.fs.s3a.secret.key": s3_server["AWS_SECRET_ACCESS_KEY"],
    }
    for name, value in settings.items():
        hadoop.set(name.removeprefix("spark.hadoop."), value)
    before = dict(context.environment)
    context.environment.update({name: os.environ[name] for name in s3_server})
    yield spark
    context.environment.clear()
    context.environment.update(before)
