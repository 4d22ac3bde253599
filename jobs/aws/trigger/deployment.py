"""Derive the names of the resources that the trigger uses from the name of a deployment.

The names are those of conf/aws/README.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Optional

from jobs.aws.trigger.batch_table import BatchTable
from jobs.aws.trigger.control_folder import ControlFolder
from jobs.aws.trigger.pending_events import PendingEvents
from jobs.common.aws.clients import get_client, request
from jobs.common.cli.errors import UsageError
from jobs.common.storage.location import Location, parse_uri


@dataclass(frozen=True)
class Deployment:
    """Resources of the trigger.

    Attributes
    ----------
    control : Location
        Folder of pending events and manifests.
    raw_bucket : str
        Bucket of the uploads.
    batches_table : str
        DynamoDB table of the batches.
    queue, dead_letter_queue : str
        Names of the queues.
    """

    control: Location
    raw_bucket: str
    batches_table: str
    queue: str
    dead_letter_queue: str

    @property
    def table(self) -> BatchTable:
        """Return the batches of the trigger."""
        return BatchTable(self.batches_table, self.control.uri)

    @property
    def folder(self) -> ControlFolder:
        """Return the control folder."""
        return ControlFolder(self.control)

    @property
    def pending(self) -> PendingEvents:
        """Return the pending events."""
        return PendingEvents(self.folder)


def find_deployment(
    name: str, control: Optional[str] = None, bucket: Optional[str] = None
) -> Deployment:
    """Return the resources of a deployment in the account of the credentials.

    Parameters
    ----------
    name : str
        Parameter ``Name`` of the deployment.
    control : str, optional
        Control folder (default: that of the deployment).
    bucket : str, optional
        Bucket of the uploads (default: that of the deployment).

    Raises
    ------
    UsageError
        If the control folder is not on S3.
    JobError
        If the account of the credentials cannot be found.
    """
    if not (control and bucket):
        buckets = _bucket_prefix(name)
        control = control or f"s3://{buckets}-control/trigger"
        bucket = bucket or f"{buckets}-raw"
    location = parse_uri(control)
    if not location.on_s3:
        raise UsageError("--control must be a folder on S3; give s3://BUCKET/PREFIX")
    return Deployment(
        location, bucket, f"{name}-batches", f"{name}-uploads", f"{name}-uploads-dead"
    )


def _bucket_prefix(name: str) -> str:
    """Return the beginning of the names of the buckets of a deployment."""
    client = get_client("sts")
    identity = request("the account of the credentials is not known", client.get_caller_identity)
    return f"{name}-{identity['Account']}-{client.meta.region_name}"


@lru_cache(maxsize=8)
def find_queue_url(queue: str) -> str:
    """Return the URL of a queue.

    Parameters
    ----------
    queue : str
        Name of the queue.

    Raises
    ------
    JobError
        If the queue does not exist.
    """
    answer = request(
        f"the queue {queue} cannot be found", get_client("sqs").get_queue_url, QueueName=queue
    )
    return str(answer["QueueUrl"])
