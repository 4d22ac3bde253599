from __future__ import annotations

import json
from dataclasses import replace

import boto3

from jobs.aws.trigger.batch_table import Batch, BatchState
from jobs.aws.trigger.deployment import Deployment, find_queue_url
from jobs.aws.trigger.status import read_status
from tests.jobs.aws.trigger.events import event

BATCH = Batch("d" * 64, BatchState.PLANNED, 3, 300, created_at=1.0, updated_at=1.0)


def test_an_idle_trigger_has_nothing_to_do(deployment: Deployment) -> None:
    status = read_status(deployment)
    assert status.describe() == ["queue: 0 messages", "pending uploads: 0"]
    assert status.to_json()["current"] is None


def test_messages_uploads_and_batches_are_counted(deployment: Deployment) -> None:
    sqs = boto3.client("sqs")
    for queue in (deployment.queue, deployment.dead_letter_queue, deployment.dead_letter_queue):
        sqs.send_message(QueueUrl=find_queue_url(queue), MessageBody="JANE DOE")
    deployment.pending.add([event("in/JANE.dcm"), event("in/b.dcm")])
    table = deployment.table
    table.lock("one", 1.0, 60.0)
    table.add(BATCH, "one")
    table.update(replace(BATCH, digest="f" * 64, state=BatchState.FAILED, job_run_id="00run"))
    status = read_status(deployment)
    text = "\n".join([*status.describe(), json.dumps(status.to_json())])
    assert (status.messages, status.dead_letters, status.pending_events) == (1, 2, 2)
    assert status.batches == {"planned": 1, "failed": 1}
    assert "current batch: dddddddddddddddd, 3 objects, planned, attempt 1" in text
    assert "job run 00run\nread the logs of these runs" in text
    assert "replay --dead-letters" in text
    assert "JANE" not in text
