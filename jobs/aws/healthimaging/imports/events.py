"""Handle the events of import jobs in AWS Lambda, so that ended jobs need no frequent polling.

The handler writes one empty object per ended job below the staging folder; an import lists them in
one request. Events are a help, not a need: the page "Using Amazon EventBridge with HealthImaging"
promises durable delivery and the reference of EventBridge best effort, so jobs are polled as well.

The handler needs the standard library and boto3 only. Its environment variable
``SAFELIGHT_STAGING`` is the value of ``--staging``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from jobs.common.aws.client_errors import error_code
from jobs.common.cli.error_advice import advise
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.storage import s3_client
from jobs.common.storage.location import parse_uri

#: Variable with the staging folder.
STAGING_VARIABLE = "SAFELIGHT_STAGING"

_SOURCE = "aws.medical-imaging"
_ENDED = frozenset({"COMPLETED", "FAILED"})
_ID = re.compile(r"[0-9a-z]{1,32}")


@dataclass(frozen=True)
class ImportEvent:
    """The end of an import job.

    Attributes
    ----------
    datastore_id, job_id : str
        IDs of the data store and of the job.
    status : str
        ``COMPLETED`` or ``FAILED``.
    """

    datastore_id: str
    job_id: str
    status: str


def read_event(event: Mapping[str, Any]) -> Optional[ImportEvent]:
    """Return the end of an import job that an event reports; ``None`` for any other event.

    Parameters
    ----------
    event : mapping
        Event of EventBridge.
    """
    detail = event.get("detail")
    if event.get("source") != _SOURCE or not isinstance(detail, Mapping):
        return None
    status = detail.get("jobStatus")
    ids = [str(detail.get(name, "")) for name in ("datastoreId", "jobId")]
    if status not in _ENDED or not all(_ID.fullmatch(one) for one in ids):
        return None
    return ImportEvent(ids[0], ids[1], str(status))


def handle(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Record that an import job has ended; the entry point of the Lambda function.

    A repeated event writes the same object again.

    Parameters
    ----------
    event : mapping
        Event of EventBridge.
    _context : object
        Context of Lambda; not used.

    Returns
    -------
    dict of str
        ``job`` is the ID of the job, empty for an event about something else.

    Raises
    ------
    JobError
        If the staging folder cannot be written: Lambda then delivers the event again.
    UsageError
        If the variable with the staging folder is missing or wrong.
    """
    ended = read_event(event)
    if ended is None:
        return {"job": ""}
    folder = parse_uri(os.environ.get(STAGING_VARIABLE, ""))
    if not folder.on_s3:
        raise UsageError(f"{STAGING_VARIABLE} must be the value of --staging, a folder on S3")
    place = folder.child(ended.datastore_id).child("events").child(ended.job_id)
    try:
        s3_client.get_client().put_object(
            Bucket=place.bucket, Key=place.path, Body=ended.status.encode()
        )
    except Exception as error:  # classes of botocore
        code = error_code(error)
        raise JobError(
            f"the end of an import job cannot be recorded ({code}); "
            + (advise(code) or f"check {STAGING_VARIABLE} and its permissions")
        ) from None
    return {"job": ended.job_id}
