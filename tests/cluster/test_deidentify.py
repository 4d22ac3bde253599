"""The command line of the README of the distribution, on a cluster without the source tree."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from deltalake import DeltaTable

from tests.cluster.distribution import (
    install_distribution,
    make_distribution,
    read_command,
)
from tests.cluster.standalone import StandaloneCluster
from tests.jobs import s3_servers

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "tests" / "data" / "study"


def submit(
    folder: Path, command: list[str], environment: dict[str, str]
) -> tuple[dict[str, Any], str]:
    """Run a command and return the counts of its last line, and all that it wrote."""
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stdout + done.stderr


@pytest.fixture
def key(tmp_path: Path) -> str:
    (tmp_path / "key.hex").write_text(bytes(range(32)).hex())
    return f"file:{tmp_path}/key.hex"


def read_written(tables: Path) -> dict[str, str]:
    rows = DeltaTable(str(tables / "instances")).to_pyarrow_table().to_pylist()
    return {row["output_uri"]: row["output_sha256"] for row in rows if row["output_uri"]}


def hash_objects(output: Path) -> dict[str, str]:
    objects = {str(path): path.read_bytes() for path in output.rglob("*.dcm")}
    return {uri: hashlib.sha256(data).hexdigest() for uri, data in objects.items()}


@pytest.mark.long
def test_the_whole_distribution_reads_pixels_and_text(
    cluster: StandaloneCluster, tmp_path: Path, key: str
) -> None:
    folder = install_distribution(make_distribution(tmp_path / "made"), tmp_path / "dist", cluster)
    output, tables = tmp_path / "out", tmp_path / "tables"
    command = read_command(
        folder, cluster, input=str(STUDY), output=str(output), tables=str(tables), key=key
    )
    # Jars that are on all machines, as docs/cluster.md describes: the executors fetch none.
    jars = f"{folder.resolve()}/jars/*"
    for name in ("spark.driver.extraClassPath", "spark.executor.extraClassPath"):
        command[1:1] = ["--conf", f"{name}={jars}"]
    command[1:1] = ["--conf", "spark.jars="]
    counts, _ = submit(folder, command, cluster.environment)
    assert (counts["seen"], counts["deidentified"]) == (16, 12)
    assert read_written(tables) == hash_objects(output)


@pytest.fixture
def s3_environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    if not s3_servers.S3PROXY_JAR.exists():
        pytest.skip("s3proxy is missing: `make test` downloads it")
    (tmp_path / "server").mkdir()
    with s3_servers.s3proxy(tmp_path / "server") as environment:
        yield environment


def test_the_command_of_the_readme_runs_on_the_packaged_environment(
    cluster: StandaloneCluster,
    distribution: Path,
    tmp_path: Path,
    key: str,
    s3_environment: dict[str, str],
) -> None:
    endpoint = s3_environment.pop("AWS_ENDPOINT_URL")
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=s3_environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=s3_environment["AWS_SECRET_ACCESS_KEY"],
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="studies")
    for path in (path for path in STUDY.rglob("*") if path.is_file()):
        client.upload_file(str(path), "studies", f"scans/{path.relative_to(STUDY)}")
    folder = install_distribution(distribution, tmp_path / "dist", cluster)
    command = read_command(
        folder, cluster, input="s3://studies/scans/", output="s3://studies/clean/",
        tables="s3://studies/tables/", key=key,
    )  # fmt: skip
    command += ["--pixels", "off", "--text", "off", "--endpoint-url", endpoint]
    counts, output = submit(folder, command, cluster.environment | s3_environment)
    assert (counts["seen"], counts["deidentified"]) == (16, 11)
    listed = client.list_objects_v2(Bucket="studies", Prefix="clean/")["Contents"]
    objects = {f"s3://studies/{entry['Key']}" for entry in listed}
    options = s3_environment | {"AWS_ENDPOINT_URL": endpoint, "AWS_ALLOW_HTTP": "true"}
    instances = DeltaTable("s3://studies/tables/instances", storage_options=options)
    rows = instances.to_pyarrow_table().to_pylist()
    assert {row["output_uri"] for row in rows if row["output_uri"]} == objects
    logs = "".join(log.read_text(errors="replace") for log in cluster.executor_logs())
    assert f"{ROOT}/jobs" not in logs
    for secret in (cluster.secret, s3_environment["AWS_SECRET_ACCESS_KEY"]):
        assert secret not in logs + output
    assert "CompressedSamples" not in output
