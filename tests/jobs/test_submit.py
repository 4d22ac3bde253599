"""The command line of `safelight submit`, against a server process of moto."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from jobs.aws.submit.launchers.emr_serverless import EmrServerlessLauncher
from jobs.cli import main
from jobs.common.aws import clients
from jobs.common.storage import s3_client
from tests.jobs.aws.submit.request_models import find_violations

_ROLE = "arn:aws:iam::123456789012:role/safelight-JobRole"
COMMAND = (
    "deidentify", "--input", "s3://raw/batch/", "--output", "s3://clean/", "--tables",
    "s3://tables/", "--key", "aws-secretsmanager:safelight-key", "--run-id", "night-1",
)  # fmt: skip


@pytest.fixture
def application(bucket: str) -> Iterator[str]:
    clients.get_client.cache_clear()
    for name in ("raw", "clean", "tables"):  # those of COMMAND
        s3_client.get_client().create_bucket(Bucket=name)
    yield clients.get_client("emr-serverless").create_application(
        releaseLabel="emr-7.14.0", type="SPARK", clientToken="x"
    )["applicationId"]
    clients.get_client.cache_clear()


def _submit(application: str, bucket: str, *more: str, command: tuple[str, ...] = COMMAND) -> int:
    argv = ["submit", "emr-serverless", "--application", application, "--role", _ROLE]
    argv += ["--logs", f"s3://{bucket}/logs/", *more, "--", *command]
    try:
        return main(argv)
    except SystemExit as end:
        return int(end.code or 0)


def _distribution(folder: Path) -> str:
    folder.mkdir()
    (folder / "environment.tar.gz").write_bytes(b"environment")
    (folder / "main.py").write_bytes(b"main")
    return str(folder)


def test_dry_run_prints_the_request_and_calls_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    source = ("--distribution", _distribution(tmp_path / "dist"), "--staging", "s3://control/x/")
    assert _submit("00f1", "control", *source, "--dry-run") == 0
    request = json.loads(capsys.readouterr().out)
    driver = request["jobDriver"]["sparkSubmit"]
    assert driver["entryPointArguments"] == list(COMMAND)
    assert driver["entryPoint"].startswith("s3://control/x/")
    assert request["name"] == "safelight-deidentify-night-1"


@pytest.mark.parametrize(
    ("service", "options", "operation"),
    [
        ("emr-ec2", ("--cluster", "j-1", "--distribution", "{dist}", "--staging", "s3://c/x/"),
         ("emr", "AddJobFlowSteps")),
        ("emr-eks", ("--virtual-cluster", "abc123", "--image", "a/b:1", "--logs", "s3://c/logs/"),
         ("emr-containers", "StartJobRun")),
        ("sagemaker", ("--image", "a/b:1", "--staging", "s3://c/x/"),
         ("sagemaker", "CreateProcessingJob")),
    ],
)  # fmt: skip
def test_dry_run_of_each_service_prints_a_valid_request(
    service: str,
    options: tuple[str, ...],
    operation: tuple[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = _distribution(tmp_path / "dist")
    given = [option.replace("{dist}", folder) for option in options]
    assert main(["submit", service, "--role", _ROLE, *given, "--dry-run", "--", *COMMAND]) == 0
    request = json.loads(capsys.readouterr().out)
    assert find_violations(*operation, request) == []


def test_settings_of_sagemaker_are_copied_before_the_job_starts(
    bucket: str, application: str, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["submit", "sagemaker", "--role", _ROLE, "--image", "a/b:1"]
    assert main([*argv, "--staging", f"s3://{bucket}/x/", "--", *COMMAND]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "safelight-deidentify-night-1"
    (stored,) = s3_client.get_client().list_objects_v2(Bucket=bucket)["Contents"]
    assert stored["Key"].endswith("/configuration.json")


def test_run_is_submitted_and_its_id_is_printed(
    bucket: str, application: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = ("--distribution", _distribution(tmp_path / "dist"), "--staging", f"s3://{bucket}/x/")
    assert _submit(application, bucket, *source) == 0
    captured = capsys.readouterr()
    summary = json.loads(captured.out)
    assert "2 of 2 files were copied" in captured.err
    run = clients.get_client("emr-serverless").get_job_run(
        applicationId=application, jobRunId=summary["id"]
    )["jobRun"]
    driver = run["jobDriver"]["sparkSubmit"]
    assert driver["entryPointArguments"] == list(COMMAND)
    assert summary["state"] == "SUBMITTED"
    staged = driver["entryPoint"].partition(f"{bucket}/")[2]
    assert s3_client.get_client().get_object(Bucket=bucket, Key=staged)["Body"].read() == b"main"


def test_wait_prints_the_last_line_of_the_run(
    bucket: str,
    application: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    read_state = EmrServerlessLauncher.read_state
    last_line = json.dumps({"run_id": "night-1", "seen": 3})

    def store_output(launcher: EmrServerlessLauncher, run: Any) -> Any:
        key = run.logs.partition(f"{bucket}/")[2] + "SPARK_DRIVER/stdout.gz"
        body = gzip.compress(f"line of Java\n{last_line}\n".encode())
        s3_client.get_client().put_object(Bucket=bucket, Key=key, Body=body)
        return read_state(launcher, run)

    monkeypatch.setattr(EmrServerlessLauncher, "read_state", store_output)
    assert _submit(application, bucket, "--image", "--wait") == 0
    assert capsys.readouterr().out == f"{last_line}\n"


def test_interrupted_wait_says_that_the_run_continues(
    bucket: str,
    application: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(EmrServerlessLauncher, "read_state", interrupt)
    assert _submit(application, bucket, "--image", "--wait") == 1
    assert "; --run-id night-1 in the same command waits" in capsys.readouterr().err


def test_missing_application_ends_before_anything_is_copied(
    bucket: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clients.get_client.cache_clear()
    source = ("--distribution", _distribution(tmp_path / "dist"), "--staging", f"s3://{bucket}/x/")
    assert _submit("00f1none", bucket, *source) == 1
    assert "cannot be read (ResourceNotFoundException)" in capsys.readouterr().err
    assert "Contents" not in s3_client.get_client().list_objects_v2(Bucket=bucket)


def test_missing_bucket_ends_before_anything_is_copied(
    bucket: str, application: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = ("--distribution", _distribution(tmp_path / "dist"), "--staging", f"s3://{bucket}/x/")
    command = (*COMMAND, "--mapping", "s3://no-such-bucket/")
    assert _submit(application, bucket, *source, command=command) == 2
    assert "the bucket no-such-bucket does not exist" in capsys.readouterr().err
    assert "Contents" not in s3_client.get_client().list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize(
    ("more", "command", "says"),
    [
        ((), COMMAND, "give --distribution FOLDER"),
        (("--distribution", "dist"), COMMAND, "--distribution needs --staging"),
        (("--image", "--spark-setting", "spark.a.password=x"), COMMAND, "names a secret"),
        (("--image", "--nodes", "101"), COMMAND, "must be 1 to 100"),
        (("--image", "--log-key", "alias/x"), COMMAND, "must be the ARN of a KMS key"),
        (("--image",), (), "after --"),
        (("--image",), (*COMMAND, "--key", "00" * 32), "never the key itself"),
    ],
)
def test_wrong_arguments_end_before_any_work(
    more: tuple[str, ...],
    command: tuple[str, ...],
    says: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _submit("00f1", "control", *more, command=command) == 2
    error = capsys.readouterr().err
    assert says in error and len(error.splitlines()) == 1


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "check the endpoint and the network"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "set AWS_REGION"),
        (
            {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
            "valid AWS credentials",
        ),
    ],
)
def test_wrong_set_up_is_one_sentence(
    variables: dict[str, str],
    says: str,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    clients.get_client.cache_clear()
    for name, value in variables.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(clients, "MAX_ATTEMPTS", 1)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    assert _submit("00f1", bucket, "--image") in (1, 2)
    error = capsys.readouterr().err
    clients.get_client.cache_clear()
    assert says in error and len(error.splitlines()) == 1
