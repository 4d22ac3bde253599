"""Events of S3 as the services deliver them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

from jobs.aws.trigger.upload_events import UploadEvent


def event(key: str = "in/a.dcm", **fields: Any) -> UploadEvent:
    """Return an upload."""
    given = {"bucket": "raw", "etag": "0a", "size": 100, "sequencer": "01"} | fields
    return UploadEvent(key=key, **given)


def bridge_message(upload: UploadEvent) -> str:
    """Return a message of EventBridge ("Amazon S3 events" in its reference)."""
    detail: dict[str, Any] = {
        "version": "0",
        "bucket": {"name": upload.bucket},
        "object": {"key": upload.key, "sequencer": upload.sequencer},
        "request-id": "N4N7GDK58NMKJ12R",
        "requester": "123456789012",
        "source-ip-address": "1.2.3.4",
        "reason": "DeleteObject" if upload.removed else "PutObject",
    }
    if not upload.removed:
        detail["object"] |= {"size": upload.size, "etag": upload.etag}
    if upload.version_id:
        detail["object"]["version-id"] = upload.version_id
    return json.dumps(
        {
            "version": "0",
            "id": "2d4eba74-fd51-3966-4bfa-b013c9da8ff1",
            "detail-type": "Object Deleted" if upload.removed else "Object Created",
            "source": "aws.s3",
            "account": "123456789012",
            "time": "2026-11-30T00:00:59Z",
            "region": "us-east-1",
            "resources": [f"arn:aws:s3:::{upload.bucket}"],
            "detail": detail,
        }
    )


def notification_message(upload: UploadEvent) -> str:
    """Return a notification of S3 ("Event message structure" in its user guide)."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": "2026-11-30T00:00:59.000Z",
        "eventName": "ObjectRemoved:Delete" if upload.removed else "ObjectCreated:Put",
        "s3": {
            "bucket": {"name": upload.bucket, "arn": f"arn:aws:s3:::{upload.bucket}"},
            "object": {
                "key": quote_plus(upload.key, safe="/"),
                "size": upload.size,
                "eTag": upload.etag,
                "versionId": upload.version_id or None,
                "sequencer": upload.sequencer,
            },
        },
    }
    return json.dumps({"Records": [record]})


def sqs_record(body: str, message_id: str = "message-1") -> dict[str, Any]:
    """Return a record of SQS for Lambda."""
    return {
        "messageId": message_id,
        "receiptHandle": "handle",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:safelight-uploads",
        "awsRegion": "us-east-1",
    }
