"""Deliver messages of a queue to a function, as the event source mapping of Lambda does."""

from __future__ import annotations

from typing import Any

from tests.jobs.aws.end_to_end.system import System
from tests.jobs.aws.end_to_end.template_values import read_properties
from tests.jobs.aws.lambda_runtime import FunctionError, LambdaFunction

#: Messages that one request of SQS returns at most.
_SQS_MESSAGES = 10


def receive(system: System, limit: int = 10_000) -> list[dict[str, Any]]:
    """Return messages of the queue as records of Lambda, with their receipt handles."""
    records: list[dict[str, Any]] = []
    while len(records) < limit:
        messages = (
            system.client("sqs")
            .receive_message(
                QueueUrl=system.queue_url,
                MaxNumberOfMessages=_SQS_MESSAGES,
                VisibilityTimeout=60,
                AttributeNames=["ApproximateReceiveCount"],
            )
            .get("Messages", [])
        )
        if not messages:
            break
        records += [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "awsRegion": "us-east-1",
            }
            for message in messages
        ]
    return records


def settle(system: System, records: list[dict[str, Any]], failed_ids: set[str]) -> None:
    """Delete the messages that were processed, and return the others to the queue."""
    sqs = system.client("sqs")
    for record in records:
        handle = {"QueueUrl": system.queue_url, "ReceiptHandle": record["receiptHandle"]}
        if record["messageId"] in failed_ids:
            sqs.change_message_visibility(**handle, VisibilityTimeout=0)
        else:
            sqs.delete_message(**handle)


def deliver(system: System, function: LambdaFunction) -> dict[str, Any]:
    """Deliver the messages of the queue once, and return the answer of the function.

    An error of the function returns all messages to the queue.
    """
    mapping = read_properties("trigger.yaml", "UploadSource")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    records = receive(system, mapping["BatchSize"])
    try:
        answer: dict[str, Any] = function.invoke({"Records": records})
    except FunctionError:
        settle(system, records, {record["messageId"] for record in records})
        raise
    settle(system, records, {f["itemIdentifier"] for f in answer["batchItemFailures"]})
    return answer
