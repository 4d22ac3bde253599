from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest

from jobs.aws.trigger.batch_table import KEY_ATTRIBUTE
from jobs.aws.trigger.deployment import find_queue_url
from jobs.cli import main
from jobs.common.aws.clients import get_client
from jobs.common.storage import s3_client


@pytest.fixture
def name(bucket: str) -> Iterator[str]:
    """Return the name of a deployment with its buckets, queues and table."""
    get_client.cache_clear()
    find_queue_url.cache_clear()
    name = bucket[-12:]
    for kind in ("raw", "control"):
        s3_client.get_client().create_bucket(Bucket=f"{name}-123456789012-us-east-1-{kind}")
    for queue in (f"{name}-uploads", f"{name}-uploads-dead"):
        boto3.client("sqs").create_queue(QueueName=queue)
    boto3.client("dynamodb").create_table(
        TableName=f"{name}-batches",
        KeySchema=[{"AttributeName": KEY_ATTRIBUTE, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": KEY_ATTRIBUTE, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    get_client.cache_clear()
    find_queue_url.cache_clear()


def test_a_replay_shows_in_the_status(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    raw = f"{name}-123456789012-us-east-1-raw"
    s3_client.get_client().put_object(Bucket=raw, Key="in/doe.dcm", Body=b"data")
    assert main(["trigger", "replay", "--name", name, "--listing", f"s3://{raw}/in/"]) == 0
    assert main(["trigger", "status", "--name", name]) == 0
    out, _ = capsys.readouterr()
    replayed, *lines, last = out.splitlines()
    assert json.loads(replayed) == {"uploads": 1, "ignored": 0, "refused": 0, "batches": 0}
    assert any(line.startswith("pending uploads: 1, the oldest since ") for line in lines)
    assert json.loads(last)["pending_events"] == 1
    assert "doe" not in out


def test_dead_letters_and_failed_batches_can_be_none(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for source in ("--dead-letters", "--failed"):
        assert main(["trigger", "replay", "--name", name, source]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [{"uploads": 0, "ignored": 0, "refused": 0, "batches": 0}] * 2


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--listing", "/local"], "--listing must be a prefix on S3"),
        (["--failed", "--since", "2026-11-30"], "--since is for --listing and --inventory"),
        (["--inventory", "s3://b/m", "--until", "2026-11-30"], "--until is for --listing"),
        (["--failed", "--bucket", "raw"], "--bucket is for --dead-letters"),
        (["--listing", "s3://b/in", "--since", "yesterday"], "--since must be a time such as"),
        ([], "one of the arguments --dead-letters --failed --listing --inventory is required"),
    ],
)
def test_a_wrong_argument_is_reported_before_any_request(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        assert main(["trigger", "replay", *arguments]) == 2
    except SystemExit as ended:
        assert ended.code == 2
    assert message in capsys.readouterr().err


def test_a_missing_deployment_is_one_sentence(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trigger", "status", "--name", "absent"]) == 1
    assert "the control folder cannot be listed (NoSuchBucket)" in capsys.readouterr().err


def test_missing_credentials_are_one_sentence(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    get_client.cache_clear()
    assert main(["trigger", "status", "--name", name]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "the account of the credentials is not known (NoCredentialsError); give" in line


def test_a_missing_queue_is_one_sentence(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    boto3.client("sqs").delete_queue(QueueUrl=find_queue_url(f"{name}-uploads"))
    find_queue_url.cache_clear()
    assert main(["trigger", "status", "--name", name]) == 1
    err = capsys.readouterr().err
    assert f"the queue {name}-uploads cannot be found" in err and "check its name" in err
