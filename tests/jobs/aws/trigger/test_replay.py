from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import boto3
import pytest

from jobs.aws.trigger import replay
from jobs.aws.trigger.batch_table import Batch, BatchState
from jobs.aws.trigger.deployment import Deployment, find_queue_url
from jobs.aws.trigger.replay import Replayed
from jobs.aws.trigger.upload_events import UploadEvent
from jobs.common.cli.errors import JobError
from jobs.common.storage import s3_client
from tests.jobs.aws.trigger.events import bridge_message, event


def pending_keys(deployment: Deployment) -> set[str]:
    pending = deployment.pending
    return {upload.key for upload in pending.read(pending.list_files())}


def test_dead_letters_become_pending_and_other_messages_stay(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "_INVISIBLE_SECONDS", 2)
    sqs, url = boto3.client("sqs"), find_queue_url(deployment.dead_letter_queue)
    for number in range(12):
        body = bridge_message(event(f"in/{number}.dcm"))
        sqs.send_message(QueueUrl=url, MessageBody=body)
    sqs.send_message(QueueUrl=url, MessageBody="JANE DOE")
    assert replay.replay_dead_letters(deployment) == Replayed(uploads=12, refused=1)
    assert pending_keys(deployment) == {f"in/{number}.dcm" for number in range(12)}
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    left = (
        counts["ApproximateNumberOfMessages"], counts["ApproximateNumberOfMessagesNotVisible"],
    )  # fmt: skip
    assert sum(map(int, left)) == 1


def test_dead_letters_stay_if_they_cannot_become_pending(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs, url = boto3.client("sqs"), find_queue_url(deployment.dead_letter_queue)
    sqs.send_message(QueueUrl=url, MessageBody=bridge_message(event()))
    absent = replace(deployment, control=replace(deployment.control, bucket="absent-bucket"))
    with pytest.raises(JobError, match="the control folder cannot be written"):
        replay.replay_dead_letters(absent)
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert counts["ApproximateNumberOfMessagesNotVisible"] == "1"


def test_failed_batches_have_another_turn(deployment: Deployment) -> None:
    batch = Batch("d" * 64, BatchState.FAILED, 2, 200)
    deployment.table.update(batch)
    deployment.table.update(replace(batch, digest="e" * 64, state=BatchState.DONE))
    assert replay.replay_failed(deployment) == Replayed(uploads=2, batches=1)
    assert deployment.table.read_turn().replays == (batch.digest,)


def test_a_listing_becomes_pending(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "_PART_EVENTS", 2)
    client, bucket = s3_client.get_client(), deployment.control.bucket
    for key in ("in/a.dcm", "in/b.dcm", "in/c.dcm", "out/d.dcm"):
        client.put_object(Bucket=bucket, Key=key, Body=b"data")
    client.put_object(Bucket=bucket, Key="in/empty.dcm", Body=b"")
    client.put_object(Bucket=bucket, Key="in/folder/", Body=b"")
    done = replay.replay_listing(deployment, f"s3://{bucket}/in/")
    assert done == Replayed(uploads=3, ignored=2)
    assert pending_keys(deployment) == {"in/a.dcm", "in/b.dcm", "in/c.dcm"}
    uploads = deployment.pending.read(deployment.pending.list_files())
    assert {upload.etag for upload in uploads} == {hashlib.md5(b"data").hexdigest()}


def test_a_listing_has_a_time_span(deployment: Deployment) -> None:
    bucket, now = deployment.control.bucket, datetime.now(timezone.utc)
    s3_client.get_client().put_object(Bucket=bucket, Key="in/a.dcm", Body=b"data")
    hour = timedelta(hours=1)
    uri = f"s3://{bucket}/in/"
    assert replay.replay_listing(deployment, uri, since=now + hour) == Replayed()
    assert replay.replay_listing(deployment, uri, until=now - hour) == Replayed()
    assert replay.replay_listing(deployment, uri, now - hour, now + hour).uploads == 1


def test_a_missing_bucket_is_one_sentence(deployment: Deployment) -> None:
    with pytest.raises(JobError, match="the bucket absent at .* cannot be read: NoSuchBucket"):
        replay.replay_listing(deployment, "s3://absent/in/")


def test_an_inventory_becomes_pending(deployment: Deployment) -> None:
    client, bucket = s3_client.get_client(), deployment.control.bucket
    rows = b'"raw","in/a%20b.dcm","v1","true","false","10","0a"\n'
    client.put_object(Bucket=bucket, Key="inventory/data/1.csv", Body=rows)
    manifest = {
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, ETag",
        "files": [
            {
                "key": "inventory/data/1.csv",
                "size": len(rows),
                "MD5checksum": hashlib.md5(rows).hexdigest(),
            }
        ],
    }
    key = "inventory/2026-11-30/manifest.json"
    client.put_object(Bucket=bucket, Key=key, Body=json.dumps(manifest).encode())
    assert replay.replay_inventory(deployment, f"s3://{bucket}/{key}") == Replayed(uploads=1)
    (upload,) = deployment.pending.read(deployment.pending.list_files())
    assert upload == UploadEvent("raw", "in/a b.dcm", "v1", "0a", 10)
